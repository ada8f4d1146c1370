"""The inside of a tunnel interface: packets into GRE, and what GRE comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.router.interfaces import Interface
from iosemu.router.ip import IpStack
from iosemu.router.port import Port
from iosemu.wire import icmp
from iosemu.wire.gre import PROTOCOL_IPV4, PROTOCOL_IPV6, GrePacket
from iosemu.wire.gre import overhead as gre_overhead
from iosemu.wire.ipv4 import DONT_FRAGMENT, GRE, MINIMUM_HEADER, Packet

MEDIUM = 1500
TTL = 255


@dataclass(frozen=True, slots=True)
class Transport:
    """What a tunnel's packets look like outside. A `destination` of None: there are many, by next hop."""

    source: IPv4Address
    destination: IPv4Address | None
    vrf: str = ""
    key: int | None = None
    checksum: bool = False
    sequence: bool = False
    tos: int | None = None
    ttl: int = TTL
    discovery: bool = False

    @property
    def overhead(self) -> int:
        """Octets in front of a packet."""
        return MINIMUM_HEADER + gre_overhead(self.key is not None, self.sequence, self.checksum)


# The addresses below a tunnel that a next hop, or a group, is reached by.
Resolver = Callable[["Interface", IPv4Address], "list[IPv4Address]"]


class TunnelPort(Port):
    """The port of one tunnel. `transport` is None while it cannot be up, `silent` tells that the other end does not
    answer keepalives; `path_mtus` has what routers on the way have reported, by destination."""

    def __init__(self, interface: Interface, ip: IpStack, resolve: Resolver) -> None:
        self.interface = interface
        self.transport: Transport | None = None
        self.silent = False
        self.room = MEDIUM - MINIMUM_HEADER - gre_overhead()
        self.path_mtus: dict[IPv4Address, int] = {}
        self._ip = ip
        self._resolve = resolve
        self._sent = 0
        self._received: int | None = None
        self._busy = False

    @property
    def framing(self) -> str:
        """Bare packets."""
        return "ip"

    @property
    def carrier(self) -> bool:
        """Whether the tunnel's packets have an address to come from, a way to go and somebody who answers."""
        return self.transport is not None and not self.silent

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        """The service of tunnels hands packets to the IP stack itself."""

    def send(self, frame: bytes) -> bool:
        """Send a packet to whom it is addressed to; IPv6 goes to the other end, where there is but one."""
        if frame[0] >> 4 == 6:
            end = self.transport.destination if self.transport is not None else None
            traffic_class = int.from_bytes(frame[:2], "big") >> 4 & 0xFF
            return end is not None and self.encapsulate(PROTOCOL_IPV6, frame, end, traffic_class)
        return self.send_to(frame, IPv4Address(frame[16:20]))

    def send_to(self, packet: bytes, neighbour: IPv4Address) -> bool:
        """Send a packet to a next hop, or to all who hear a group; False when there is none."""
        transport = self.transport
        if transport is None:
            return False
        ends = [transport.destination] if transport.destination else self._resolve(self.interface, neighbour)
        sent = [self.send_packet(packet, end) for end in ends]
        return any(sent)

    def send_packet(self, packet: bytes, end: IPv4Address) -> bool:
        """Send an IPv4 packet to an address below the tunnel."""
        transport = self.transport
        limit = self.path_mtus.get(end)
        if transport is None:
            return False
        if transport.discovery and packet[6] & DONT_FRAGMENT >> 8 and limit is not None and len(packet) > limit:
            source, vrf = self.interface.address, self.interface.vrf
            self._ip.icmp.error(icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED, packet, source, limit, vrf)
            return False
        whole = transport.discovery and bool(packet[6] & DONT_FRAGMENT >> 8)
        return self.encapsulate(PROTOCOL_IPV4, packet, end, packet[1], whole)

    def encapsulate(self, protocol: int, payload: bytes, end: IPv4Address, tos: int = 0, whole: bool = False) -> bool:
        """Send any payload to an address below the tunnel; `whole` forbids fragments. A packet that would come back
        into the tunnel that it came out of is refused."""
        transport = self.transport
        if transport is None or self._busy:
            return False
        sequence = None
        if transport.sequence:
            sequence, self._sent = self._sent, (self._sent + 1) & 0xFFFFFFFF
        body = GrePacket(protocol, payload, transport.key, sequence, transport.checksum).pack()
        tos = tos if transport.tos is None else transport.tos
        self._busy = True
        try:
            packet = Packet(transport.source, end, GRE, body, transport.ttl, tos, dont_fragment=whole)
            self._ip.send(packet, transport.vrf)
        finally:
            self._busy = False
        return True

    def in_order(self, sequence: int | None) -> bool:
        """Whether a packet with a number is newer than those before (RFC 2890 section 2.2)."""
        if self.transport is None or not self.transport.sequence or sequence is None:
            return True
        if self._received is not None and not 0 < (sequence - self._received) & 0xFFFFFFFF < 1 << 31:
            return False
        self._received = sequence
        return True

    def forget_path(self, end: IPv4Address) -> None:
        """Try the full size towards a destination again."""
        self.path_mtus.pop(end, None)

    def largest(self) -> int:
        """What fits into a packet of the usual medium."""
        return self.room

    def close(self) -> None:
        """Nothing is open."""
