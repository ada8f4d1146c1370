"""clear crypto gdoi, and what is done to single members."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import CommandTable, Context, Interaction, yes_or_no
from iosemu.engines.gdoi.config import GM_REMOVAL
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.features.gdoi.actions.obstacles import not_sent, not_served
from iosemu.features.gdoi.actions.words import GROUP, QUESTION, check_group, clear, execute, not_primary, warnings
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole

TABLE = CommandTable()


@clear(TABLE, "[group WORD$name]", GROUP)
def clear_gdoi(ctx: Context, name: str | None = None) -> Interaction:
    """Forget all keys and begin again, after a question."""
    check_group(ctx, name)
    yield "% The Key Server and Group Member will destroy created and downloaded policies.\n"
    yield "% All Group Members are required to re-register.\n\n"
    if (yield from yes_or_no(QUESTION)):
        ctx.router.service(ServerRole).clear(name)
        ctx.router.service(MemberRole).clear(name)


@clear(TABLE, "ks policy [group WORD$name]", f"Key server\nMake all keys anew\n{GROUP}")
def clear_policy(ctx: Context, name: str | None = None) -> str:
    check_group(ctx, name)
    led, others = ctx.router.service(ServerRole).led(name)
    # Where nobody has registered, nobody needs to be told.
    refusals = not_sent((server for server in led if server.members), "rekey")
    ctx.router.service(ServerRole).renew_policy(led)
    return not_primary(others) + refusals


@clear(TABLE, "replay counters", "Replay protection\nCounters")
def clear_replay(ctx: Context) -> None:
    for membership in ctx.router.service(MemberRole).memberships.values():
        membership.plane.time.clear()
        membership.member.held.time.errors = 0


@clear(TABLE, "gm dataplane counters", "Group member\nData plane\nCounters")
def clear_counters(ctx: Context) -> None:
    for membership in ctx.router.service(MemberRole).memberships.values():
        membership.plane.clear_counters()


DIRECTIONS = {
    "optional": SaDirection.INBOUND_OPTIONAL,
    "only": SaDirection.INBOUND_ONLY,
    "both": SaDirection.BOTH,
}


@execute(
    TABLE,
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


REMOVAL = "GM-Removal message"


@clear(TABLE, "ks members [now$now] [group WORD$name]", f"Key server\nMembers\nRemove at once\n{GROUP}")
def clear_members(ctx: Context, now: str | None = None, name: str | None = None) -> Interaction:
    """Where nobody can be told, nothing is changed: members would go on with keys that the key server has forgotten."""
    check_group(ctx, name)
    yield not_served(ctx, name, REMOVAL)
    led, others = ctx.router.service(ServerRole).led(name)
    yield not_primary(others) + not_sent(led, REMOVAL)
    told = [server for server in led if server.pushes.possible]
    if not told:
        return
    effect = "delete all GMs' keys at once" if now else "shorten all GMs' key lifetimes"
    yield f"% This {REMOVAL} will {effect} and cause them to re-register"
    yield ".\n" if now else " before keys expiry.\n"
    text = "some devices cannot support GM-REMOVAL and can cause network disruption."
    yield warnings(told, GM_REMOVAL, f"{text} Please check 'show crypto gdoi feature'.")
    if (yield from yes_or_no(QUESTION)):
        yield "".join(f"Sending {REMOVAL} to group {server.config.group}...\n" for server in told)
        ctx.router.service(ServerRole).remove_members(told, bool(now))


@execute(
    TABLE,
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
