"""TCP segments that follow each other become one frame again (generic receive offload): the host takes it in one go."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN
from iosemu.ports.sums import folded, remainder, value
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
    """Segments that follow each other; `size` is what each but the last one carries, `alike` what all have in common,
    `words` the sum of the words of their IP headers that differ, `pseudo` that of the pseudo header without length."""

    __slots__ = ("alike", "begin", "chunks", "first", "flags", "following", "head", "length", "pseudo", "size", "words")
    alike: tuple[bytes, ...]
    words: int
    pseudo: int

    def __init__(self, first: int, head: bytes, begin: int, following: int) -> None:
        self.first, self.head, self.begin, self.following = first, head, begin, following
        self.length, self.size, self.flags = len(head), len(head) - begin, ACK
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
        if run is not None and packet is not None and len(packet) > run.begin:
            a, length, own, b, header_sum, c, sequence, d, flags, e = unpack(packet)
            begin = run.begin
            data = length - begin
            if (
                sequence == run.following
                and (a, b, c, d, e, packet[40:begin]) == run.alike
                and 0 < data <= run.size
                and length == len(packet)
                and flags & ~PSH == ACK
                and run.length + data <= LARGEST
                and (length + own + header_sum - run.words) % 0xFFFF == 0
                and _sound(packet, length, run.pseudo)
            ):
                run.chunks.append(packet[begin:])
                run.following = sequence + data & 0xFFFFFFFF
                run.length += data
                if data < run.size or flags != ACK:
                    run.flags = flags
                    found.append(run.joined())
                    run = None
                continue
        if run is not None:
            found.append(run.joined())
            run = None
        if packet is None:
            found.append((None, number, 1, 0))
        elif (run := _started(number, packet)) is None:
            found.append((PLAIN + packet, number, 1, len(packet)))
    if run is not None:
        found.append(run.joined())
    return found


def _started(number: int, packet: bytes) -> _Run | None:
    """What a packet begins, if others may be joined to it."""
    if packet[9] != TCP or len(packet) < 40 or packet[0] != 0x45 or packet[6] & 0x3F or packet[7]:
        return None
    a, length, own, b, header_sum, c, sequence, d, flags, e = _FIELDS.unpack_from(packet)
    begin = MINIMUM_HEADER + (d[4] >> 4) * 4
    if begin < 40 or length <= begin or length != len(packet) or flags != ACK:
        return None
    pseudo = value(c[:8]) + TCP - MINIMUM_HEADER
    if value(packet[:MINIMUM_HEADER]) % 0xFFFF or not _sound(packet, length, pseudo):
        return None
    run = _Run(number, packet, begin, sequence + length - begin & 0xFFFFFFFF)
    run.words, run.alike, run.pseudo = length + own + header_sum, (a, b, c, d, e, packet[40:begin]), pseudo
    return run


def _sound(packet: bytes, length: int, pseudo: int) -> bool:
    """Whether the TCP checksum of a packet of so many octets is right; `pseudo` and the length are the sum of its
    pseudo header. The IP header is right and so does not count."""
    limbs = length >> 3
    total = remainder()(packet, limbs) * 256 + pseudo + length
    if length & 7:
        total += int.from_bytes(packet[limbs << 3 :], "big") << 8 * (length & 1)
    return total % 0xFFFF == 0
