"""show ipv6 route and neighbors; clear ipv6 neighbors."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface

from iosemu.cli import PRIV_EXEC, USER_EXEC, CommandTable, Context
from iosemu.features.ipv6.config import text6
from iosemu.features.vrf.config import check_vrf
from iosemu.router.neighbors import Neighbor
from iosemu.router.routes import Route6
from iosemu.wire.ethernet import format_mac

TABLE = CommandTable()
_SHOW = "Show running system information\nIPv6 information"
CODES = """\
Codes: C - Connected, L - Local, S - Static, U - Per-user Static route
       B - BGP, R - RIP, H - NHRP, I1 - ISIS L1
       I2 - ISIS L2, IA - ISIS interarea, IS - ISIS summary, D - EIGRP
       EX - EIGRP external, ND - ND Default, NDp - ND Prefix, DCE - Destination
       NDr - Redirect, O - OSPF Intra, OI - OSPF Inter, OE1 - OSPF ext 1
       OE2 - OSPF ext 2, ON1 - OSPF NSSA ext 1, ON2 - OSPF NSSA ext 2
       la - LISP alt, lr - LISP site-registrations, ld - LISP dyn-eid
       a - Application
"""
WORDS = {"C": "connected", "LC": "connected", "L": "local", "S": "static"}


@TABLE.command(
    USER_EXEC,
    "show ipv6 route [vrf WORD$vrf] [(X:X:X:X::X$address|X:X:X:X::X/<0-128>$prefix|(connected|local|static)$kind)]",
    f"""{_SHOW}
    Show IPv6 route table entries
    Display routes from a VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    IPv6 name or address
    IPv6 prefix
    Connected routes
    Local routes
    Static routes""",
)
def show_route(
    ctx: Context, address: IPv6Address | None = None, prefix: str = "", kind: str = "", vrf: str = ""
) -> str:
    check_vrf(ctx.router.model, vrf)
    table = ctx.router.ip6.routes_of(vrf)
    if address is not None or prefix:
        network = IPv6Interface(prefix).network if prefix else None
        found = table.find(address) if address is not None else [one for one in table.routes if one.prefix == network]
        return _detail(found) if found else "% Route not found\n"
    routes = [route for route in table.routes if kind in ("", WORDS[route.code])]
    heading = f"IPv6 Routing Table - {vrf or 'default'} - {len(table.routes)} entries\n{CODES}"
    return heading + "".join(f"{line}\n" for route in routes for line in _lines(route))


def _lines(route: Route6) -> list[str]:
    return [f"{route.code:<3} {text6(route.prefix)} [{route.distance}/0]", f"     via {_where(route)}"]


def _where(route: Route6) -> str:
    words = [text6(route.next_hop)] if route.next_hop is not None else []
    words += [str(route.interface.name)] if route.interface is not None else []
    if route.code in ("L", "LC"):
        words.append("receive")
    elif route.next_hop is None:
        words.append("directly connected")
    return ", ".join(words)


def _detail(found: list[Route6]) -> str:
    route = found[0]
    text = f"Routing entry for {text6(route.prefix)}\n"
    text += f'  Known via "{WORDS[route.code]}", distance {route.distance}, metric 0\n'
    return (
        text
        + "  Route count is 1/1, share count 0\n  Routing paths:\n"
        + "".join(f"    {_where(item)}\n" for item in found)
    )


@TABLE.command(USER_EXEC, "show ipv6 neighbors", f"{_SHOW}\nShow IPv6 neighbor cache entries")
def show_neighbors(ctx: Context) -> str:
    now = ctx.router.clock.now()
    rows = [_neighbor(entry, now) for entry in ctx.router.ip6.neighbors.entries]
    heading = "IPv6 Address                              Age Link-layer Addr State Interface"
    return "".join(f"{row}\n" for row in [heading, *rows])


def _neighbor(entry: Neighbor, now: float) -> str:
    age = int(now - entry.since) // 60 if entry.mac is not None else 0
    mac = format_mac(entry.mac) if entry.mac is not None else "-"
    return f"{text6(entry.address):<39}{age:>6} {mac:<15} {entry.state.value:<5} {entry.interface.name.short}"


@TABLE.command(
    PRIV_EXEC, "clear ipv6 neighbors", "Reset functions\nClear IPv6\nClear entries in the IPv6 neighbor cache"
)
def clear_neighbors(ctx: Context) -> None:
    ctx.router.ip6.neighbors.flush()
