"""The traffic policy of a group on the wire: an ordered list of permit and deny entries.

RFC 6407 can only say what is protected (SA TEK selectors). The deny entries and the order of the whole list travel in a
private payload of ours (docs/private-formats.md), which foreign members skip.
"""

from __future__ import annotations

import struct
from typing import Any

from iosemu.engines.acl import ANY_WILDCARD, ANY_WILDCARD6, AclEntry
from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.policy import Selector
from iosemu.wire.isakmp_payloads import IdType

PRIVATE_ACL_PAYLOAD = 128
# The format of a list of IPv4, and that of a list of IPv6.
_FORMAT, _FORMAT6 = 1, 2
_ENTRY, _ENTRY6 = struct.Struct("!BB4s4sH4s4sH"), struct.Struct("!BB16s16sH16s16sH")


def selectors_of(entry: AclEntry) -> tuple[Selector, Selector]:
    """Source and destination as SA TEK selectors."""
    return (
        _selector(entry.source, entry.source_wildcard, entry.source_port, entry.ipv6),
        _selector(entry.destination, entry.destination_wildcard, entry.destination_port, entry.ipv6),
    )


def from_selectors(protocol: int, source: Selector, destination: Selector) -> AclEntry:
    """The permit entry that an SA TEK stands for; raises WireError for identities that are no addresses, or not of one
    family."""
    ipv6 = source.kind in _KINDS[True]
    if {source.kind, destination.kind} - _KINDS[ipv6]:
        raise WireError(f"SA TEK selectors of types {source.kind} and {destination.kind}")
    ends = *_address(source), source.port, *_address(destination), destination.port
    return AclEntry(True, protocol, *ends, ipv6)


def pack_acl(entries: tuple[AclEntry, ...]) -> bytes:
    """The body of the private payload. A list is of one family."""
    ipv6 = any(entry.ipv6 for entry in entries)
    record, octets = (_ENTRY6, 16) if ipv6 else (_ENTRY, 4)
    parts = [bytes((_FORMAT6 if ipv6 else _FORMAT,)), len(entries).to_bytes(2, "big")]
    parts += [
        record.pack(
            entry.permit,
            entry.protocol,
            entry.source.to_bytes(octets, "big"),
            entry.source_wildcard.to_bytes(octets, "big"),
            entry.source_port,
            entry.destination.to_bytes(octets, "big"),
            entry.destination_wildcard.to_bytes(octets, "big"),
            entry.destination_port,
        )
        for entry in entries
    ]
    return b"".join(parts)


def parse_acl(body: bytes) -> tuple[AclEntry, ...]:
    """The entries of the private payload."""
    reader = Reader(body)
    form = reader.u8()
    if form not in (_FORMAT, _FORMAT6):
        raise WireError("private access list of an unknown format")
    count, ipv6 = reader.u16(), form == _FORMAT6
    record = _ENTRY6 if ipv6 else _ENTRY
    return tuple(_entry(record.unpack(reader.take(record.size)), ipv6) for _ in range(count))


def _entry(fields: tuple[Any, ...], ipv6: bool) -> AclEntry:
    permit, protocol, *ends = fields
    numbers = [int.from_bytes(end, "big") if isinstance(end, bytes) else end for end in ends]
    source, wildcard, port, there, there_wildcard, there_port = numbers
    # As in SA TEK selectors, bits that match anything are zero: an entry must equal the one of its SA.
    source, there = source & ~wildcard, there & ~there_wildcard
    return AclEntry(bool(permit), protocol, source, wildcard, port, there, there_wildcard, there_port, ipv6)


# Single address and network, by whether they are IPv6.
_KINDS = {
    False: {IdType.IPV4_ADDR, IdType.IPV4_ADDR_SUBNET},
    True: {IdType.IPV6_ADDR, IdType.IPV6_ADDR_SUBNET},
}


def _selector(address: int, wildcard: int, port: int, ipv6: bool) -> Selector:
    octets, everything = (16, ANY_WILDCARD6) if ipv6 else (4, ANY_WILDCARD)
    if wildcard == 0:
        return Selector(IdType.IPV6_ADDR if ipv6 else IdType.IPV4_ADDR, port, address.to_bytes(octets, "big"))
    mask = ~wildcard & everything
    kind = IdType.IPV6_ADDR_SUBNET if ipv6 else IdType.IPV4_ADDR_SUBNET
    return Selector(kind, port, (address & mask).to_bytes(octets, "big") + mask.to_bytes(octets, "big"))


def _address(selector: Selector) -> tuple[int, int]:
    """Address and wildcard."""
    octets = 16 if selector.kind in _KINDS[True] else 4
    address, mask = selector.data[:octets], selector.data[octets:]
    wildcard = int.from_bytes(bytes(octet ^ 0xFF for octet in mask), "big")
    return int.from_bytes(address, "big"), wildcard
