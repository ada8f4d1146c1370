"""The outside of an ESP packet (RFC 4303 section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.errors import WireError

NEXT_HEADER_IPV4, NEXT_HEADER_IPV6, NEXT_HEADER_NONE = 4, 41, 59


@dataclass(frozen=True, slots=True)
class EspPacket:
    """An ESP packet without its IP header. `body` is what follows the sequence number: IV, ciphertext and ICV."""

    spi: int
    sequence: int
    body: bytes

    @classmethod
    def parse(cls, data: bytes) -> EspPacket:
        """Read SPI and sequence number."""
        if len(data) < 8:
            raise WireError(f"ESP packet of {len(data)} octets")
        return cls(int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big"), data[8:])

    def pack(self) -> bytes:
        """The octets of the packet."""
        return self.spi.to_bytes(4, "big") + self.sequence.to_bytes(4, "big") + self.body


# Padding, pad length and the next header of tunnel mode, by the octets of padding.
PADDING = bytes(range(1, 256))
TUNNEL_TRAILERS = tuple(PADDING[:size] + bytes((size, NEXT_HEADER_IPV4)) for size in range(256))

TUNNEL_TRAILERS6 = tuple(trailer[:-1] + bytes((NEXT_HEADER_IPV6,)) for trailer in TUNNEL_TRAILERS)


def add_trailer(payload: bytes, next_header: int, block: int) -> bytes:
    """Payload, padding 1, 2, 3 ..., pad length and next header, filled up to `block` octets (RFC 4303 section 2.4)."""
    padding = -(len(payload) + 2) % max(block, 4)
    if next_header == NEXT_HEADER_IPV4:
        return payload + TUNNEL_TRAILERS[padding]
    return payload + PADDING[:padding] + bytes((padding, next_header))


def remove_trailer(plaintext: bytes) -> tuple[bytes, int]:
    """The payload and its next header; raises WireError when the padding is not 1, 2, 3 ..."""
    if len(plaintext) < 2:
        raise WireError("ESP plaintext without trailer")
    padding, next_header = plaintext[-2], plaintext[-1]
    end = len(plaintext) - 2 - padding
    if end < 0 or plaintext[end:-2] != PADDING[:padding]:
        raise WireError("ESP padding")
    return plaintext[:end], next_header
