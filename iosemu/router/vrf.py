"""A VPN routing and forwarding instance: routes and addresses that other instances do not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.routes import Route, Route6, RoutingTable, RoutingTable6, StaticRoute, StaticRoute6

ALL_ONES = 0xFFFFFFFF
# The name of the instance that every interface is in which was not put into another one.
GLOBAL = ""
# Exists without configuration, and swallows packets.
NULL = InterfaceName("Null", "0")
_GROUPS = IPv6Network("ff00::/8")


@dataclass(slots=True)
class Vrf:
    """The IPv4 of an instance. `local` has the own addresses that are up, `broadcasts` those of their networks, both as
    numbers."""

    routes: RoutingTable = field(default_factory=RoutingTable)
    local: set[int] = field(default_factory=set)
    broadcasts: set[int] = field(default_factory=lambda: {ALL_ONES})

    def rebuild(
        self, members: list[Interface], all_interfaces: list[Interface], statics: Iterable[StaticRoute]
    ) -> None:
        """Derive everything from the interfaces as they are now."""
        own = [(interface, address) for interface in members if interface.line_up for address in interface.addresses]
        self.local = {int(address.ip) for _, address in own}
        self.broadcasts = {ALL_ONES} | {
            int(address.network.broadcast_address) for _, address in own if address.network.prefixlen < 31
        }
        connected = [Route("C", address.network, interface) for interface, address in own]
        connected += [
            Route("L", IPv4Network(address.ip), interface)
            for interface, address in own
            if address.network.prefixlen < 32
        ]
        self.routes.rebuild(connected, statics, all_interfaces)


@dataclass(slots=True)
class Vrf6:
    """The IPv6 of an instance. `local` has the own addresses that are up as numbers, without those of a single link."""

    routes: RoutingTable6 = field(default_factory=RoutingTable6)
    local: set[int] = field(default_factory=set)

    def rebuild(
        self,
        members: list[Interface],
        all_interfaces: list[Interface],
        statics: Iterable[StaticRoute6],
        null: Interface | None,
    ) -> None:
        """Derive everything from the interfaces as they are now; what goes nowhere leads out of `null`."""
        up = [interface for interface in members if interface.line_up]
        own = [(interface, address) for interface in up for address in interface.addresses6]
        self.local = {int(address.ip) for _, address in own}
        connected = [
            Route6("LC" if address.network.prefixlen == 128 else "C", address.network, interface)
            for interface, address in own
        ]
        connected += [
            Route6("L", IPv6Network(address.ip), interface)
            for interface, address in own
            if address.network.prefixlen < 128
        ]
        if null is not None and any(interface.link_local for interface in up):
            connected.append(Route6("L", _GROUPS, null))
        self.routes.rebuild(connected, statics, all_interfaces)
