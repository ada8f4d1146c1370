"""The lines of `redundancy`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.cli.modes import Mode
from iosemu.engines.coop.config import MAXIMUM_SERVERS
from iosemu.features.gdoi.configuration.config import LOCAL_SERVER
from iosemu.features.gdoi.configuration.redundancy import DEFAULT_PRIORITY, Redundancy

REDUNDANCY = Mode("gdoi-coop-ks-config", "(gdoi-coop-ks-config)", "GDOI COOP KS commands:", LOCAL_SERVER)
NO_HIERARCHY = (
    "% WARNING: rekey lkh has no effect in a group with redundancy: key servers do not share a hierarchy of keys.\n"
)
TABLE = CommandTable()
_PROTOCOL = "Protocol of the key servers\n"


@TABLE.command(LOCAL_SERVER, "redundancy", "Cooperate with other key servers", no=ARGUMENTS_OPTIONAL)
def redundancy(ctx: Context) -> str | None:
    if ctx.negated:
        ctx.target.redundancy = None
        return None
    ctx.target.redundancy = ctx.target.redundancy or Redundancy()
    ctx.enter(REDUNDANCY, ctx.target.redundancy)
    return NO_HIERARCHY if ctx.target.lkh else None


@TABLE.command(
    REDUNDANCY,
    "local priority <1-255>$priority",
    "This key server\nPriority in elections\nPriority, the highest one wins",
    no=ARGUMENTS_OPTIONAL,
)
def local_priority(ctx: Context, priority: int = DEFAULT_PRIORITY) -> None:
    ctx.target.priority = DEFAULT_PRIORITY if ctx.negated else priority


@TABLE.command(
    REDUNDANCY,
    "peer address ipv4 A.B.C.D$address",
    "Another key server of the group\nBy address\nIPv4 address\nAddress of the key server",
    no="peer address ipv4 A.B.C.D$address",
)
def peer(ctx: Context, address: IPv4Address) -> None:
    peers: list[IPv4Address] = ctx.target.peers
    if ctx.negated:
        peers[:] = [item for item in peers if item != address]
    elif address not in peers:
        if len(peers) + 1 >= MAXIMUM_SERVERS:
            raise CommandError(f"% A group has at most {MAXIMUM_SERVERS} key servers.\n")
        peers.append(address)


@TABLE.command(
    REDUNDANCY,
    "protocol version (base|optimize)$version",
    _PROTOCOL + "Form of the announcements\nUp to 4000 members\nUp to 8000 members",
    no=ARGUMENTS_OPTIONAL,
)
def protocol_version(ctx: Context, version: str | None = None) -> None:
    ctx.target.version = None if ctx.negated else version


@TABLE.command(
    REDUNDANCY,
    "protocol pdu <1-65000>$octets",
    _PROTOCOL + "Size of the largest message\nOctets",
    no=ARGUMENTS_OPTIONAL,
)
def protocol_pdu(ctx: Context, octets: int | None = None) -> None:
    ctx.target.pdu = None if ctx.negated else octets


@TABLE.command(
    REDUNDANCY,
    "protocol timeout (periodic$which|refresh$which) <1-3600>$seconds",
    _PROTOCOL + "Timers\nHow long a secondary waits for its primary\nHow often the primary announces\nSeconds",
    no="protocol timeout (periodic$which|refresh$which) [<1-3600>$seconds]",
)
def protocol_timeout(ctx: Context, which: str, seconds: int | None = None) -> None:
    setattr(ctx.target, which, None if ctx.negated else seconds)


@TABLE.command(
    REDUNDANCY,
    "protocol retransmit <0-10>$number",
    _PROTOCOL + "How often a silent primary is asked\nNumber of questions",
    no=ARGUMENTS_OPTIONAL,
)
def protocol_retransmit(ctx: Context, number: int | None = None) -> None:
    ctx.target.retransmits = None if ctx.negated else number
