"""What a packet's translation hangs on, and how a packet is rewritten: addresses, ports, checksums (RFC 1624)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.icmp import ECHO_REPLY, ECHO_REQUEST, ERRORS
from iosemu.wire.ipv4 import ICMP, TCP, UDP

TIMESTAMPS, MASKS = (13, 14), (17, 18)
QUERIES = (ECHO_REPLY, ECHO_REQUEST, *TIMESTAMPS, *MASKS)
ICMP_HEADER = 8
# Where the checksum stands in the header of a protocol.
_CHECKSUMS = {TCP: 16, UDP: 6, ICMP: 2}


@dataclass(frozen=True, slots=True)
class End:
    """An address with a port; the identifier of an ICMP query counts as port on both sides, and what has neither has
    the port 0."""

    address: int
    port: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """Protocol and both ends of a packet."""

    protocol: int
    source: End
    destination: End


def flow_of(packet: bytes) -> Flow | None:
    """The flow of a packet that is no later fragment; None for an ICMP error, or one that is too short."""
    start = (packet[0] & 0x0F) * 4
    protocol = packet[9]
    source, destination = int.from_bytes(packet[12:16], "big"), int.from_bytes(packet[16:20], "big")
    if protocol not in _CHECKSUMS:
        return Flow(protocol, End(source), End(destination))
    if len(packet) < start + 8:
        return None
    if protocol != ICMP:
        ports = int.from_bytes(packet[start : start + 2], "big"), int.from_bytes(packet[start + 2 : start + 4], "big")
        return Flow(protocol, End(source, ports[0]), End(destination, ports[1]))
    if packet[start] not in QUERIES:
        return None
    identifier = int.from_bytes(packet[start + 4 : start + 6], "big")
    return Flow(ICMP, End(source, identifier), End(destination, identifier))


def quoted_by(packet: bytes) -> bytes | None:
    """What an ICMP error quotes: the front of a packet with 8 octets behind its header; None for anything else."""
    start = (packet[0] & 0x0F) * 4
    if packet[9] != ICMP or len(packet) < start + ICMP_HEADER + 28 or packet[start] not in ERRORS:
        return None
    quoted = packet[start + ICMP_HEADER :]
    header = (quoted[0] & 0x0F) * 4
    return quoted if quoted[0] >> 4 == 4 and header >= 20 and len(quoted) >= header + 8 else None


def with_source(packet: bytes, end: End) -> bytes:
    """The packet from another end."""
    return _rewritten(packet, 12, 0, end)


def with_destination(packet: bytes, end: End) -> bytes:
    """The packet to another end."""
    return _rewritten(packet, 16, 2, end)


def from_address(packet: bytes, address: int) -> bytes:
    """An ICMP error from another address."""
    return _readdressed(packet, 12, address)


def to_address(packet: bytes, address: int) -> bytes:
    """An ICMP error to another address."""
    return _readdressed(packet, 16, address)


def with_quoted(packet: bytes, quoted: bytes) -> bytes:
    """An ICMP error that quotes something else of the same length."""
    start = (packet[0] & 0x0F) * 4
    at = start + ICMP_HEADER
    new = bytearray(packet[:at] + quoted)
    _adjust(new, start + 2, packet[at:], quoted)
    return bytes(new)


def _readdressed(packet: bytes, at: int, address: int) -> bytes:
    new = bytearray(packet)
    new[at : at + 4] = address.to_bytes(4, "big")
    _adjust(new, 10, packet[at : at + 4], bytes(new[at : at + 4]))
    return bytes(new)


def _rewritten(packet: bytes, address_at: int, port_at: int, end: End) -> bytes:
    new = bytearray(_readdressed(packet, address_at, end.address))
    old, address = packet[address_at : address_at + 4], bytes(new[address_at : address_at + 4])
    start = (packet[0] & 0x0F) * 4
    protocol = packet[9]
    if protocol not in _CHECKSUMS:
        return bytes(new)
    checksum_at = start + _CHECKSUMS[protocol]
    at = start + (4 if protocol == ICMP else port_at)
    port = end.port.to_bytes(2, "big")
    old_port = packet[at : at + 2]
    new[at : at + 2] = port
    # The quoted front of a TCP segment has no checksum; a UDP checksum of 0 is none. ICMP has no pseudo-header.
    if checksum_at + 2 <= len(packet) and not (protocol == UDP and packet[checksum_at : checksum_at + 2] == bytes(2)):
        if protocol == ICMP:
            _adjust(new, checksum_at, old_port, port)
        else:
            _adjust(new, checksum_at, old + old_port, address + port)
            if protocol == UDP and new[checksum_at : checksum_at + 2] == bytes(2):
                new[checksum_at : checksum_at + 2] = b"\xff\xff"
    return bytes(new)


def _adjust(packet: bytearray, at: int, old: bytes, new: bytes) -> None:
    """Make the checksum at an offset follow a change: ~(~HC + ~m + m'), where the octets begin at an even offset."""
    if len(old) % 2:
        old, new = old + b"\x00", new + b"\x00"
    checksum = int.from_bytes(packet[at : at + 2], "big")
    # 2**16 is 1 modulo 0xffff: long numbers count as the sums of their words.
    total = (checksum ^ 0xFFFF) - int.from_bytes(old, "big") % 0xFFFF + int.from_bytes(new, "big") % 0xFFFF
    packet[at : at + 2] = ((total % 0xFFFF or 0xFFFF) ^ 0xFFFF).to_bytes(2, "big")
