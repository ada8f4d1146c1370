"""`ip nhrp ...` under an interface, and `logging dmvpn`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.nhrp.config import HOST_MASK, REDIRECT_TIMEOUT, Nhrp, NhrpLines, NhsLine

TABLE = CommandTable()
_NHRP = "Interface Internet Protocol config commands\nNHRP interface subcommands"
LONGEST_STRING = 8


def _of(ctx: Context) -> NhrpLines:
    return ctx.router.model.block(Nhrp).get(ctx.target.name)


@TABLE.command(
    CONFIG_IF,
    "ip nhrp authentication WORD$text",
    f"{_NHRP}\nAuthentication string\nString for authentication",
    no=ARGUMENTS_OPTIONAL,
)
def authentication(ctx: Context, text: str | None = None) -> None:
    if not ctx.negated and len(text or "") > LONGEST_STRING:
        raise CommandError(f"% NHRP: authentication string is longer than {LONGEST_STRING} characters")
    _of(ctx).authentication = None if ctx.negated else text


@TABLE.command(
    CONFIG_IF,
    "ip nhrp network-id <1-4294967295>$number",
    f"{_NHRP}\nNBMA network identifier\nNetwork identifier",
    no=ARGUMENTS_OPTIONAL,
)
def network_id(ctx: Context, number: int | None = None) -> None:
    _of(ctx).network_id = None if ctx.negated else number


@TABLE.command(
    CONFIG_IF,
    "ip nhrp holdtime <1-65535>$seconds",
    f"{_NHRP}\nAdvertised holdtime\nNumber of seconds",
    no=ARGUMENTS_OPTIONAL,
)
def holdtime(ctx: Context, seconds: int | None = None) -> None:
    _of(ctx).holdtime = None if ctx.negated else seconds


@TABLE.command(
    CONFIG_IF,
    "ip nhrp registration timeout <1-65535>$seconds",
    f"{_NHRP}\nSettings for registrations\nRegistration timeout\nNumber of seconds between registrations",
    no=ARGUMENTS_OPTIONAL,
)
def registration_timeout(ctx: Context, seconds: int | None = None) -> None:
    _of(ctx).registration_timeout = None if ctx.negated else seconds


@TABLE.command(
    CONFIG_IF,
    "ip nhrp registration no-unique",
    f"{_NHRP}\nSettings for registrations\nUnique flag is not set",
    no="ip nhrp registration no-unique",
)
def no_unique(ctx: Context) -> None:
    _of(ctx).unique = ctx.negated


@TABLE.command(
    CONFIG_IF,
    "ip nhrp map A.B.C.D$address [A.B.C.D$mask] A.B.C.D$nbma",
    f"{_NHRP}\nMap destination addresses to NBMA addresses\nDestination address\nMask of a network\nNBMA address",
    no="ip nhrp map A.B.C.D$address A.B.C.D$nbma",
)
def static_map(
    ctx: Context, address: IPv4Address, nbma: IPv4Address | None = None, mask: IPv4Address = HOST_MASK
) -> None:
    try:
        target = IPv4Network(f"{address}/{mask}", strict=False)
    except ValueError:
        raise CommandError("%Inconsistent address and mask") from None
    maps = _of(ctx).maps
    if ctx.negated:
        maps.pop(target, None)
    elif nbma is not None:
        maps[target] = nbma


@TABLE.command(
    CONFIG_IF,
    "ip nhrp map multicast (dynamic|A.B.C.D$nbma)",
    f"""{_NHRP}
    Map destination addresses to NBMA addresses
    Use this NBMA mapping for all broadcasts
    Dynamically learn destinations from client registrations on hub
    NBMA address""",
    no="ip nhrp map multicast (dynamic|A.B.C.D$nbma)",
)
def multicast_map(ctx: Context, nbma: IPv4Address | None = None) -> None:
    found = _of(ctx).multicast
    if nbma in found and ctx.negated:
        found.remove(nbma)
    elif nbma not in found and not ctx.negated:
        found.append(nbma)


@TABLE.command(
    CONFIG_IF,
    "ip nhrp nhs A.B.C.D$address [nbma A.B.C.D$nbma [multicast$multicast]]"
    " [priority <0-255>$priority] [cluster <0-10>$cluster]",
    f"""{_NHRP}
    Next hop server
    IP address of next hop server
    NBMA address of the server
    NBMA address
    Use this NBMA mapping for all broadcasts
    Priority of the server
    Lower is preferred
    Cluster that the server is in
    Cluster number""",
    no="ip nhrp nhs A.B.C.D$address",
)
def server(
    ctx: Context,
    address: IPv4Address,
    nbma: IPv4Address | None = None,
    multicast: str | None = None,
    priority: int = 0,
    cluster: int = 0,
) -> None:
    servers = _of(ctx).servers
    if ctx.negated:
        servers.pop(address, None)
    else:
        servers[address] = NhsLine(address, nbma, bool(multicast), priority, cluster)


@TABLE.command(CONFIG_IF, "ip nhrp server-only", f"{_NHRP}\nDisable NHRP requests", no="ip nhrp server-only")
def server_only(ctx: Context) -> None:
    _of(ctx).server_only = not ctx.negated


@TABLE.command(CONFIG_IF, "ip nhrp shortcut", f"{_NHRP}\nEnable shortcut switching", no="ip nhrp shortcut")
def shortcut(ctx: Context) -> None:
    _of(ctx).shortcut = not ctx.negated


@TABLE.command(
    CONFIG_IF,
    "ip nhrp redirect [timeout <2-30>$seconds]",
    f"{_NHRP}\nEnable NHRP redirect traffic indication\nInterval between redirects\nSeconds",
    no=ARGUMENTS_OPTIONAL,
)
def redirect(ctx: Context, seconds: int = REDIRECT_TIMEOUT) -> None:
    _of(ctx).redirect = None if ctx.negated else seconds


@TABLE.command(
    CONFIG,
    "logging dmvpn [rate-limit <1-10000>$limit]",
    "Modify message logging facilities\nDMVPN Configuration\nLimit of messages\nMessages per minute",
    no=ARGUMENTS_OPTIONAL,
)
def logging_dmvpn(ctx: Context, limit: int | None = None) -> None:
    block = ctx.router.model.block(Nhrp)
    block.logging, block.rate_limit = not ctx.negated, None if ctx.negated else limit
