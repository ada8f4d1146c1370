"""Shares of the sender IDs, as key servers tell each other of them (docs/coop-protocol.md section 6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

MAXIMUM_SERVER_IDS = 512
_BITMAP_OCTETS = MAXIMUM_SERVER_IDS // 8
_NO_ID = (1 << 16) - 1
_HEAD = struct.Struct("!BBIH")
_HANDED = struct.Struct("!QIQ")


@dataclass(frozen=True, slots=True)
class ServerIds:
    """The sender's share of the sender IDs: their length in bits, as configured and in use, and its numbers (KSSIDs),
    of which `current` is being used up. `left` counts the series of keys that it had before, in this life."""

    configured_bits: int = 24
    used_bits: int = 24
    current: int | None = None
    assigned: tuple[int, ...] = ()
    used: tuple[int, ...] = ()
    left: int = 0

    def pack(self) -> bytes:
        """The body of the section."""
        current = _NO_ID if self.current is None else self.current
        head = _HEAD.pack(self.configured_bits, self.used_bits, self.left, current)
        return b"".join((head, pack_numbers(self.assigned), pack_numbers(self.used)))

    @classmethod
    def parse(cls, body: bytes) -> ServerIds:
        """Read the body; raises WireError."""
        reader = Reader(body)
        configured, used, left, current = _HEAD.unpack(reader.take(_HEAD.size))
        lists = read_numbers(reader), read_numbers(reader)
        return cls(configured, used, None if current == _NO_ID else current, *lists, left)


@dataclass(frozen=True, slots=True)
class HandedNumbers:
    """Numbers (KSSIDs) that the sender has handed over to the receiver under the keys of one `series`, in that life of
    the receiver, and after so many series in it (`left`): all of them, each time."""

    incarnation: int
    left: int
    series: int
    numbers: frozenset[int]

    def pack(self) -> bytes:
        """The body of the section; bit 0 of the first octet is number 0."""
        bitmap = sum(1 << number for number in self.numbers)
        return _HANDED.pack(self.incarnation, self.left, self.series) + bitmap.to_bytes(_BITMAP_OCTETS, "little")

    @classmethod
    def parse(cls, body: bytes) -> HandedNumbers:
        """Read the body; raises WireError."""
        reader = Reader(body)
        incarnation, left, series = _HANDED.unpack(reader.take(_HANDED.size))
        bitmap = int.from_bytes(reader.take(_BITMAP_OCTETS), "little")
        numbers = frozenset(number for number in range(MAXIMUM_SERVER_IDS) if bitmap >> number & 1)
        return cls(incarnation, left, series, numbers)


def pack_numbers(numbers: tuple[int, ...]) -> bytes:
    """A list behind its length."""
    return b"".join(item.to_bytes(2, "big") for item in (len(numbers), *numbers))


def read_numbers(reader: Reader) -> tuple[int, ...]:
    """The next list; raises WireError."""
    count = reader.u16()
    if count > MAXIMUM_SERVER_IDS:
        raise WireError(f"{count} server IDs")
    return tuple(reader.u16() for _ in range(count))
