"""What an NHRP engine gets to know: its configuration from the model, and the routing table as it sees it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.nhrp.cache import host_of
from iosemu.engines.nhrp.config import HOLDING_TIME, Location, NhrpConfig, Server, StaticMap
from iosemu.features.nhrp.config import REDIRECT_TIMEOUT, Nhrp
from iosemu.features.tunnel.port import TunnelPort
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router

# What a tunnel announces as its MTU: the largest packet of all less what stands in front of it.
LARGEST = 17940


def configuration(router: Router, name: InterfaceName, port: TunnelPort) -> NhrpConfig | None:
    """The configuration of an interface's station; None where there can be none: without a network, an address or a
    tunnel that is up."""
    lines = router.model.block(Nhrp).by_name.get(name)
    interface, transport = port.interface, port.transport
    if lines is None or lines.network_id is None or transport is None:
        return None
    if not interface.line_up or not interface.addresses:
        return None
    maps = dict(lines.maps)
    multicast = [item for item in lines.multicast if item is not None]
    for server in lines.servers.values():
        # A tunnel with one other end needs no map of it.
        nbma = server.nbma or transport.destination
        if nbma is not None:
            maps.setdefault(host_of(server.address), nbma)
        if server.nbma is not None and server.multicast:
            multicast.append(server.nbma)
    return NhrpConfig(
        interface.addresses[0].ip,
        interface.addresses[0].network,
        transport.source,
        lines.network_id,
        LARGEST - transport.overhead,
        lines.authentication,
        lines.holdtime or HOLDING_TIME,
        lines.registration_timeout,
        lines.unique,
        tuple(Server(item.address, item.priority, item.cluster) for item in lines.servers.values()),
        tuple(StaticMap(target, nbma) for target, nbma in maps.items()),
        tuple(multicast),
        None in lines.multicast,
        lines.redirect is not None,
        lines.redirect or REDIRECT_TIMEOUT,
        lines.shortcut,
        lines.server_only,
    )


def locate(router: Router, interface: Interface, address: IPv4Address) -> Location | None:
    """Where the routing table says that an address is, as seen from a tunnel interface."""
    ip = router.ip
    if ip.is_local(address, interface.vrf):
        return Location(host_of(address))
    table = ip.routes_of(interface.vrf)
    found, path = table.find(address), table.lookup(int(address))
    if not found or path is None:
        return None
    prefix: IPv4Network = found[0].prefix
    return Location(prefix, path.next_hop or address) if path.interface is interface else Location(prefix)
