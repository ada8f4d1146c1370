"""`ip route`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.cli import CONFIG, CommandError, CommandTable, Context
from iosemu.features.ip_route.config import StaticRoutes
from iosemu.router.names import InterfaceName
from iosemu.router.routes import StaticRoute

TABLE = CommandTable()
_TARGET = "(A.B.C.D$next_hop|INTERFACE$interface [A.B.C.D$next_hop])"


@TABLE.command(
    CONFIG,
    f"ip route A.B.C.D$prefix A.B.C.D$mask {_TARGET} [<1-255>$distance] [name WORD$name]",
    """Global IP configuration subcommands
    Establish static routes
    Destination prefix
    Destination prefix mask
    Forwarding router's address
    Interface name
    Forwarding router's address
    Distance metric for this route
    Specify name of the next hop
    Name of the next hop""",
    no=f"ip route A.B.C.D$prefix A.B.C.D$mask [{_TARGET[1:-1]}] [<1-255>$distance] [name WORD$name]",
)
def ip_route(
    ctx: Context,
    prefix: IPv4Address,
    mask: IPv4Address,
    next_hop: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    distance: int = 1,
    name: str | None = None,
) -> None:
    try:
        network = IPv4Network(f"{prefix}/{mask}")
    except ValueError:
        raise CommandError("%Inconsistent address and mask") from None
    if int(network.netmask) != int(mask):
        raise CommandError("%Inconsistent address and mask")
    routes = ctx.router.model.block(StaticRoutes).routes
    same = [
        route
        for route in routes
        if route.prefix == network
        and (next_hop is None or route.next_hop == next_hop)
        and (interface is None or route.interface == interface)
    ]
    if ctx.negated:
        if not same:
            raise CommandError("%No matching route to delete")
        routes[:] = [route for route in routes if route not in same]
        return
    kept = [
        route for route in routes if (route.prefix, route.next_hop, route.interface) != (network, next_hop, interface)
    ]
    routes[:] = [*kept, StaticRoute(network, next_hop, interface, distance, name)]
