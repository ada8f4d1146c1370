"""The way back to a source or an RP: static multicast routes and the unicast table, whichever is nearer."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.pim.config import Rpf
from iosemu.features.multicast.config import MulticastConfig, StaticMroute
from iosemu.router.interfaces import Interface
from iosemu.router.router import Router

_TYPES = {"C": "unicast (connected)", "L": "unicast (connected)", "S": "unicast (static)"}


@dataclass(frozen=True, slots=True)
class Found:
    """Where the way goes, with what `show ip rpf` says of it."""

    interface: Interface
    neighbor: IPv4Address | None
    prefix: IPv4Network
    kind: str
    distance: int


def find_rpf(router: Router, address: IPv4Address) -> Found | None:
    """The way back to an address; of a static multicast route and a unicast one the smaller distance counts."""
    unicast = _unicast(router, address)
    mroutes = [item for item in router.model.block(MulticastConfig).mroutes if address in item.prefix]
    if mroutes:
        best = min(mroutes, key=lambda item: (-item.prefix.prefixlen, item.distance))
        found = _static(router, best) if unicast is None or best.distance <= unicast.distance else None
        if found is not None:
            return found
    return unicast


def rpf_for_engine(router: Router, address: IPv4Address) -> Rpf | None:
    """The same as the engine wants it."""
    found = find_rpf(router, address)
    return Rpf(str(found.interface.name), found.neighbor, found.distance) if found is not None else None


def _unicast(router: Router, address: IPv4Address) -> Found | None:
    routes = router.ip.routes.find(address)
    path = router.ip.routes.lookup(int(address))
    if not routes or path is None:
        return None
    route = routes[0]
    attached = route.code in "CL"
    # Behind a static route that names an interface alone the address itself is the neighbour.
    neighbor = None if attached else path.next_hop or address
    prefix = _connected(path.interface, address) if route.code == "L" else route.prefix
    return Found(path.interface, neighbor, prefix, _TYPES.get(route.code, "unicast"), route.distance)


def _connected(interface: Interface, address: IPv4Address) -> IPv4Network:
    return next((own.network for own in interface.addresses if own.ip == address), IPv4Network(address))


def _static(router: Router, item: StaticMroute) -> Found | None:
    if item.interface is not None:
        interface = router.interfaces.get(item.interface)
        neighbor = None
    else:
        assert item.neighbor is not None
        way = _unicast(router, item.neighbor)
        interface, neighbor = (way.interface, item.neighbor) if way is not None else (None, None)
    if interface is None or not interface.line_up:
        return None
    return Found(interface, neighbor, item.prefix, "multicast (static)", item.distance)
