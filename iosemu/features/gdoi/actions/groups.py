"""clear crypto gdoi, crypto gdoi ks rekey; each is there by the name of gkm as well."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context, Interaction, yes_or_no
from iosemu.cli.table import Handler
from iosemu.engines.gdoi.config import GM_REMOVAL, POLICY_REPLACE
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.ike.vendor import Version
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.gdoi.shows.feature import has_older

TABLE = CommandTable()
QUESTION = "Are you sure you want to proceed ? [yes/no]: "
WORDS = {"gdoi": "GDOI", "gkm": "GKM"}
_GROUP = "One group\nGroup name"


def _clear(words: str, helps: str) -> Callable[[Handler], Handler]:
    return _action(f"clear crypto {{}} {words}", f"Reset functions\nEncryption subsystem\nClear {{}} state\n{helps}")


def _exec(words: str, helps: str) -> Callable[[Handler], Handler]:
    return _action(f"crypto {{}} {words}", f"Encryption related commands\n{{}} commands\n{helps}")


def _action(spec: str, helps: str) -> Callable[[Handler], Handler]:
    def declare(handler: Handler) -> Handler:
        for word, name in WORDS.items():
            TABLE.command(PRIV_EXEC, spec.format(word), helps.format(name))(handler)
        return handler

    return declare


def check_group(ctx: Context, name: str | None) -> None:
    """A group that is named must be there."""
    if name is not None and name not in ctx.router.model.block(GdoiGroups).groups:
        raise CommandError(f"% group {name} doesn't yet exist.")


@_clear("[group WORD$name]", _GROUP)
def clear_gdoi(ctx: Context, name: str | None = None) -> Interaction:
    """Forget all keys and begin again, after a question."""
    check_group(ctx, name)
    yield "% The Key Server and Group Member will destroy created and downloaded policies.\n"
    yield "% All Group Members are required to re-register.\n\n"
    if (yield from yes_or_no(QUESTION)):
        ctx.router.service(ServerRole).clear(name)
        ctx.router.service(MemberRole).clear(name)


@_clear("ks policy [group WORD$name]", f"Key server\nMake all keys anew\n{_GROUP}")
def clear_policy(ctx: Context, name: str | None = None) -> str:
    check_group(ctx, name)
    led, others = ctx.router.service(ServerRole).led(name)
    ctx.router.service(ServerRole).renew_policy(led)
    return _refusals(others)


def _refusals(groups: list[str]) -> str:
    """What a secondary key server says."""
    text = "ERROR for group {}: can only execute this command on Primary KS\n"
    return "".join(text.format(group) for group in groups)


@_clear("replay counters", "Replay protection\nCounters")
def clear_replay(ctx: Context) -> None:
    for membership in ctx.router.service(MemberRole).memberships.values():
        membership.plane.time.clear()
        membership.member.held.time.errors = 0


@_clear("gm dataplane counters", "Group member\nData plane\nCounters")
def clear_counters(ctx: Context) -> None:
    for membership in ctx.router.service(MemberRole).memberships.values():
        membership.plane.clear_counters()


DIRECTIONS = {
    "optional": SaDirection.INBOUND_OPTIONAL,
    "only": SaDirection.INBOUND_ONLY,
    "both": SaDirection.BOTH,
}


@_exec(
    "gm [group WORD$name] ipsec direction (inbound (optional$way|only$way)|both$way)",
    """Group member commands
    One group
    Group name
    Data SAs
    How they are used
    For receiving
    Send ESP, take clear packets as well
    Send in clear, take both
    Send and take ESP""",
)
def direction(ctx: Context, way: str, name: str | None = None) -> str | None:
    if not ctx.router.service(MemberRole).set_direction(name, DIRECTIONS[way]):
        return "% No group member is configured.\n" if name is None else f"% group {name} doesn't yet exist.\n"
    return None


@_clear("ks members [now$now] [group WORD$name]", f"Key server\nMembers\nRemove at once\n{_GROUP}")
def clear_members(ctx: Context, now: str | None = None, name: str | None = None) -> Interaction:
    check_group(ctx, name)
    led, others = ctx.router.service(ServerRole).led(name)
    yield _refusals(others)
    if others and not led:
        return
    effect = "delete all GMs' keys at once" if now else "shorten all GMs' key lifetimes"
    yield f"% This GM-Removal message will {effect} and cause them to re-register"
    yield ".\n" if now else " before keys expiry.\n"
    text = "some devices cannot support GM-REMOVAL and can cause network disruption."
    yield _warnings(led, GM_REMOVAL, f"{text} Please check 'show crypto gdoi feature'.")
    if (yield from yes_or_no(QUESTION)):
        yield "".join(f"Sending GM-Removal message to group {server.config.group}...\n" for server in led)
        ctx.router.service(ServerRole).remove_members(led, bool(now))


@_exec(
    "ks exclude A.B.C.D$member [group WORD$name]",
    """Key server commands
    Shut one member out, and nobody else
    Address of the member
    One group
    Group name""",
)
def exclude(ctx: Context, member: IPv4Address, name: str | None = None) -> str | None:
    if ctx.router.service(ServerRole).exclude(name, member):
        return None
    return f"% {member} is in no group with a hierarchy of keys (rekey lkh).\n"


@_exec(
    "ks rekey [group WORD$name] [replace-now$replace]",
    """Key server commands
    Send a rekey
    One group
    Group name
    Replace the old keys at once""",
)
def rekey(ctx: Context, name: str | None = None, replace: str | None = None) -> Interaction:
    led, others = ctx.router.service(ServerRole).led(name)
    if not led and not others:
        yield "% No key server is configured.\n" if name is None else f"% group {name} doesn't yet exist.\n"
        return
    yield _refusals(others)
    text = "some devices cannot support POLICY-REPLACE and will not replace policies."
    warnings = _warnings(led, POLICY_REPLACE, text) if replace else ""
    yield warnings
    if not warnings or (yield from yes_or_no(QUESTION)):
        ctx.router.service(ServerRole).rekey(led, bool(replace))


def _warnings(servers: list[KeyServer], since: Version, text: str) -> str:
    """About the groups with members that are older than a version."""
    return "".join(f"WARNING for group {item.config.group}: {text}\n" for item in servers if has_older(item, since))
