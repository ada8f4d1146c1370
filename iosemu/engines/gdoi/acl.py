"""The traffic policy of a group: an ordered list of permit and deny entries.

RFC 6407 can only say what is protected (SA TEK selectors). The deny entries and the order of the whole list travel in a
private payload of ours (docs/private-formats.md), which foreign members skip.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import Selector
from iosemu.wire.isakmp import IdType

PRIVATE_ACL_PAYLOAD = 128
_FORMAT = 1
_ENTRY = struct.Struct("!BBIIHIIH")
ANY_WILDCARD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry. Addresses and wildcards are 32-bit numbers (a set wildcard bit matches anything), port 0 is any."""

    permit: bool
    protocol: int = 0
    source: int = 0
    source_wildcard: int = ANY_WILDCARD
    source_port: int = 0
    destination: int = 0
    destination_wildcard: int = ANY_WILDCARD
    destination_port: int = 0

    def matches(self, protocol: int, source: int, source_port: int, destination: int, destination_port: int) -> bool:
        """Whether a packet with these fields is meant; the ports of a packet without ports are -1."""
        return (
            (source ^ self.source) & ~self.source_wildcard == 0
            and (destination ^ self.destination) & ~self.destination_wildcard == 0
            and self.protocol in (0, protocol)
            and self.source_port in (0, source_port)
            and self.destination_port in (0, destination_port)
        )

    def mirrored(self) -> AclEntry:
        """The entry for the opposite direction."""
        return AclEntry(
            self.permit,
            self.protocol,
            self.destination,
            self.destination_wildcard,
            self.destination_port,
            self.source,
            self.source_wildcard,
            self.source_port,
        )

    def selectors(self) -> tuple[Selector, Selector]:
        """Source and destination as SA TEK selectors."""
        return (
            _selector(self.source, self.source_wildcard, self.source_port),
            _selector(self.destination, self.destination_wildcard, self.destination_port),
        )


def from_selectors(protocol: int, source: Selector, destination: Selector) -> AclEntry:
    """The permit entry that an SA TEK stands for; raises WireError for identities other than IPv4."""
    return AclEntry(True, protocol, *_address(source), source.port, *_address(destination), destination.port)


def pack_acl(entries: tuple[AclEntry, ...]) -> bytes:
    """The body of the private payload."""
    parts = [bytes((_FORMAT,)), len(entries).to_bytes(2, "big")]
    parts += [
        _ENTRY.pack(
            entry.permit,
            entry.protocol,
            entry.source,
            entry.source_wildcard,
            entry.source_port,
            entry.destination,
            entry.destination_wildcard,
            entry.destination_port,
        )
        for entry in entries
    ]
    return b"".join(parts)


def parse_acl(body: bytes) -> tuple[AclEntry, ...]:
    """The entries of the private payload."""
    reader = Reader(body)
    if reader.u8() != _FORMAT:
        raise WireError("private access list of an unknown format")
    count = reader.u16()
    entries = []
    for _ in range(count):
        permit, protocol, source, wildcard, port, *destination = _ENTRY.unpack(reader.take(_ENTRY.size))
        there, there_wildcard, there_port = destination
        # As in SA TEK selectors, bits that match anything are zero: an entry must equal the one of its SA.
        source, there = source & ~wildcard, there & ~there_wildcard
        entries.append(AclEntry(bool(permit), protocol, source, wildcard, port, there, there_wildcard, there_port))
    return tuple(entries)


def _selector(address: int, wildcard: int, port: int) -> Selector:
    if wildcard == 0:
        return Selector(IdType.IPV4_ADDR, port, address.to_bytes(4, "big"))
    mask = ~wildcard & 0xFFFFFFFF
    return Selector(IdType.IPV4_ADDR_SUBNET, port, (address & mask).to_bytes(4, "big") + mask.to_bytes(4, "big"))


def _address(selector: Selector) -> tuple[int, int]:
    address = int.from_bytes(selector.data[:4], "big")
    if selector.kind == IdType.IPV4_ADDR:
        return address, 0
    if selector.kind == IdType.IPV4_ADDR_SUBNET:
        return address, ~int.from_bytes(selector.data[4:], "big") & 0xFFFFFFFF
    raise WireError(f"SA TEK selector of type {selector.kind}")
