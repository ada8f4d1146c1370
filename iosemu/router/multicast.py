"""The router as a host of multicast groups: which it is in, and how it tells the routers of a segment."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.engines.common import earliest
from iosemu.engines.igmp.host import IgmpHost
from iosemu.router.clock import Clock, Timer
from iosemu.router.interfaces import Interface
from iosemu.wire.errors import WireError
from iosemu.wire.igmp import LINK_LOCAL, Igmp, parse_igmp
from iosemu.wire.ipv4 import IGMP, Packet

# Hears of IGMP on an interface: who has said it, and what.
Observer = Callable[[Interface, IPv4Address, Igmp], None]


def hardware_address(group: IPv4Address) -> bytes:
    """The Ethernet address of a group: its lower 23 bits (RFC 1112 section 6.4)."""
    return b"\x01\x00\x5e" + (int(group) & 0x7FFFFF).to_bytes(3, "big")


class MulticastHost:
    """Groups by interface; `send` puts a packet on an interface's segment. `observers` hear all of the IGMP there, ours
    as well."""

    def __init__(self, clock: Clock, send: Callable[[Packet, Interface], None]) -> None:
        self._clock = clock
        self._send = send
        self._joined: dict[tuple[Interface, IPv4Address], int] = {}
        self._hosts: dict[Interface, IgmpHost] = {}
        self._timer: Timer | None = None
        self.observers: list[Observer] = []

    def join(self, interface: Interface, group: IPv4Address) -> None:
        """Receive a group on an interface. Each join needs a leave."""
        count = self._joined.get((interface, group), 0)
        self._joined[interface, group] = count + 1
        if not count:
            self.host(interface).join(group, self._clock.now())
            self._flush()

    def leave(self, interface: Interface, group: IPv4Address) -> None:
        """Take a join back."""
        count = self._joined.pop((interface, group), 0)
        if count > 1:
            self._joined[interface, group] = count - 1
        elif count:
            self.host(interface).leave(group, self._clock.now())
            self._flush()

    def host(self, interface: Interface) -> IgmpHost:
        """Our side of IGMP on an interface."""
        if interface not in self._hosts:
            self._hosts[interface] = IgmpHost(self._clock.uniform)
        return self._hosts[interface]

    def users(self, interface: Interface) -> dict[IPv4Address, int]:
        """The groups of an interface, and how many want each."""
        return {
            group: count for (where, group), count in sorted(self._joined.items(), key=_by_group) if where is interface
        }

    def is_member(self, group: int) -> bool:
        """Whether a group is received on any interface."""
        return any(int(own) == group for _, own in self._joined)

    def is_for_us(self, destination: int, interface: Interface) -> bool:
        """Whether a packet to a group concerns this host."""
        return destination >> 8 == LINK_LOCAL or (interface, IPv4Address(destination)) in self._joined

    def receive(self, packet: Packet, interface: Interface) -> None:
        """Take an IGMP packet."""
        try:
            message = parse_igmp(packet.payload)
        except WireError:
            interface.counters.input_errors += 1
            return
        self.hear(interface, message)
        for observer in list(self.observers):
            observer(interface, packet.source, message)

    def hear(self, interface: Interface, message: Igmp) -> None:
        """Answer a query, also one of a querier in this router."""
        if interface in self._hosts:
            self._hosts[interface].receive(message, self._clock.now())
            self._flush()

    def transmit(self, interface: Interface, destination: IPv4Address, message: Igmp) -> None:
        """Send a message; an interface without an address says nothing."""
        if interface.address is not None:
            self._send(Packet(interface.address, destination, IGMP, message.pack(), ttl=1), interface)

    def _flush(self) -> None:
        for interface, host in self._hosts.items():
            for destination, message in host.take_messages():
                self.transmit(interface, destination, message)
                for observer in list(self.observers):
                    observer(interface, interface.address or IPv4Address(0), message)
        due = earliest(*(host.next_timer() for host in self._hosts.values()))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(due, self._tick) if due is not None else None

    def _tick(self) -> None:
        now = self._clock.now()
        for host in self._hosts.values():
            host.handle_timer(now)
        self._flush()


def _by_group(item: tuple[tuple[Interface, IPv4Address], int]) -> IPv4Address:
    return item[0][1]
