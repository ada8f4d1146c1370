"""clear crypto gdoi, crypto gdoi ks rekey."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.features.gdoi.member_role import MemberRole
from iosemu.features.gdoi.server_role import ServerRole

TABLE = CommandTable()
QUESTION = "Are you sure you want to proceed ? [yes/no]: "
_CLEAR = "Reset functions\nEncryption subsystem\nClear GDOI state\n"


def clear_gdoi(ctx: Context, name: str | None = None) -> Interaction:
    """Forget all keys and begin again, after a question."""
    yield "% The Key Server and Group Member will destroy created and downloaded policies.\n"
    yield "% All Group Members are required to re-register.\n\n"
    if (yield Ask(QUESTION)) in ("yes", "y"):
        ctx.router.service(ServerRole).clear(name)
        ctx.router.service(MemberRole).clear(name)


TABLE.command(PRIV_EXEC, "clear crypto gdoi [group WORD$name]", _CLEAR + "One group\nGroup name")(clear_gdoi)


@TABLE.command(
    PRIV_EXEC,
    "clear crypto gdoi ks members [now$now] [group WORD$name]",
    _CLEAR + "Key server\nMembers\nRemove at once\nOne group\nGroup name",
)
def clear_members(ctx: Context, now: str | None = None, name: str | None = None) -> Interaction:
    effect = "delete all GMs' keys at once" if now else "shorten all GMs' key lifetimes"
    yield f"% This GM-Removal message will {effect} and cause them to re-register"
    yield ".\n" if now else " before keys expiry.\n"
    if (yield Ask(QUESTION)) in ("yes", "y"):
        ctx.router.service(ServerRole).remove_members(name, bool(now))


@TABLE.command(
    PRIV_EXEC,
    "crypto gdoi ks rekey [group WORD$name] [replace-now$replace]",
    """Encryption related commands
    GDOI commands
    Key server commands
    Send a rekey
    One group
    Group name
    Replace the old keys at once""",
)
def rekey(ctx: Context, name: str | None = None, replace: str | None = None) -> str | None:
    if not ctx.router.service(ServerRole).rekey(name, bool(replace)):
        return "% No key server is configured.\n" if name is None else f"% group {name} doesn't yet exist.\n"
    return None
