"""One packet into ESP and out again (RFC 4301 section 5, RFC 5374 section 5)."""

from __future__ import annotations

import struct

from iosemu.crypto.errors import CryptoError, IntegrityError
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.sa import EspSa
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError
from iosemu.wire.esp import NEXT_HEADER_IPV4, NEXT_HEADER_NONE, add_trailer, remove_trailer
from iosemu.wire.ipv4 import DONT_FRAGMENT, ESP, MINIMUM_HEADER, header_length

OUTER_TTL = 255
_OUTER = struct.Struct("!BBHHHBBH8s")


class RefusedError(Exception):
    """A packet must be dropped; the text says why. It never leaves the engine."""


def overhead(sa: EspSa, length: int) -> int:
    """Octets that a packet of `length` octets grows by."""
    transform = sa.tek.transform
    padding = -(length + 2) % max(transform.block_size, 4)
    return MINIMUM_HEADER + 8 + transform.iv_size + padding + 2 + transform.icv_size


def encapsulate(packet: bytes, sa: EspSa, identification: int, random: RandomBytes) -> bytes:
    """The ESP packet around a whole IPv4 packet. Outer addresses, TOS and DF are the inner ones.

    Raises NonceExhaustedError when the SA may not be used for sending any more.
    """
    header, iv = sa.next_header_and_iv(random)
    plaintext = add_trailer(packet, NEXT_HEADER_IPV4, sa.tek.transform.block_size)
    body = sa.cipher.seal(header, iv, plaintext)
    dont_fragment = int.from_bytes(packet[6:8], "big") & DONT_FRAGMENT
    total = MINIMUM_HEADER + 8 + len(body)
    fields = (0x45, packet[1], total, identification & 0xFFFF, dont_fragment, OUTER_TTL, ESP)
    outer = _OUTER.pack(*fields, 0, packet[12:20])
    outer = outer[:10] + internet_checksum(outer).to_bytes(2, "big") + outer[12:]
    sa.counters.encapsulated += 1
    sa.counters.sent_octets += len(packet)
    return outer + header + body


def decapsulate(packet: bytes, sa: EspSa) -> bytes | None:
    """The inner packet, None for a dummy packet (RFC 4303 section 2.6). Raises RefusedError."""
    start = (packet[0] & 0x0F) * 4
    total = int.from_bytes(packet[2:4], "big")
    header, body = packet[start : start + 8], packet[start + 8 : total]
    try:
        inner, next_header = remove_trailer(sa.cipher.open(header, body))
        if next_header == NEXT_HEADER_NONE:
            return None
        if next_header != NEXT_HEADER_IPV4:
            raise WireError(f"next header {next_header}")
        header_length(inner)
    except IntegrityError:
        raise RefusedError("mac verify failed") from None
    except (CryptoError, WireError) as error:
        raise RefusedError(str(error)) from error
    # Address preservation makes a cheap check against spoofing possible.
    if inner[12:20] != packet[12:20]:
        raise RefusedError("inner and outer addresses differ")
    # Octets behind the inner packet hide its length (RFC 4303 section 2.7).
    return inner[: int.from_bytes(inner[2:4], "big")]
