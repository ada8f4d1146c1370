"""Many packets of one SA at a time, as the fast path has them: what `tunnel.py` does for one, with the same octets out.

What cannot be opened is not judged here: it is for the data plane, which says why, counts and reports it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from iosemu.crypto.errors import CryptoError, IntegrityError
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.time_replay import parse_stamp
from iosemu.engines.esp.tunnel import OUTER_TTL, DfRule
from iosemu.wire.esp import NEXT_HEADER_IPV4, PADDING, TUNNEL_TRAILERS
from iosemu.wire.ipv4 import DONT_FRAGMENT, ESP, MINIMUM_HEADER

# The outer header, SPI and sequence number.
_OUTSIDE = struct.Struct("!BBHHHBBH8s4sI")
OUTSIDE_OCTETS = _OUTSIDE.size


def seal_all(
    packets: Sequence[bytes],
    sa: EspSa,
    stamp: bytes,
    df_rule: DfRule,
    identification: int,
    front: bytes,
    random: RandomBytes,
) -> list[bytes]:
    """Packets in ESP, each behind `front`; `identification` is that of the first. The caller
    counts. Raises NonceExhaustedError when the SA cannot send all of them."""
    number = sa.take_numbers(len(packets))
    spi, block, seal = sa.tek.spi, sa.block, sa.cipher.seal
    join, pack, grown = b"".join, _OUTSIDE.pack, len(stamp) + 2
    addresses, constant = b"", 0
    copied, fixed = df_rule is DfRule.COPY, DONT_FRAGMENT * (df_rule is DfRule.SET)
    length, behind = -1, b""
    sealed = []
    for packet, iv in zip(packets, sa.ivs(number, len(packets), random), strict=True):
        if packet[12:20] != addresses:
            addresses = packet[12:20]
            # Of the checksum: 2**16 is 1 modulo 0xffff, so the addresses count as the sum of their words.
            constant = 0x4500 + (OUTER_TTL << 8 | ESP) + int.from_bytes(addresses, "big") % 0xFFFF
        if len(packet) != length:
            length = len(packet)
            behind = stamp + TUNNEL_TRAILERS[-(length + grown) % block]
        body = seal(spi + number.to_bytes(4, "big"), iv, packet + behind)
        tos, total = packet[1], OUTSIDE_OCTETS + len(body)
        fragment = packet[6] << 8 & DONT_FRAGMENT if copied else fixed
        checksum = 0xFFFF - ((constant + tos + total + identification + fragment) % 0xFFFF or 0xFFFF)
        outer = pack(0x45, tos, total, identification, fragment, OUTER_TTL, ESP, checksum, addresses, spi, number)
        sealed.append(join((front, outer, body)))
        number += 1
        identification = identification + 1 & 0xFFFF
    return sealed


def open_all(
    frames: Sequence[bytes], start: int, sa: EspSa, pseudotime: float | None
) -> tuple[list[bytes | None], float]:
    """The inner packets of frames whose SPI stands at `start`, behind an IP header without options, and the largest
    distance of a stamp from `pseudotime`; None for what is not a packet with this SA's protection."""
    opening, by_time, window = sa.cipher.open, sa.by_time, sa.tek.replay.window
    addresses, body = start - 8, start + 8
    stamp, largest, good = b"", 0.0, not by_time
    found: list[bytes | None] = []
    for frame in frames:
        found.append(None)
        try:
            plain = opening(frame[start:body], frame[body:])
        except (IntegrityError, CryptoError):
            continue
        if len(plain) < MINIMUM_HEADER + 2:
            continue
        padding = plain[-2]
        end = len(plain) - 2 - padding
        total = plain[2] << 8 | plain[3]
        if (
            plain[-1] != NEXT_HEADER_IPV4
            or plain[0] != 0x45
            or not MINIMUM_HEADER <= total <= end
            or (padding and plain[end:-2] != PADDING[:padding])
            or plain[12:20] != frame[addresses:start]
        ):
            continue
        if by_time and (not good or plain[total:end] != stamp):
            stamp = plain[total:end]
            peer = parse_stamp(stamp)
            delta = abs(pseudotime - peer) if pseudotime is not None and peer is not None else window
            good = delta < window
            largest = max(largest, delta) if good else largest
        if good:
            found[-1] = plain[:total]
    return found, largest
