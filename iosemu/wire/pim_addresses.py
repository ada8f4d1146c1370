"""Addresses in messages of PIM (RFC 7761 section 4.9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

_IPV4, _NATIVE, _HOST = 1, 0, 32
# Flags of an encoded source address.
_SPARSE, _WILDCARD, _RPT_SOURCE = 4, 2, 1


@dataclass(frozen=True, slots=True)
class TreeSource:
    """A source in a join or prune: of its own tree; with `rpt` of the shared tree, which with `wildcard` is meant
    itself, and `address` is the RP."""

    address: IPv4Address
    wildcard: bool = False
    rpt: bool = False


def pack_unicast(address: IPv4Address) -> bytes:
    """The address of a router or a source: family, native encoding, address."""
    return bytes((_IPV4, _NATIVE)) + address.packed


def pack_group(address: IPv4Address) -> bytes:
    """One group: a range of groups with a mask for all of the address."""
    return bytes((_IPV4, _NATIVE, 0, _HOST)) + address.packed


def pack_source(source: TreeSource) -> bytes:
    """A source with its flags."""
    flags = _SPARSE | (_WILDCARD if source.wildcard else 0) | (_RPT_SOURCE if source.rpt else 0)
    return bytes((_IPV4, _NATIVE, flags, _HOST)) + source.address.packed


def _read_family(reader: Reader) -> None:
    if reader.take(2) != bytes((_IPV4, _NATIVE)):
        raise WireError("PIM address of another family")


def read_unicast(reader: Reader) -> IPv4Address:
    """The address of a router or a source; raises WireError."""
    _read_family(reader)
    return IPv4Address(reader.take(4))


def read_group(reader: Reader) -> IPv4Address:
    """The address of one group; raises WireError, for ranges of groups too."""
    _read_family(reader)
    reader.u8()
    if reader.u8() != _HOST:
        raise WireError("PIM group range")
    group = IPv4Address(reader.take(4))
    if not group.is_multicast:
        raise WireError(f"PIM group {group}")
    return group


def read_source(reader: Reader) -> TreeSource:
    """A source with its flags; raises WireError."""
    _read_family(reader)
    flags = reader.u8()
    if reader.u8() != _HOST:
        raise WireError("PIM source range")
    return TreeSource(IPv4Address(reader.take(4)), bool(flags & _WILDCARD), bool(flags & _RPT_SOURCE))
