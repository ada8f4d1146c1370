"""What a data plane makes of a packet."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from iosemu.wire.checksum import IpAddress
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import ESP, TCP, UDP
from iosemu.wire.ipv6 import HEADER, upper_layer

# Protocol, source, source port, destination, destination port; ports are -1 where there are none.
Flow = tuple[int, int, int, int, int]
# The addresses, and the ports behind a header without options.
_FRONT = struct.Struct("!12sIIHH")


class Outcome(Enum):
    """What to do with a packet."""

    CLEAR = "forward as it is"
    PROTECTED = "forward the packet returned"
    DROPPED = "drop"
    TOO_BIG = "tell the sender what fits"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a guard or a data plane decides about a packet. `packets` is set for PROTECTED, `reason` for DROPPED, `mtu`
    for TOO_BIG, `connection_id` where an SA had a part in it."""

    outcome: Outcome
    packets: tuple[bytes, ...] = ()
    reason: str = ""
    connection_id: int = 0
    mtu: int = 0

    @property
    def packet(self) -> bytes:
        """The only packet, empty when there is none."""
        return self.packets[0] if self.packets else b""


CLEAR = Verdict(Outcome.CLEAR)
NOT_IPSEC = "clear packet where ESP is required"
NO_SA = "no SA for a packet that must be encrypted"
UNKNOWN_SPI = "unknown SPI"
WRONG_SELECTORS = "inner packet is outside the SA's selectors"
ADDRESSES_DIFFER = "inner and outer addresses differ"
DUMMY = "dummy packet"
BAD_ICV = "mac verify failed"
REPLAYED = "replay check failed"
STALE = "time-based replay check failed"
NO_TIME = "pseudotime is not known"


def flow_of(packet: bytes) -> Flow:
    """Protocol, source, source port, destination, destination port; ports are -1 where there are none."""
    protocol = packet[9]
    if packet[0] == 0x45 and len(packet) >= 24:
        _, source, destination, source_port, destination_port = _FRONT.unpack_from(packet)
        if protocol not in (TCP, UDP) or packet[6] & 0x1F or packet[7]:
            return protocol, source, -1, destination, -1
        return protocol, source, source_port, destination, destination_port
    if packet[0] >> 4 == 6:
        return flow6_of(packet)
    source, destination = int.from_bytes(packet[12:16], "big"), int.from_bytes(packet[16:20], "big")
    offset = (packet[0] & 0x0F) * 4
    first_fragment = not (packet[6] & 0x1F or packet[7])
    if protocol in (TCP, UDP) and first_fragment and len(packet) >= offset + 4:
        found = (
            int.from_bytes(packet[offset : offset + 2], "big"),
            int.from_bytes(packet[offset + 2 : offset + 4], "big"),
        )
    else:
        found = -1, -1
    return protocol, source, found[0], destination, found[1]


def ends_of(packet: bytes) -> tuple[IpAddress, IpAddress]:
    """Source and destination."""
    if packet[0] >> 4 == 6:
        return IPv6Address(packet[8:24]), IPv6Address(packet[24:40])
    return IPv4Address(packet[12:16]), IPv4Address(packet[16:20])


def to_group(packet: bytes) -> bool:
    """Whether a packet is addressed to a multicast group."""
    return packet[16] >> 4 == 14 if packet[0] >> 4 == 4 else packet[24] == 0xFF


def esp_offset(packet: bytes) -> int:
    """Where the ESP header of a packet stands, -1 where it has none."""
    if packet[0] >> 4 == 4:
        return (packet[0] & 0x0F) * 4 if packet[9] == ESP else -1
    if packet[6] == ESP:
        return HEADER
    try:
        protocol, offset, begins = upper_layer(packet)
    except WireError:
        return -1
    return offset if protocol == ESP and begins else -1


def flow6_of(packet: bytes) -> Flow:
    """The same for IPv6, where the protocol is that behind the extension headers; -1 where they are broken."""
    source, destination = int.from_bytes(packet[8:24], "big"), int.from_bytes(packet[24:40], "big")
    try:
        protocol, offset, begins = upper_layer(packet)
    except WireError:
        return -1, source, -1, destination, -1
    if protocol not in (TCP, UDP) or not begins or len(packet) < offset + 4:
        return protocol, source, -1, destination, -1
    ports = int.from_bytes(packet[offset : offset + 2], "big"), int.from_bytes(packet[offset + 2 : offset + 4], "big")
    return protocol, source, ports[0], destination, ports[1]
