"""The router as a host of multicast groups: which it is in, and how it tells the routers of a segment (RFC 2236)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.router.clock import Clock
from iosemu.router.interfaces import Interface
from iosemu.wire.errors import WireError
from iosemu.wire.igmp import ALL_ROUTERS, IgmpMessage, IgmpType
from iosemu.wire.ipv4 import IGMP, Packet

# Everybody is in 224.0.0.0/24, and it never leaves a segment.
LINK_LOCAL = 0xE00000
# A report is repeated, because nobody acknowledges it (seconds).
REPEAT = 10.0


def hardware_address(group: IPv4Address) -> bytes:
    """The Ethernet address of a group: its lower 23 bits (RFC 1112 section 6.4)."""
    return b"\x01\x00\x5e" + (int(group) & 0x7FFFFF).to_bytes(3, "big")


class MulticastHost:
    """Groups by interface; `send` puts a packet on an interface's segment."""

    def __init__(self, clock: Clock, send: Callable[[Packet, Interface], None]) -> None:
        self._clock = clock
        self._send = send
        self._joined: dict[tuple[Interface, IPv4Address], int] = {}

    def join(self, interface: Interface, group: IPv4Address) -> None:
        """Receive a group on an interface. Each join needs a leave."""
        count = self._joined.get((interface, group), 0)
        self._joined[interface, group] = count + 1
        if not count:
            self._report(interface, group)
            self._clock.call_later(REPEAT, lambda: self._report(interface, group))

    def leave(self, interface: Interface, group: IPv4Address) -> None:
        """Take a join back."""
        count = self._joined.pop((interface, group), 0)
        if count > 1:
            self._joined[interface, group] = count - 1
        elif count and interface.address is not None:
            message = IgmpMessage(IgmpType.LEAVE, group)
            self._send(Packet(interface.address, ALL_ROUTERS, IGMP, message.pack(), ttl=1), interface)

    def groups(self, interface: Interface) -> list[IPv4Address]:
        """What is received on an interface."""
        return sorted(group for where, group in self._joined if where is interface)

    def is_for_us(self, destination: int, interface: Interface) -> bool:
        """Whether a packet to a group concerns this host."""
        return destination >> 8 == LINK_LOCAL or (interface, IPv4Address(destination)) in self._joined

    def receive(self, packet: Packet, interface: Interface) -> None:
        """Take an IGMP packet: queries are answered for the groups that they ask about."""
        try:
            message = IgmpMessage.parse(packet.payload)
        except WireError:
            interface.counters.input_errors += 1
            return
        if message.kind == IgmpType.QUERY:
            for group in self.groups(interface):
                if int(message.group) in (0, int(group)):
                    self._report(interface, group)

    def _report(self, interface: Interface, group: IPv4Address) -> None:
        if (interface, group) in self._joined and interface.address is not None:
            message = IgmpMessage(IgmpType.REPORT, group)
            self._send(Packet(interface.address, group, IGMP, message.pack(), ttl=1), interface)
