"""IPv4 (RFC 791)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError

ICMP, IGMP, TCP, UDP, GRE, ESP, AH, EIGRP, OSPF, PIM = 1, 2, 6, 17, 47, 50, 51, 88, 89, 103
DONT_FRAGMENT = 0x4000
MORE_FRAGMENTS = 0x2000
MINIMUM_HEADER = 20
MAXIMUM_LENGTH = 0xFFFF
_HEADER = struct.Struct("!BBHHHBBH4s4s")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `fragment_offset` counts octets."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    payload: bytes
    ttl: int = 255
    tos: int = 0
    identification: int = 0
    dont_fragment: bool = False
    more_fragments: bool = False
    fragment_offset: int = 0
    options: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Packet:
        """Read a packet; raises WireError for a wrong version, length or header checksum. Link padding is dropped."""
        length = header_length(data)
        (_, tos, total, identification, fragment, ttl, protocol, _, source, destination) = _HEADER.unpack_from(data)
        return cls(
            IPv4Address(source),
            IPv4Address(destination),
            protocol,
            data[length:total],
            ttl,
            tos,
            identification,
            bool(fragment & DONT_FRAGMENT),
            bool(fragment & MORE_FRAGMENTS),
            (fragment & 0x1FFF) * 8,
            data[MINIMUM_HEADER:length],
        )

    def pack(self) -> bytes:
        """The octets of the packet with a correct header checksum; raises WireError for one that is too long, as
        fragments of a hostile sender can add up to."""
        options = self.options + bytes(-len(self.options) % 4)
        length = MINIMUM_HEADER + len(options)
        if length > 60 or length + len(self.payload) > MAXIMUM_LENGTH:
            raise WireError(f"IPv4 packet of {length + len(self.payload)} octets")
        fragment = self.fragment_offset // 8
        fragment |= DONT_FRAGMENT if self.dont_fragment else 0
        fragment |= MORE_FRAGMENTS if self.more_fragments else 0
        header = _HEADER.pack(
            0x40 | length // 4,
            self.tos,
            length + len(self.payload),
            self.identification,
            fragment,
            self.ttl,
            self.protocol,
            0,
            self.source.packed,
            self.destination.packed,
        )
        checksum = internet_checksum(header + options)
        return header[:10] + checksum.to_bytes(2, "big") + header[12:] + options + self.payload


def header_length(data: bytes) -> int:
    """Check version, lengths and checksum of the packet at the front of `data`; returns the header's octets."""
    if len(data) < MINIMUM_HEADER:
        raise WireError(f"IPv4 packet of {len(data)} octets")
    if data[0] >> 4 != 4:
        raise WireError(f"IP version {data[0] >> 4}")
    length = (data[0] & 0x0F) * 4
    total = int.from_bytes(data[2:4], "big")
    if length < MINIMUM_HEADER or total < length or total > len(data):
        raise WireError("IPv4 lengths disagree")
    if internet_checksum(data[:length]):
        raise WireError("IPv4 header checksum")
    return length


def decrement_ttl(data: bytes) -> bytes:
    """The packet with its TTL, at least 1, one lower and the checksum adjusted incrementally (RFC 1624)."""
    checksum = int.from_bytes(data[10:12], "big") + 0x100
    if checksum > 0xFFFF:
        checksum -= 0xFFFF
    return data[:8] + bytes((data[8] - 1, data[9])) + checksum.to_bytes(2, "big") + data[12:]


def fragments(data: bytes, mtu: int) -> list[bytes]:
    """Split a packet that is larger than `mtu` (RFC 791 section 3.2)."""
    packet = Packet.parse(data)
    copied = _copied_options(packet.options)
    room = (mtu - MINIMUM_HEADER - len(packet.options)) // 8 * 8
    if room < 8:
        raise WireError(f"MTU {mtu} leaves no room for a fragment")
    pieces = []
    for start in range(0, len(packet.payload), room):
        last = start + room >= len(packet.payload)
        piece = Packet(
            packet.source,
            packet.destination,
            packet.protocol,
            packet.payload[start : start + room],
            packet.ttl,
            packet.tos,
            packet.identification,
            False,
            packet.more_fragments or not last,
            packet.fragment_offset + start,
            packet.options if start == 0 else copied,
        )
        pieces.append(piece.pack())
    return pieces


def _copied_options(options: bytes) -> bytes:
    """The options that every fragment carries: those with the copied flag (RFC 791 section 3.1)."""
    kept = b""
    offset = 0
    while offset < len(options) and options[offset]:
        # No operation (1) is a single octet; all others say how long they are.
        size = 1 if options[offset] == 1 else options[offset + 1] if offset + 1 < len(options) else 0
        if size < 1 or offset + size > len(options):
            break
        if options[offset] & 0x80:
            kept += options[offset : offset + size]
        offset += size
    return kept
