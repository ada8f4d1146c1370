"""IGMP versions 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.wire.buffer import Reader
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError

ALL_SYSTEMS = IPv4Address("224.0.0.1")
ALL_ROUTERS = IPv4Address("224.0.0.2")
ALL_V3_ROUTERS = IPv4Address("224.0.0.22")
ANY_GROUP = IPv4Address(0)
# The first 24 bits of the groups that never leave a segment: everybody is in them, and nobody reports them.
LINK_LOCAL = 0xE00000
# A message of versions 1 and 2, and the shortest query of version 3, in octets.
SHORT, LONG_QUERY = 8, 12
# From here on, codes of 8 bits are floating point numbers (RFC 3376 section 4.1.1).
_EXPONENTIAL = 128


class IgmpType(IntEnum):
    """Kinds of messages."""

    QUERY = 0x11
    V1_REPORT = 0x12
    REPORT = 0x16
    LEAVE = 0x17
    V3_REPORT = 0x22


class RecordType(IntEnum):
    """What a record of a version 3 report says (RFC 3376 section 4.2.12)."""

    IS_INCLUDE = 1
    IS_EXCLUDE = 2
    TO_INCLUDE = 3
    TO_EXCLUDE = 4
    ALLOW = 5
    BLOCK = 6


@dataclass(frozen=True, slots=True)
class IgmpMessage:
    """A message of version 1 or 2 about `group`, which is 0.0.0.0 in a general query; `delay` is the longest one of an
    answer, in tenths of a second (0 in version 1)."""

    kind: int
    group: IPv4Address
    delay: int = 0

    @property
    def version(self) -> int:
        """The version that the sender speaks."""
        first = self.kind == IgmpType.V1_REPORT or (self.kind == IgmpType.QUERY and not self.delay)
        return 1 if first else 2

    @classmethod
    def parse(cls, data: bytes) -> IgmpMessage:
        """Read a message; raises WireError when it is short or its checksum is wrong."""
        if len(data) < SHORT or internet_checksum(data):
            raise WireError("IGMP message")
        return cls(data[0], IPv4Address(data[4:8]), data[1])

    def pack(self) -> bytes:
        """The octets of the message."""
        return _checked(bytes((self.kind, self.delay, 0, 0)) + self.group.packed)


@dataclass(frozen=True, slots=True)
class Query3:
    """A query of version 3. `delay` in tenths of a second and `interval` in seconds are as exact as their floating
    point form; `robustness` is at most 7."""

    group: IPv4Address = ANY_GROUP
    delay: int = 100
    suppress: bool = False
    robustness: int = 2
    interval: int = 60
    sources: tuple[IPv4Address, ...] = ()

    @property
    def version(self) -> int:
        """The version that the sender speaks."""
        return 3

    @classmethod
    def parse(cls, data: bytes) -> Query3:
        """Read a query; raises WireError."""
        if len(data) < LONG_QUERY or data[0] != IgmpType.QUERY or internet_checksum(data):
            raise WireError("IGMPv3 query")
        reader = Reader(data[4:])
        group, flags, interval = IPv4Address(reader.take(4)), reader.u8(), _number(reader.u8())
        sources = _addresses(reader, reader.u16())
        return cls(group, _number(data[1]), bool(flags & 8), flags & 7, interval, sources)

    def pack(self) -> bytes:
        """The octets of the message."""
        flags = (8 if self.suppress else 0) | self.robustness
        head = (
            bytes((IgmpType.QUERY, _code(self.delay), 0, 0)) + self.group.packed + bytes((flags, _code(self.interval)))
        )
        return _checked(head + len(self.sources).to_bytes(2, "big") + _packed(self.sources))


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """What a report says of one group."""

    kind: int
    group: IPv4Address
    sources: tuple[IPv4Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Report3:
    """A report of version 3."""

    records: tuple[GroupRecord, ...]

    @property
    def version(self) -> int:
        """The version that the sender speaks."""
        return 3

    @classmethod
    def parse(cls, data: bytes) -> Report3:
        """Read a report; raises WireError. Auxiliary data is skipped (RFC 3376 section 4.2.6)."""
        if len(data) < SHORT or data[0] != IgmpType.V3_REPORT or internet_checksum(data):
            raise WireError("IGMPv3 report")
        reader = Reader(data[6:])
        return cls(tuple(_record(reader) for _ in range(reader.u16())))

    def pack(self) -> bytes:
        """The octets of the message."""
        body = len(self.records).to_bytes(2, "big")
        for record in self.records:
            body += bytes((record.kind, 0)) + len(record.sources).to_bytes(2, "big") + record.group.packed
            body += _packed(record.sources)
        return _checked(bytes((IgmpType.V3_REPORT, 0, 0, 0, 0, 0)) + body)


Igmp = IgmpMessage | Query3 | Report3


def parse_igmp(data: bytes) -> Igmp:
    """Read a message of any version; raises WireError. The length tells that of a query (RFC 3376 section 7.1)."""
    if data[:1] == bytes((IgmpType.V3_REPORT,)):
        return Report3.parse(data)
    if data[:1] == bytes((IgmpType.QUERY,)) and len(data) != SHORT:
        return Query3.parse(data)
    return IgmpMessage.parse(data)


def _record(reader: Reader) -> GroupRecord:
    kind, words, count = reader.u8(), reader.u8(), reader.u16()
    group = IPv4Address(reader.take(4))
    sources = _addresses(reader, count)
    reader.take(words * 4)
    return GroupRecord(kind, group, sources)


def _addresses(reader: Reader, count: int) -> tuple[IPv4Address, ...]:
    body = reader.sub(count * 4)
    return tuple(IPv4Address(body.take(4)) for _ in range(count))


def _packed(addresses: tuple[IPv4Address, ...]) -> bytes:
    return b"".join(address.packed for address in addresses)


def _number(code: int) -> int:
    return code if code < _EXPONENTIAL else (code & 0x0F | 0x10) << ((code >> 4 & 0x07) + 3)


def _code(number: int) -> int:
    """The largest code whose number is not larger."""
    if number < _EXPONENTIAL:
        return number
    exponent = min(number.bit_length() - 8, 7)
    return _EXPONENTIAL | exponent << 4 | min(number >> (exponent + 3), 0x1F) & 0x0F


def _checked(data: bytes) -> bytes:
    return data[:2] + internet_checksum(data).to_bytes(2, "big") + data[4:]
