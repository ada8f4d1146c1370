"""`tunnel ...` under an interface."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.tunnel.config import KIND, POINT_TO_POINT, TunnelConfig, Tunnels
from iosemu.features.vrf.config import check_vrf
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_TUNNEL = "protocol-over-protocol tunneling"
_OTHERS = "aurp|cayman|dvmrp|eon|iptalk|ipip|ipsec|ipv6|ipv6ip|mpls|nos|rbscp|udp|vxlan"
_NOT_EMULATED = "\n".join(["Tunnel mode that is not emulated"] * len(_OTHERS.split("|")))


def _tunnel(ctx: Context) -> TunnelConfig:
    """The lines of the interface; other interfaces have no such commands."""
    name: InterfaceName = ctx.target.name
    if name.kind != KIND:
        raise CommandError(at="tunnel")
    return ctx.router.model.block(Tunnels).get(name)


@TABLE.command(
    CONFIG_IF,
    "tunnel source (A.B.C.D$address|INTERFACE$interface)",
    f"{_TUNNEL}\nsource of tunnel packets\nip address\nInterface name",
    no=ARGUMENTS_OPTIONAL,
)
def source(ctx: Context, address: IPv4Address | None = None, interface: InterfaceName | None = None) -> None:
    config = _tunnel(ctx)
    if interface == ctx.target.name and interface is not None:
        raise CommandError("% Tunnel source can not be the same interface")
    config.source = None if ctx.negated else interface or address


@TABLE.command(
    CONFIG_IF,
    "tunnel destination A.B.C.D$address",
    f"{_TUNNEL}\ndestination of tunnel\nip address",
    no=ARGUMENTS_OPTIONAL,
)
def destination(ctx: Context, address: IPv4Address | None = None) -> None:
    _tunnel(ctx).destination = None if ctx.negated else address


@TABLE.command(
    CONFIG_IF,
    "tunnel mode gre (ip|multipoint)$kind",
    f"{_TUNNEL}\ntunnel encapsulation method\ngeneric route encapsulation protocol\nover IP\nover IP (multipoint)",
    no=ARGUMENTS_OPTIONAL,
)
def mode(ctx: Context, kind: str = "ip") -> None:
    _tunnel(ctx).mode = POINT_TO_POINT if ctx.negated else f"gre {kind}"


@TABLE.command(
    CONFIG_IF,
    f"tunnel mode (gre ipv6|({_OTHERS}) [LINE])",
    f"{_TUNNEL}\ntunnel encapsulation method\ngeneric route encapsulation protocol\nover IPv6\n{_NOT_EMULATED}\nMore",
    no=ARGUMENTS_OPTIONAL,
    kept=True,
)
def other_mode(ctx: Context) -> None:
    _tunnel(ctx).mode = POINT_TO_POINT if ctx.negated else ctx.line.removeprefix("tunnel mode ")


@TABLE.command(
    CONFIG_IF,
    "tunnel key <0-4294967295>$key",
    f"{_TUNNEL}\nsecurity or selector key\nkey",
    no=ARGUMENTS_OPTIONAL,
)
def key(ctx: Context, key: int | None = None) -> None:
    _tunnel(ctx).key = None if ctx.negated else key


@TABLE.command(
    CONFIG_IF,
    "tunnel vrf WORD$name",
    f"{_TUNNEL}\nVRF of the tunnel's own packets\nVPN Routing/Forwarding instance name",
    no=ARGUMENTS_OPTIONAL,
)
def vrf(ctx: Context, name: str = "") -> None:
    if not ctx.negated:
        check_vrf(ctx.router.model, name)
    _tunnel(ctx).vrf = "" if ctx.negated else name


@TABLE.command(
    CONFIG_IF, "tunnel checksum", f"{_TUNNEL}\nenable end to end checksumming of packets", no="tunnel checksum"
)
def checksum(ctx: Context) -> None:
    _tunnel(ctx).checksum = not ctx.negated


@TABLE.command(
    CONFIG_IF,
    "tunnel sequence-datagrams",
    f"{_TUNNEL}\ndrop datagrams arriving out of order",
    no="tunnel sequence-datagrams",
)
def sequence(ctx: Context) -> None:
    _tunnel(ctx).sequence = not ctx.negated


@TABLE.command(
    CONFIG_IF, "tunnel tos <0-255>$tos", f"{_TUNNEL}\nset type of sevice byte\nnumber", no=ARGUMENTS_OPTIONAL
)
def tos(ctx: Context, tos: int | None = None) -> None:
    _tunnel(ctx).tos = None if ctx.negated else tos


@TABLE.command(CONFIG_IF, "tunnel ttl <1-255>$ttl", f"{_TUNNEL}\nset time to live\nttl", no=ARGUMENTS_OPTIONAL)
def ttl(ctx: Context, ttl: int | None = None) -> None:
    _tunnel(ctx).ttl = None if ctx.negated else ttl


@TABLE.command(
    CONFIG_IF,
    "tunnel path-mtu-discovery [(age-timer (<10-30>|infinite)|min-mtu <92-65535>)]",
    f"""{_TUNNEL}
    Enable Path MTU Discovery on tunnel
    Set PMTUD aging timer
    Aging time in minutes
    Disable pmtud aging timer
    Min pmtud mtu allowed
    Min PMTU""",
    no=ARGUMENTS_OPTIONAL,
)
def discovery(ctx: Context) -> None:
    words = ctx.line.removeprefix("tunnel path-mtu-discovery").strip()
    _tunnel(ctx).discovery = None if ctx.negated else words
