"""ISAKMP data attributes (RFC 2408 section 3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

_BASIC = 0x8000


@dataclass(frozen=True, slots=True)
class Attribute:
    """A number is sent in two octets (TV), octets with a length in front (TLV)."""

    kind: int
    value: int | bytes

    def as_int(self) -> int:
        """The value as a number, whichever form it came in."""
        return self.value if isinstance(self.value, int) else int.from_bytes(self.value, "big")

    def as_bytes(self) -> bytes:
        """The value as octets, whichever form it came in."""
        return self.value.to_bytes(2, "big") if isinstance(self.value, int) else self.value

    def pack(self) -> bytes:
        """The octets of the attribute."""
        if isinstance(self.value, int):
            return (self.kind | _BASIC).to_bytes(2, "big") + self.value.to_bytes(2, "big")
        return self.kind.to_bytes(2, "big") + len(self.value).to_bytes(2, "big") + self.value


def parse_attributes(data: bytes) -> tuple[Attribute, ...]:
    """All attributes of `data`; raises WireError when one is cut short."""
    reader = Reader(data)
    found = []
    while reader.remaining:
        kind = reader.u16()
        if kind & _BASIC:
            found.append(Attribute(kind & 0x7FFF, reader.u16()))
        else:
            found.append(Attribute(kind, reader.take(reader.u16())))
    return tuple(found)


def pack_attributes(attributes: Iterable[Attribute]) -> bytes:
    """The octets of several attributes."""
    return b"".join(attribute.pack() for attribute in attributes)


def find(attributes: Iterable[Attribute], kind: int) -> Attribute | None:
    """The first attribute of a kind."""
    return next((attribute for attribute in attributes if attribute.kind == kind), None)


def number(attributes: Iterable[Attribute], kind: int, default: int | None = None) -> int:
    """The value of an attribute as a number; raises WireError when it is absent and has no default."""
    attribute = find(attributes, kind)
    if attribute is not None:
        return attribute.as_int()
    if default is None:
        raise WireError(f"attribute {kind} is missing")
    return default


def duration(seconds: int) -> bytes:
    """A lifetime as the four octets that RFC 2409 and RFC 6407 give it."""
    return seconds.to_bytes(4, "big")
