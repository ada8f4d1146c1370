"""Which of its addresses the router speaks from, in IPv6 (RFC 6724 section 5)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address

from iosemu.router.interfaces import Interface, InterfaceTable
from iosemu.router.own_addresses import OwnAddresses
from iosemu.router.routes import RoutingTable6
from iosemu.router.vrf import GLOBAL


def is_on_link(address: IPv6Address) -> bool:
    """Whether an address means something on one link only, so that no route leads to it."""
    return address.is_link_local or (address.is_multicast and address.packed[1] & 0x0F <= 2)


class SourceAddresses:
    """Chooses the source of packets of ours. `own` knows which addresses may be used; `routes_of` is asked for the
    routing table of an instance, `is_local` whether an address is ours."""

    def __init__(
        self,
        interfaces: InterfaceTable,
        own: OwnAddresses,
        routes_of: Callable[[str], RoutingTable6],
        is_local: Callable[[IPv6Address, str], bool],
    ) -> None:
        self._interfaces = interfaces
        self._own = own
        self._routes_of = routes_of
        self._is_local = is_local

    def towards(
        self, destination: IPv6Address, vrf: str = GLOBAL, interface: Interface | None = None
    ) -> IPv6Address | None:
        """The address for packets to a destination: of those of the interface that leads there the one most like the
        destination. The interface must be given where the destination is on a link."""
        if self._is_local(destination, vrf):
            return destination
        if not is_on_link(destination):
            path = self._routes_of(vrf).lookup(int(destination))
            interface = path.interface if path is not None else None
        if interface is None or interface.link_local is None:
            return None
        others = (item for item in self._interfaces if item.vrf == vrf and item is not interface)
        if not is_on_link(destination) and not self._usable(interface):
            interface = next((item for item in others if self._usable(item)), interface)
        return self.on(interface, destination)

    def on(self, interface: Interface, destination: IPv6Address) -> IPv6Address | None:
        """The address of an interface that is most like a destination."""
        own = self._usable(interface)
        if interface.link_local is not None and (is_on_link(destination) or not own):
            own = [interface.link_local] if self._own.is_valid(interface, interface.link_local) else []
        return min(own, key=lambda address: int(address) ^ int(destination), default=None)

    def of_error(self, destination: IPv6Address, interface: Interface) -> IPv6Address | None:
        """The address for an error about a packet that came in on an interface."""
        return self.towards(destination, interface.vrf, interface) or next(iter(self._usable(interface)), None)

    def _usable(self, interface: Interface) -> list[IPv6Address]:
        """The addresses of larger scope."""
        return [item.ip for item in interface.addresses6 if self._own.is_valid(interface, item.ip)]
