"""One packet into ESP and out again (RFC 4301 section 5, RFC 4303, RFC 5374 section 5)."""

from __future__ import annotations

import struct
from enum import Enum
from typing import Protocol

from iosemu.crypto.errors import CryptoError, IntegrityError
from iosemu.crypto.esp_ciphers import EspCipher
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.verdict import ADDRESSES_DIFFER, BAD_ICV
from iosemu.wire.errors import WireError
from iosemu.wire.esp import (
    NEXT_HEADER_IPV4,
    NEXT_HEADER_IPV6,
    NEXT_HEADER_NONE,
    TUNNEL_TRAILERS,
    TUNNEL_TRAILERS6,
    add_trailer,
    remove_trailer,
)
from iosemu.wire.ipv4 import DONT_FRAGMENT, ESP, MINIMUM_HEADER, fragments, header_length
from iosemu.wire.ipv6 import HEADER, check

OUTER_TTL = 255
_OUTER = struct.Struct("!BBHHHBBH8s")
_OUTER6 = struct.Struct("!IHBB32s")


class DfRule(Enum):
    """The DF bit of the outer header (RFC 4301 section 8.1)."""

    COPY = "copy"
    CLEAR = "clear"
    SET = "set"

    def bit(self, packet: bytes) -> int:
        """The bit in its place for a packet's outer header."""
        if self is DfRule.COPY:
            return (packet[6] << 8) & DONT_FRAGMENT
        return DONT_FRAGMENT if self is DfRule.SET else 0


class RefusedError(Exception):
    """A packet must be dropped; the text says why. It never leaves the engine."""


class SendingSa(Protocol):
    """What sealing needs of an SA."""

    cipher: EspCipher

    @property
    def transform(self) -> EspTransform:
        """What protects the packets."""

    def next_header_and_iv(self, random: RandomBytes) -> tuple[bytes, bytes]:
        """SPI with the next sequence number, and an IV; raises NonceExhaustedError."""


def overhead(transform: EspTransform, length: int) -> int:
    """Octets that a packet of `length` octets grows by in tunnel mode."""
    padding = -(length + 2) % max(transform.block_size, 4)
    return MINIMUM_HEADER + 8 + transform.iv_size + padding + 2 + transform.icv_size


def plaintext_mtu(transform: EspTransform, mtu: int, behind: int = 0, header: int = MINIMUM_HEADER) -> int:
    """The longest packet that fits into one of `mtu` octets in tunnel mode behind an IP header of so many, with so many
    octets behind it, which are counted in whole blocks."""
    room = mtu - header - 8 - transform.iv_size - transform.icv_size
    block = max(transform.block_size, 4)
    return room // block * block - 2 - -(-behind // block) * block


def fitting(packet: bytes, transform: EspTransform, mtu: int, behind: int = 0) -> list[bytes]:
    """The packet, or fragments that fit into `mtu` octets once encrypted: so receivers need not put ESP together. One
    that must not be fragmented stays whole."""
    limit = plaintext_mtu(transform, mtu, behind)
    return [packet] if len(packet) <= limit or packet[6] & DONT_FRAGMENT >> 8 else fragments(packet, limit)


def seal(payload: bytes, next_header: int, sa: SendingSa, random: RandomBytes) -> bytes:
    """What follows the IP header: SPI to ICV. Raises NonceExhaustedError when the SA may not send any more."""
    header, iv = sa.next_header_and_iv(random)
    return header + sa.cipher.seal(header, iv, add_trailer(payload, next_header, sa.transform.block_size))


def unseal(data: bytes, cipher: EspCipher) -> tuple[bytes, int]:
    """The payload of what follows the IP header, and its next header. Raises RefusedError."""
    try:
        return remove_trailer(cipher.open(data[:8], data[8:]))
    except IntegrityError:
        raise RefusedError(BAD_ICV) from None
    except (CryptoError, WireError) as error:
        raise RefusedError(str(error)) from error


def outer_header(
    addresses: bytes, length: int, tos: int, identification: int, dont_fragment: int, protocol: int = ESP
) -> bytes:
    """The IPv4 header in front of `length` octets; `addresses` are source and destination, `dont_fragment` is the bit
    in its place (RFC 4301 section 5.1.2.1)."""
    fields = (0x45, tos, MINIMUM_HEADER + length, identification & 0xFFFF, dont_fragment, OUTER_TTL, protocol)
    sum_of_words = (0x4500 | tos) + fields[2] + fields[3] + dont_fragment + (OUTER_TTL << 8 | protocol)
    # 2**16 is 1 modulo 0xffff: the addresses count as the sum of their words. The sum is never 0.
    checksum = 0xFFFF - ((sum_of_words + int.from_bytes(addresses, "big")) % 0xFFFF or 0xFFFF)
    return _OUTER.pack(*fields, checksum, addresses)


def outer_header6(packet: bytes, length: int) -> bytes:
    """The IPv6 header in front of `length` octets around a packet: addresses and traffic class of its own header. The
    flow label is 0, because that of the inner flow would tell flows apart (RFC 4301 section 5.1.2.2, RFC 6437)."""
    first = 6 << 28 | int.from_bytes(packet[:2], "big") >> 4 << 20 & 0xFF00000
    return _OUTER6.pack(first, length, ESP, OUTER_TTL, packet[8:40])


def inner_packet(payload: bytes, next_header: int, wanted: int = NEXT_HEADER_IPV4) -> bytes | None:
    """The packet of tunnel mode, None for a dummy packet (RFC 4303 section 2.6). Raises RefusedError."""
    if next_header == NEXT_HEADER_NONE:
        return None
    if next_header != wanted:
        raise RefusedError(f"next header {next_header}")
    try:
        if wanted == NEXT_HEADER_IPV6:
            return payload[: check(payload)]
        header_length(payload)
    except WireError as error:
        raise RefusedError(str(error)) from error
    # Octets behind the inner packet hide its length (RFC 4303 section 2.7).
    return payload[: int.from_bytes(payload[2:4], "big")]


def encapsulate(
    packet: bytes,
    sa: EspSa,
    identification: int,
    random: RandomBytes,
    stamp: bytes = b"",
    df_rule: DfRule = DfRule.COPY,
) -> bytes:
    """The ESP packet of a group around a whole packet and its time stamp. Outer addresses and TOS are those of the
    inner one, DF is as the rule says.

    Raises NonceExhaustedError when the SA may not be used for sending any more.
    """
    ipv6 = packet[0] >> 4 == 6
    header, iv = sa.next_header_and_iv(random)
    inner = packet + stamp
    trailers = TUNNEL_TRAILERS6 if ipv6 else TUNNEL_TRAILERS
    body = sa.cipher.seal(header, iv, inner + trailers[-(len(inner) + 2) % sa.block])
    sa.counters.encapsulated += 1
    sa.counters.sent_octets += len(packet)
    if ipv6:
        return outer_header6(packet, 8 + len(body)) + header + body
    outer = outer_header(packet[12:20], 8 + len(body), packet[1], identification, df_rule.bit(packet))
    return outer + header + body


def decapsulate(packet: bytes, start: int, sa: EspSa) -> tuple[bytes, bytes] | None:
    """The inner packet of a group's ESP packet, whose ESP header stands at `start`, and what is behind it; None for a
    dummy packet. Raises RefusedError."""
    ipv6 = packet[0] >> 4 == 6
    total = HEADER + int.from_bytes(packet[4:6], "big") if ipv6 else int.from_bytes(packet[2:4], "big")
    payload, next_header = unseal(packet[start:total], sa.cipher)
    inner = inner_packet(payload, next_header, NEXT_HEADER_IPV6 if ipv6 else NEXT_HEADER_IPV4)
    # Address preservation makes a cheap check against spoofing possible.
    if inner is None:
        return None
    addresses = slice(8, 40) if ipv6 else slice(12, 20)
    if inner[addresses] != packet[addresses]:
        raise RefusedError(ADDRESSES_DIFFER)
    return inner, payload[len(inner) :]
