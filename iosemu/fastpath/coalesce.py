"""TCP segments that follow each other become one frame again (generic receive offload): the host takes it in one go."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN, folded, value
from iosemu.wire.ipv4 import TCP

LARGEST = 65000
ACK, PSH = 0x10, 0x08
_SUM_AT = 16
_SEQUENCE = struct.Struct("!4xI4xBB")


@dataclass(slots=True)
class _Run:
    """Segments of one connection, with no gap between them. `size` is that of each but the last."""

    head: bytes
    chunks: list[bytes]
    next: int
    size: int
    length: int
    flags: int = field(default=0)


class Coalescer:
    """Takes IPv4 packets in their order and gives frames back, each behind its offload header. `front` is the Ethernet
    header of all of them, or nothing."""

    def __init__(self, front: bytes) -> None:
        self._front = front
        self._frames: list[tuple[bytes, int, int]] = []
        self._run: _Run | None = None

    def add(self, packet: bytes) -> None:
        """Take a packet. Only one whose TCP checksum is right is joined to others: theirs is computed anew."""
        if packet[9] != TCP or packet[0] != 0x45 or packet[6] & 0x3F or packet[7]:
            self._end()
            self._frames.append((PLAIN + self._front + packet, 1, len(packet)))
            return
        sequence, offset, flags = _SEQUENCE.unpack_from(packet, 20)
        start = 20 + (offset >> 4) * 4
        size = len(packet) - start
        run = self._run
        if (
            run is not None
            and size
            and sequence == run.next
            and size <= run.size
            and flags & ~PSH == ACK
            and run.length + size <= LARGEST
            and _alike(run.head, packet, start)
            and _sound(packet)
        ):
            run.chunks.append(packet[start:])
            run.next, run.length, run.flags = sequence + size & 0xFFFFFFFF, run.length + size, flags
            if size < run.size or flags & PSH:
                self._end()
            return
        self._end()
        if flags == ACK and size > 0 and _sound(packet):
            self._run = _Run(packet[:start], [packet[start:]], sequence + size & 0xFFFFFFFF, size, start + size, flags)
        else:
            self._frames.append((PLAIN + self._front + packet, 1, len(packet)))

    def take(self) -> list[tuple[bytes, int, int]]:
        """All frames, each with the number of its packets and their octets."""
        self._end()
        frames, self._frames = self._frames, []
        return frames

    def _end(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        if len(run.chunks) == 1:
            self._frames.append((b"".join((PLAIN, self._front, run.head, *run.chunks)), 1, run.length))
            return
        head = bytearray(run.head)
        head[2:4] = run.length.to_bytes(2, "big")
        head[10:12] = b"\0\0"
        head[10:12] = (folded(value(head[:20])) ^ 0xFFFF).to_bytes(2, "big")
        head[33] = run.flags
        pseudo = folded(value(head[12:20]) + TCP + run.length - 20)
        head[20 + _SUM_AT : 22 + _SUM_AT] = pseudo.to_bytes(2, "big")
        front = len(self._front)
        offload = HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, front + len(head), run.size, front + 20, _SUM_AT)
        octets = run.length + (len(run.chunks) - 1) * len(head)
        self._frames.append((b"".join((offload, self._front, head, *run.chunks)), len(run.chunks), octets))


def _alike(head: bytes, packet: bytes, start: int) -> bool:
    """Whether headers differ in nothing but length, identification, sequence number, PSH and checksums."""
    return (
        len(head) == start
        and head[:2] == packet[:2]
        and head[6:10] == packet[6:10]
        and head[12:24] == packet[12:24]
        and head[28:33] == packet[28:33]
        and head[34:36] == packet[34:36]
        and head[38:] == packet[38:start]
    )


def _sound(packet: bytes) -> bool:
    """Whether the TCP checksum is right."""
    return folded(value(packet[12:20]) + TCP + len(packet) - 20 + value(packet[20:])) == 0xFFFF
