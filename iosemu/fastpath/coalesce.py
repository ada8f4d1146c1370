"""TCP segments that follow each other become one frame again (generic receive offload): the host takes it in one go."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN
from iosemu.ports.sums import folded, value
from iosemu.wire.ipv4 import MINIMUM_HEADER, TCP

LARGEST = 65000
ACK, PSH = 0x10, 0x08
_SUM_AT = 16
# What must not differ, and between it length, identification, checksum, sequence number and flags.
_FIELDS = struct.Struct("!2sHH4sH12sI5sB2s")


# A frame behind an offload header, the number of the first packet in it, how many there are, and their octets. No frame
# stands for a packet that is not there.
Joined = tuple[bytes | None, int, int, int]


class _Run:
    """Segments that follow each other; `size` is what each but the last one carries."""

    __slots__ = ("alike", "begin", "chunks", "first", "flags", "following", "head", "length", "size", "words")

    def __init__(
        self, first: int, head: bytes, begin: int, alike: tuple[bytes, ...], words: int, following: int
    ) -> None:
        self.first, self.head, self.begin, self.alike, self.words = first, head, begin, alike, words
        self.following, self.length, self.size, self.flags = following, len(head), len(head) - begin, ACK
        self.chunks: list[bytes] = []

    def joined(self) -> Joined:
        """The frame of all of them."""
        count, begin, length = len(self.chunks) + 1, self.begin, self.length
        if count == 1:
            return PLAIN + self.head, self.first, 1, length
        head = bytearray(self.head)
        head[2:4] = length.to_bytes(2, "big")
        head[10:12] = b"\0\0"
        head[10:12] = (folded(value(head[:MINIMUM_HEADER])) ^ 0xFFFF).to_bytes(2, "big")
        head[33] = self.flags
        # The host finishes it: what stands in the field is the sum of the pseudo header.
        pseudo = folded(value(head[12:MINIMUM_HEADER]) + TCP + length - MINIMUM_HEADER)
        head[MINIMUM_HEADER + _SUM_AT : MINIMUM_HEADER + _SUM_AT + 2] = pseudo.to_bytes(2, "big")
        offload = HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, begin, self.size, MINIMUM_HEADER, _SUM_AT)
        return b"".join((offload, head, *self.chunks)), self.first, count, length + (count - 1) * begin


def join(packets: Sequence[bytes | None]) -> list[Joined]:
    """IPv4 packets in their order, in as few frames as can be. Only segments whose checksums are right are joined:
    their frame gets new ones."""
    found: list[Joined] = []
    unpack = _FIELDS.unpack_from
    run: _Run | None = None
    for number, packet in enumerate(packets):
        data = 0
        if packet is not None and packet[9] == TCP and len(packet) >= 40 and not (packet[6] & 0x3F or packet[7]):
            a, length, own, b, header_sum, c, sequence, d, flags, e = unpack(packet)
            begin = MINIMUM_HEADER + (d[4] >> 4) * 4
            if flags & ~PSH == ACK and a[0] == 0x45 and begin >= 40 and length == len(packet):
                data = length - begin
        if data > 0:
            assert packet is not None
            alike, words = (a, b, c, d, e, packet[40:begin]), length + own + header_sum
            if (
                run is not None
                and sequence == run.following
                and alike == run.alike
                and data <= run.size
                and run.length + data <= LARGEST
                and (words - run.words) % 0xFFFF == 0
                and _sound(packet, length)
            ):
                run.chunks.append(packet[begin:])
                run.following, run.length, run.flags = sequence + data & 0xFFFFFFFF, run.length + data, flags
                if data < run.size or flags != ACK:
                    found.append(run.joined())
                    run = None
                continue
        if run is not None:
            found.append(run.joined())
            run = None
        if packet is None:
            found.append((None, number, 1, 0))
        elif data > 0 and flags == ACK and value(packet[:MINIMUM_HEADER]) % 0xFFFF == 0 and _sound(packet, length):
            run = _Run(number, packet, begin, alike, words, sequence + data & 0xFFFFFFFF)
        else:
            found.append((PLAIN + packet, number, 1, len(packet)))
    if run is not None:
        found.append(run.joined())
    return found


def _sound(packet: bytes, length: int) -> bool:
    """Whether the TCP checksum of a packet of so many octets is right; the addresses belong to the sum."""
    return (value(packet[12:]) + TCP + length - MINIMUM_HEADER) % 0xFFFF == 0
