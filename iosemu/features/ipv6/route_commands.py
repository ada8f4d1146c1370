"""`ipv6 route`, and the lines that are about the whole router."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.features.ipv6.config import Ipv6, key_of
from iosemu.features.vrf.config import Vrfs
from iosemu.router.names import InterfaceName
from iosemu.router.routes import StaticRoute6

TABLE = CommandTable()
_GLOBAL = "Global IPv6 configuration commands"
_TARGET = "(X:X:X:X::X$next_hop|INTERFACE$interface [X:X:X:X::X$next_hop])"


@TABLE.command(CONFIG, "ipv6 unicast-routing", f"{_GLOBAL}\nEnable unicast routing", no=ARGUMENTS_OPTIONAL)
def unicast_routing(ctx: Context) -> None:
    ctx.router.model.block(Ipv6).unicast_routing = not ctx.negated


@TABLE.command(
    CONFIG, "ipv6 hop-limit <1-255>$limit", f"{_GLOBAL}\nConfigure hop count limit\nLimit", no=ARGUMENTS_OPTIONAL
)
def hop_limit(ctx: Context, limit: int | None = None) -> None:
    ctx.router.model.block(Ipv6).hop_limit = None if ctx.negated else limit


@TABLE.command(
    CONFIG,
    f"ipv6 route [vrf WORD$vrf] X:X:X:X::X/<0-128>$prefix {_TARGET} [<1-254>$distance] "
    "{tag <1-4294967295>$tag|name WORD$name}",
    f"""{_GLOBAL}
    Configure static routes
    Specify IPv6 VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    IPv6 prefix
    IPv6 address of next-hop
    Interface name
    IPv6 address of next-hop
    Administrative distance
    Tag value for this route
    Tag value
    Specify name of the next hop
    Name of the next hop""",
    no=f"ipv6 route [vrf WORD$vrf] X:X:X:X::X/<0-128>$prefix [{_TARGET[1:-1]}]",
)
def ipv6_route(
    ctx: Context,
    prefix: str,
    next_hop: IPv6Address | None = None,
    interface: InterfaceName | None = None,
    distance: int = 1,
    tag: int | None = None,
    name: str | None = None,
    vrf: str = "",
) -> None:
    if vrf and vrf not in ctx.router.model.block(Vrfs).by_name:
        raise CommandError(f"% VRF {vrf} does not exist")
    network = IPv6Interface(prefix).network
    routes = ctx.router.model.block(Ipv6).routes
    if not ctx.negated:
        if next_hop is not None and next_hop.is_link_local and interface is None:
            raise CommandError("% Interface has to be specified for a link-local nexthop")
        route = StaticRoute6(network, next_hop, interface, distance, name, tag, vrf=vrf)
        routes[key_of(route)] = route
        return
    doomed = [
        key
        for key in routes
        if key[:2] == (vrf, network) and next_hop in (None, key[2]) and interface in (None, key[3])
    ]
    if not doomed:
        raise CommandError("%No matching route to delete")
    for key in doomed:
        del routes[key]
