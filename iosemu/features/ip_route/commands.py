"""`ip route`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.cli import CONFIG, CommandError, CommandTable, Context
from iosemu.features.ip_route.config import StaticRoutes, key_of
from iosemu.features.vrf.config import Vrfs
from iosemu.router.names import InterfaceName
from iosemu.router.routes import StaticRoute

TABLE = CommandTable()
_TARGET = "(A.B.C.D$next_hop|INTERFACE$interface [(A.B.C.D$next_hop|dhcp$dhcp)]|dhcp$dhcp)"
_OPTIONS = "[<1-255>$distance] {tag <1-4294967295>$tag|name WORD$name|permanent$permanent|track <1-1000>$track}"


@TABLE.command(
    CONFIG,
    f"ip route [vrf WORD$vrf] A.B.C.D$prefix A.B.C.D$mask {_TARGET} [global$leaks] {_OPTIONS}",
    """Global IP configuration subcommands
    Establish static routes
    Configure static route for a VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    Destination prefix
    Destination prefix mask
    Forwarding router's address
    Interface name
    Forwarding router's address
    Default gateway obtained from DHCP
    Default gateway obtained from DHCP
    Next hop address is global
    Distance metric for this route
    Set tag for this route
    Tag value
    Specify name of the next hop
    Name of the next hop
    Permanent route
    Install route depending on tracked item
    Tracked object number""",
    no=f"ip route [vrf WORD$vrf] A.B.C.D$prefix A.B.C.D$mask [{_TARGET[1:-1]}]",
)
def ip_route(
    ctx: Context,
    prefix: IPv4Address,
    mask: IPv4Address,
    next_hop: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    dhcp: str | None = None,
    distance: int = 1,
    tag: int | None = None,
    name: str | None = None,
    permanent: str | None = None,
    track: int | None = None,
    vrf: str = "",
    leaks: str | None = None,
) -> None:
    if vrf and vrf not in ctx.router.model.block(Vrfs).by_name:
        raise CommandError(f"% VRF {vrf} does not exist")
    try:
        network = IPv4Network(f"{prefix}/{mask}")
    except ValueError:
        raise CommandError("%Inconsistent address and mask") from None
    if int(network.netmask) != int(mask):
        raise CommandError("%Inconsistent address and mask")
    routes = ctx.router.model.block(StaticRoutes).by_key
    if not ctx.negated:
        more = name, tag, bool(permanent), track, bool(dhcp), vrf, bool(leaks)
        route = StaticRoute(network, next_hop, interface, distance, *more)
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
