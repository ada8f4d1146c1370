"""Neighbour discovery on the router's interfaces: what is asked, answered and announced (RFC 4861)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from iosemu.router.interfaces import Interface
from iosemu.router.own_addresses import Standing
from iosemu.wire import icmpv6
from iosemu.wire.errors import WireError
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.ipv6 import Packet6
from iosemu.wire.neighbor import (
    ALL_NODES,
    HOP_LIMIT,
    NeighborMessage,
    RouterAdvertisement,
    RouterSolicitation,
    solicited_node,
)

if TYPE_CHECKING:
    from iosemu.router.ip6 import Ip6Stack

_UNSPECIFIED = IPv6Address(0)
_KINDS = range(icmpv6.ROUTER_SOLICITATION, icmpv6.REDIRECT + 1)


class Discovery:
    """Speaks for the stack that it belongs to."""

    def __init__(self, stack: Ip6Stack) -> None:
        self._stack = stack
        # Who hears in words of what is asked and answered.
        self.watchers: list[Callable[[str], None]] = []

    def receive(self, packet: Packet6, message: Icmp6Message, interface: Interface) -> bool:
        """Take a message, where it is one of neighbour discovery. One that came through a router is dropped; raises
        WireError when it is malformed."""
        if message.kind not in _KINDS:
            return False
        if packet.hop_limit != HOP_LIMIT:
            raise WireError("neighbour discovery from another link")
        if message.kind == icmpv6.NEIGHBOR_SOLICITATION:
            self._asked(packet, NeighborMessage.parse(message), interface)
        elif message.kind == icmpv6.NEIGHBOR_ADVERTISEMENT:
            self._told(packet, NeighborMessage.parse(message), interface)
        elif message.kind == icmpv6.ROUTER_SOLICITATION:
            self._stack.neighbors.heard(interface, packet.source, RouterSolicitation.parse(message).link_address)
            self._stack.advertiser.solicited(interface)
        elif message.kind == icmpv6.ROUTER_ADVERTISEMENT:
            mac = RouterAdvertisement.parse(message).link_address
            neighbor = self._stack.neighbors.heard(interface, packet.source, mac)
            if neighbor is not None:
                neighbor.router = True
        # Redirects are for hosts (RFC 4861 section 8.2).
        return True

    # What is sent

    def solicit(self, interface: Interface, target: IPv6Address, destination: IPv6Address) -> None:
        """Ask for a neighbour's MAC address."""
        own = self._stack.sources.towards(destination, interface.vrf, interface)
        if own is not None:
            self._tell(f"Sending NS for {target} on {interface.name}")
            self._send(interface, own, destination, NeighborMessage(target, interface.mac).message())

    def examine(self, interface: Interface, address: IPv6Address) -> None:
        """Ask whether somebody has an address that we want (RFC 4862 section 5.4.2)."""
        message = NeighborMessage(address).message()
        self._send(interface, _UNSPECIFIED, solicited_node(address), message)

    def announce(self, interface: Interface, address: IPv6Address) -> None:
        """Tell the link of an address that is ours from now on, and begin to advertise with that of the link."""
        if interface.port is None or interface.port.framing != "ethernet":
            return
        self._answer(interface, address, address, ALL_NODES, solicited=False)
        self._stack.follow_advertising(interface)

    def advertise(self, interface: Interface, destination: IPv6Address, message: Icmp6Message) -> None:
        """Send a router advertisement."""
        if interface.link_local is not None:
            self._send(interface, interface.link_local, destination, message)

    def _answer(
        self, interface: Interface, source: IPv6Address, target: IPv6Address, destination: IPv6Address, solicited: bool
    ) -> None:
        self._tell(f"Sending NA for {target} on {interface.name}")
        router = self._stack.forwarding
        message = NeighborMessage(target, interface.mac, True, router, solicited, override=True)
        self._send(interface, source, destination, message.message())

    def _tell(self, text: str) -> None:
        for watcher in self.watchers:
            watcher(text)

    def _send(self, interface: Interface, source: IPv6Address, destination: IPv6Address, message: Icmp6Message) -> None:
        self._stack.icmp.send(source, destination, message, interface, HOP_LIMIT)

    # What is heard

    def _asked(self, packet: Packet6, message: NeighborMessage, interface: Interface) -> None:
        self._tell(f"Received NS for {message.target} on {interface.name} from {packet.source}")
        standing = self._stack.own.standing(interface, message.target)
        if packet.source.is_unspecified:
            # Somebody wants the address that it asks for.
            if message.link_address is not None or not packet.destination.is_multicast:
                raise WireError("duplicate address detection")
            self._stack.own.claimed(interface, message.target)
        if standing is not Standing.VALID:
            return
        self._stack.neighbors.heard(interface, packet.source, message.link_address)
        asker = ALL_NODES if packet.source.is_unspecified else packet.source
        self._answer(interface, message.target, message.target, asker, solicited=not packet.source.is_unspecified)

    def _told(self, packet: Packet6, message: NeighborMessage, interface: Interface) -> None:
        if message.solicited and packet.destination.is_multicast:
            raise WireError("an answer to nobody")
        self._tell(f"Received NA for {message.target} on {interface.name} from {packet.source}")
        self._stack.own.claimed(interface, message.target)
        self._stack.neighbors.advertised(interface, message)
