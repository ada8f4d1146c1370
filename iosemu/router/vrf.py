"""A VPN routing and forwarding instance: routes and addresses that other instances do not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from iosemu.router.interfaces import Interface
from iosemu.router.routes import RoutingTable, StaticRoute

ALL_ONES = 0xFFFFFFFF
# The name of the instance that every interface is in which was not put into another one.
GLOBAL = ""


@dataclass(slots=True)
class Vrf:
    """`local` has the own addresses that are up, `broadcasts` those of their networks, both as numbers."""

    routes: RoutingTable = field(default_factory=RoutingTable)
    local: set[int] = field(default_factory=set)
    broadcasts: set[int] = field(default_factory=lambda: {ALL_ONES})

    def rebuild(
        self, members: list[Interface], all_interfaces: list[Interface], statics: Iterable[StaticRoute]
    ) -> None:
        """Derive everything from the interfaces as they are now."""
        addresses = [address for interface in members if interface.line_up for address in interface.addresses]
        self.local = {int(address.ip) for address in addresses}
        self.broadcasts = {ALL_ONES} | {
            int(address.network.broadcast_address) for address in addresses if address.network.prefixlen < 31
        }
        self.routes.rebuild(members, statics, all_interfaces)
