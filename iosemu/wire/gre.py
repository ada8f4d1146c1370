"""Generic Routing Encapsulation (RFC 2784) with key and sequence number (RFC 2890)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.buffer import Reader
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError

PROTOCOL_IPV4, PROTOCOL_IPV6 = 0x0800, 0x86DD
PROTOCOL_NHRP = 0x2001

CHECKSUM, KEY, SEQUENCE = 0x8000, 0x2000, 0x1000
# Routing, strict source route, recursion control: of RFC 1701, and to be refused (RFC 2784 section 2.3).
_REFUSED = 0x4C00
# Reserved bits that a receiver ignores, and the version.
_VERSION = 0x0007


@dataclass(frozen=True, slots=True)
class GrePacket:
    """One packet: `protocol` is an EtherType, `key` and `sequence` are 32-bit numbers or absent."""

    protocol: int
    payload: bytes
    key: int | None = None
    sequence: int | None = None
    checksum: bool = False

    @classmethod
    def parse(cls, data: bytes) -> GrePacket:
        """Read a packet; raises WireError when it is short, of another version, or its checksum is wrong."""
        reader = Reader(data)
        flags, protocol = reader.u16(), reader.u16()
        if flags & _VERSION or flags & _REFUSED:
            raise WireError(f"GRE flags 0x{flags:04x}")
        if flags & CHECKSUM:
            reader.take(4)
            if internet_checksum(data):
                raise WireError("GRE checksum")
        key = reader.u32() if flags & KEY else None
        sequence = reader.u32() if flags & SEQUENCE else None
        return cls(protocol, reader.rest(), key, sequence, bool(flags & CHECKSUM))

    def pack(self) -> bytes:
        """The octets of the packet."""
        flags = (CHECKSUM if self.checksum else 0) | (KEY if self.key is not None else 0)
        flags |= SEQUENCE if self.sequence is not None else 0
        head = flags.to_bytes(2, "big") + self.protocol.to_bytes(2, "big")
        tail = b"" if self.key is None else self.key.to_bytes(4, "big")
        tail += b"" if self.sequence is None else self.sequence.to_bytes(4, "big")
        if not self.checksum:
            return head + tail + self.payload
        checksum = internet_checksum(head + bytes(4) + tail + self.payload)
        return head + checksum.to_bytes(2, "big") + bytes(2) + tail + self.payload


def overhead(key: bool = False, sequence: bool = False, checksum: bool = False) -> int:
    """Octets of the header."""
    return 4 + 4 * (key + sequence + checksum)
