"""SEQ and KD, the payloads that come with keys (RFC 6407 sections 5.6 and 5.7)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.attributes import Attribute, pack_attributes, parse_attributes
from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError


@dataclass(frozen=True, slots=True)
class KeyPacket:
    """One key packet; the SPI ties it to its SA KEK or SA TEK."""

    kind: int
    spi: bytes
    attributes: tuple[Attribute, ...]

    def __repr__(self) -> str:
        return f"KeyPacket(kind={self.kind}, spi={self.spi.hex()})"


@dataclass(frozen=True, slots=True)
class KeyDownload:
    """The KD payload (section 5.6)."""

    packets: tuple[KeyPacket, ...]

    @classmethod
    def parse(cls, body: bytes) -> KeyDownload:
        """Read a KD payload's body; the number of key packets must agree with what follows."""
        reader = Reader(body)
        count = reader.u16()
        reader.u16()
        packets = []
        for _ in range(count):
            kind, _reserved, length, spi_size = reader.u8(), reader.u8(), reader.u16(), reader.u8()
            packet = reader.sub(length - 5)
            packets.append(KeyPacket(kind, packet.take(spi_size), parse_attributes(packet.rest())))
        if reader.remaining:
            raise WireError("octets behind the last key packet")
        return cls(tuple(packets))

    def pack(self) -> bytes:
        """The body."""
        parts = [len(self.packets).to_bytes(2, "big"), b"\x00\x00"]
        for packet in self.packets:
            tail = packet.spi + pack_attributes(packet.attributes)
            parts.append(bytes((packet.kind, 0)) + (5 + len(tail)).to_bytes(2, "big") + bytes((len(packet.spi),)))
            parts.append(tail)
        return b"".join(parts)


def parse_sequence(body: bytes) -> int:
    """The number of a SEQ payload (section 5.7)."""
    if len(body) != 4:
        raise WireError(f"SEQ payload of {len(body)} octets")
    return int.from_bytes(body, "big")


def pack_sequence(number: int) -> bytes:
    """The body of a SEQ payload."""
    return number.to_bytes(4, "big")
