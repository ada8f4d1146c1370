"""show ip route, show arp, clear arp."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.cli import PRIV_EXEC, USER_EXEC, CommandError, CommandTable, Context
from iosemu.features.vrf.config import Vrfs
from iosemu.router.calendar import format_uptime
from iosemu.router.routes import SHORTCUT, Route, RoutingTable
from iosemu.wire.ethernet import format_mac

TABLE = CommandTable()
_BLANK = " "
CODES = f"""\
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area{_BLANK}
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       o - ODR, P - periodic downloaded static route, H - NHRP, l - LISP
       a - application route
       + - replicated route, % - next hop override, p - overrides from PfR

"""
DEFAULT = IPv4Network("0.0.0.0/0")
# What a router says of its paths, and of the octets that a route takes.
MAXIMUM_PATHS, OVERHEAD, MEMORY = 32, 96, 288
WORDS = {"C": "connected", "L": "connected", "S": "static", "H": "nhrp"}


@TABLE.command(
    USER_EXEC,
    "show ip route [vrf WORD$vrf] [A.B.C.D$address [A.B.C.D$mask [longer-prefixes$longer]]]",
    """Show running system information
    IP information
    IP routing table
    Display routes from a VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    Network to display information about
    Network mask
    Show route matching the specified Network/Mask pair only""",
)
def show_ip_route(
    ctx: Context,
    address: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    longer: str | None = None,
    vrf: str = "",
) -> str:
    table, heading = _table(ctx, vrf)
    if address is None:
        return heading + _above(table) + _text(ctx, table)
    wanted = _network(address, mask)
    if longer:
        return heading + _above(table) + _text(ctx, table, within=wanted)
    found = table.find(address) if mask is None else [route for route in table.routes if route.prefix == wanted]
    if found:
        return heading + _detail(found)
    major = _classful(wanted)
    known = any(route.prefix.subnet_of(major) for route in table.routes)
    return "% Subnet not in table\n" if known else "% Network not in table\n"


def _network(address: IPv4Address, mask: IPv4Address | None) -> IPv4Network:
    """The network of an address; without a mask the address alone. Raises CommandError."""
    try:
        return IPv4Network((address, str(mask) if mask is not None else 32), strict=False)
    except ValueError:
        raise CommandError(at=str(mask)) from None


@TABLE.command(
    USER_EXEC,
    "show ip route [vrf WORD$vrf] (connected|local|nhrp|static)$kind",
    """Show running system information
    IP information
    IP routing table
    Display routes from a VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    Connected routes
    Local routes
    Next Hop Resolution Protocol routes
    Static routes""",
)
def show_ip_route_kind(ctx: Context, kind: str, vrf: str = "") -> str:
    table, heading = _table(ctx, vrf)
    return heading + _above(table) + _text(ctx, table, SHORTCUT if kind == "nhrp" else kind[0].upper())


def _table(ctx: Context, vrf: str) -> tuple[RoutingTable, str]:
    """The table of a routing instance, and what stands over it; raises CommandError."""
    if vrf and vrf not in ctx.router.model.block(Vrfs).by_name:
        raise CommandError(f"% IP routing table vrf {vrf} does not exist")
    return ctx.router.ip.routes_of(vrf), f"\nRouting Table: {vrf}\n" if vrf else ""


def _above(table: RoutingTable) -> str:
    """The codes and the default route."""
    default = next((route for route in table.routes if route.prefix == DEFAULT), None)
    if default is not None and default.next_hop is not None:
        gateway = f"Gateway of last resort is {default.next_hop} to network 0.0.0.0"
    else:
        gateway = "Gateway of last resort is not set"
    return f"{CODES}{gateway}\n\n"


def _text(ctx: Context, table: RoutingTable, code: str = "", within: IPv4Network = DEFAULT) -> str:
    """The table with the ages that it has now."""
    return "".join(f"{line}\n" for line in _Printer(table, ctx.router.clock.now()).lines(code, within))


@TABLE.command(
    USER_EXEC,
    "show ip route [vrf WORD$vrf] summary",
    """Show running system information
    IP information
    IP routing table
    Display routes from a VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    Summary of all routes""",
)
def show_ip_route_summary(ctx: Context, vrf: str = "") -> str:
    routes = ctx.router.ip.routes_of(vrf).routes
    rows = [
        f"IP routing table name is {vrf or 'default'} (0x{1 if vrf else 0:x})",
        f"IP routing table maximum-paths is {MAXIMUM_PATHS}",
        f"{'Route Source':<16}{'Networks':<12}{'Subnets':<12}{'Replicates':<12}{'Overhead':<12}Memory (bytes)",
    ]
    counts = [0, 0]
    for word, codes in (("connected", "CL"), ("static", "S"), ("internal", "")):
        own = {route.prefix for route in routes if route.code in codes}
        networks = sum(prefix in (_classful(prefix), DEFAULT) for prefix in own)
        if word == "internal":
            networks = len({_classful(route.prefix) for route in routes if route.prefix != _classful(route.prefix)})
        subnets = len(own) - networks if codes else 0
        counts = [counts[0] + networks, counts[1] + subnets]
        rows.append(_summary(word, networks, subnets))
    return "".join(f"{row}\n" for row in [*rows, _summary("Total", *counts)])


def _summary(word: str, networks: int, subnets: int) -> str:
    size = networks + subnets
    sizes = f"{0:<12}{size * OVERHEAD:<12}{size * MEMORY}"
    return f"{word:<16}{networks:<12}{subnets:<12}{sizes}"


def _classful(network: IPv4Network) -> IPv4Network:
    first = int(network.network_address) >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    return network.supernet(new_prefix=length) if network.prefixlen > length else network


class _Printer:
    """Prints a routing table at a time."""

    def __init__(self, table: RoutingTable, now: float) -> None:
        self._table = table
        self._now = now

    def lines(self, code: str = "", within: IPv4Network = DEFAULT) -> list[str]:
        """The routes by classful network; with a code or a network its routes alone, under the headings of them all."""
        lines: list[str] = []
        groups: dict[IPv4Network, list[Route]] = {}
        for route in self._table.routes:
            groups.setdefault(DEFAULT if route.prefix == DEFAULT else _classful(route.prefix), []).append(route)
        for major, members in sorted(groups.items()):
            shown = [route for route in members if code in ("", route.code) and route.prefix.subnet_of(within)]
            if shown:
                lines += self._group(major, {route.prefix for route in members}, shown)
        return lines

    def _group(self, major: IPv4Network, prefixes: set[IPv4Network], shown: list[Route]) -> list[str]:
        lengths = {prefix.prefixlen for prefix in prefixes}
        if prefixes == {major}:
            return [self._line(route, 6, str(route.prefix)) for route in shown]
        if len(lengths) == 1:
            heading = f"      {major.network_address}/{lengths.pop()} is subnetted, {len(prefixes)} subnets"
            return [heading, *(self._line(route, 9, str(route.prefix.network_address)) for route in shown)]
        heading = f"      {major} is variably subnetted, {len(prefixes)} subnets, {len(lengths)} masks"
        return [heading, *(self._line(route, 9, str(route.prefix)) for route in shown)]

    def _line(self, route: Route, column: int, prefix: str) -> str:
        code = "S*" if route.prefix == DEFAULT else route.code
        if route.prefix in self._table.overrides:
            code = f"{code:<4}%"
        if route.next_hop is None:
            assert route.interface is not None
            where = f"is directly connected, {route.interface.name}"
        else:
            where = f"[{route.distance}/{route.metric}] via {route.next_hop}"
            where += f", {format_uptime(self._now - route.since)}" if route.since is not None else ""
            where += f", {route.interface.name}" if route.interface else ""
        return f"{code:<{column}}{prefix} {where}" if len(code) < column else f"{code}{prefix} {where}"


def _detail(found: list[Route]) -> str:
    route = found[0]
    known = WORDS[route.code]
    extra = ", via interface" if route.code == "C" else ""
    text = f'Routing entry for {route.prefix}\n  Known via "{known}", distance {route.distance}, metric 0'
    text += f" (connected{extra})\n" if known == "connected" else "\n"
    text += "  Routing Descriptor Blocks:\n"
    for item in found:
        where = f"directly connected, via {item.interface.name}" if not item.next_hop and item.interface else None
        text += f"  * {where or item.next_hop}\n      Route metric is 0, traffic share count is 1\n"
    return text


def show_arp(ctx: Context, vrf: str = "") -> str:
    lines = ["Protocol  Address          Age (min)  Hardware Addr   Type   Interface"]
    rows: list[tuple[IPv4Address, str]] = []
    for interface in ctx.router.interfaces:
        own = interface.vrf == vrf
        if own and interface.line_up and interface.port and interface.port.framing == "ethernet":
            rows += [
                (item.ip, _row(str(item.ip), "-", format_mac(interface.mac), interface)) for item in interface.addresses
            ]
    now = ctx.router.clock.now()
    for entry in ctx.router.ip.arp.entries:
        if entry.interface.vrf != vrf:
            continue
        age = str(int(now - entry.learned_at) // 60) if entry.mac else "0"
        if entry.mac is None:
            rows.append((entry.address, f"Internet  {entry.address!s:<16} {age:>9}  Incomplete      ARPA"))
        else:
            rows.append((entry.address, _row(str(entry.address), age, format_mac(entry.mac), entry.interface)))
    return "\n".join(lines + [row for _, row in sorted(rows)]) + "\n"


def _row(address: str, age: str, mac: str, interface: object) -> str:
    name = getattr(interface, "name", "")
    return f"Internet  {address:<16} {age:>9}  {mac:<15} ARPA   {name}"


TABLE.command(USER_EXEC, "show arp", "Show running system information\nARP table")(show_arp)
TABLE.command(
    USER_EXEC,
    "show ip arp [vrf WORD$vrf]",
    "Show running system information\nIP information\nIP ARP table\nARP of a VPN Routing/Forwarding instance\nName",
)(show_arp)


@TABLE.command(PRIV_EXEC, "clear arp-cache", "Reset functions\nClear the entire ARP cache")
def clear_arp(ctx: Context) -> None:
    ctx.router.ip.arp.flush()


@TABLE.command(
    PRIV_EXEC,
    "clear ip route (*|A.B.C.D)",
    "Reset functions\nIP\nDelete route table entries\nDelete all routes\nDestination network route to delete",
)
def clear_route(ctx: Context) -> None:
    """Connected and static routes come back at once."""
    ctx.router.ip.refresh()
