"""What frames look like: how many packets they stand for, and whether the worker can handle them."""

from __future__ import annotations

from iosemu.ports.offload import ECN, GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import MINIMUM_HEADER, TCP

FIN_SYN_RST = 0x07
# Room for ports behind the header.
SHORTEST = 24
# How far from the IP header a checksum may begin, so that the front of any frame still fits before it.
FARTHEST = 0xFFFF - 18


def is_plain(frame: bytes, at: int, offload: int, total: int) -> bool:
    """Whether a packet of an unknown flow can be one of those that the worker handles."""
    size = len(frame) - at
    tcp = frame[at + 9] == TCP
    return (
        int.from_bytes(frame[at : at + MINIMUM_HEADER], "big") % 0xFFFF == 0
        and (total == size or (SHORTEST <= total < size and not offload))
        and not (tcp and (total < 40 or frame[at + 33] & FIN_SYN_RST))
    )


def shape(frame: bytes, at: int) -> tuple[int, int, bytes, int]:
    """How many packets a frame stands for, how long the longest is, its offload header for a packet without a front,
    and the octets of all packets. Raises WireError for what the host cannot mean."""
    flags, kind, _, size, start, offset = HEADER.unpack_from(frame)
    total, begin = len(frame) - at, at - HEADER.size
    start -= begin
    if not kind:
        if not flags & NEEDS_CHECKSUM:
            return 1, total, bytes((flags,)) + PLAIN[1:], total
        if not MINIMUM_HEADER <= start <= min(total - offset - 2, FARTHEST):
            raise WireError("checksum outside its frame")
        return 1, total, HEADER.pack(flags, 0, 0, 0, start, offset), total
    if frame[at + 9] != TCP:
        raise WireError("segments of another protocol")
    head = MINIMUM_HEADER + (frame[at + 32] >> 4) * 4
    data = total - head
    if kind & ~ECN != GSO_TCP4 or start != MINIMUM_HEADER or not size or data <= 0 or head < 40:
        raise WireError("segments without headers")
    count = -(-data // size)
    header = HEADER.pack(flags, kind, head, size, start, offset)
    return count, head + min(size, data), header, total + (count - 1) * head
