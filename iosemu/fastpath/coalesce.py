"""TCP segments that follow each other become one frame again (generic receive offload): the host takes it in one go."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN
from iosemu.ports.sums import folded, remainder, value
from iosemu.wire.ipv4 import MINIMUM_HEADER, TCP

LARGEST = 65000
# IP and TCP headers without options.
SHORTEST = 40
ACK, PSH = 0x10, 0x08
_SUM_AT = 16
# What must not differ, and between it length, identification, checksum, sequence number and flags.
_FIELDS = struct.Struct("!2sHH4sH12sI5sB2s")


# A frame behind an offload header, the numbers of the packets in it, and their octets. There is no frame for what is no
# packet.
Joined = tuple[bytes | None, tuple[int, ...], int]
# So many streams may be joined side by side, as in the kernel's own.
OPEN = 8


class _Run:
    """Segments that follow each other; `size` is what each but the last one carries, `alike` what all have in common,
    `words` the sum of the words of their IP headers that differ, `pseudo` that of the pseudo header without length.
    No more are joined to it once it is not `open`."""

    __slots__ = (
        *(
            "alike",
            "begin",
            "chunks",
            "flags",
            "following",
            "head",
            "length",
            "numbers",
            "open",
            "pseudo",
            "size",
            "words",
        ),
    )
    alike: tuple[bytes, ...]
    words: int
    pseudo: int

    def __init__(self, number: int, head: bytes, begin: int, following: int) -> None:
        self.numbers, self.head, self.begin, self.following = [number], head, begin, following
        self.length, self.size, self.flags = len(head), len(head) - begin, ACK
        self.chunks: list[bytes] = []
        self.open = True

    def takes(self, number: int, packet: bytes) -> bool:
        """Whether a packet of the same addresses and ports follows; then it is one of them."""
        begin = self.begin
        if len(packet) <= begin:
            return False
        a, length, own, b, header_sum, c, sequence, d, flags, e = _FIELDS.unpack_from(packet)
        data = length - begin
        if not (
            sequence == self.following
            and (a, b, c, d, e, packet[40:begin]) == self.alike
            and 0 < data <= self.size
            and length == len(packet)
            and flags & ~PSH == ACK
            and self.length + data <= LARGEST
            and (length + own + header_sum - self.words) % 0xFFFF == 0
            and _sound(packet, length, self.pseudo)
        ):
            return False
        self.numbers.append(number)
        self.chunks.append(packet[begin:])
        self.following = sequence + data & 0xFFFFFFFF
        self.length += data
        self.flags = flags
        self.open = data == self.size and flags == ACK
        return True

    def joined(self) -> Joined:
        """The frame of all of them."""
        count, begin, length = len(self.numbers), self.begin, self.length
        if count == 1:
            return PLAIN + self.head, (self.numbers[0],), length
        head = bytearray(self.head)
        head[2:4] = length.to_bytes(2, "big")
        head[10:12] = b"\0\0"
        head[10:12] = (folded(value(head[:MINIMUM_HEADER])) ^ 0xFFFF).to_bytes(2, "big")
        head[33] = self.flags
        # The host finishes it: what stands in the field is the sum of the pseudo header.
        pseudo = folded(value(head[12:MINIMUM_HEADER]) + TCP + length - MINIMUM_HEADER)
        head[MINIMUM_HEADER + _SUM_AT : MINIMUM_HEADER + _SUM_AT + 2] = pseudo.to_bytes(2, "big")
        offload = HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, begin, self.size, MINIMUM_HEADER, _SUM_AT)
        return b"".join((offload, head, *self.chunks)), tuple(self.numbers), length + (count - 1) * begin


def join(packets: Sequence[bytes | None]) -> list[Joined]:
    """IPv4 packets without options in as few frames as can be; those of a stream keep their order. Only segments whose
    checksums are right are joined: their frame gets new ones."""
    found: list[_Run | Joined] = []
    growing: dict[bytes, _Run] = {}
    for number, packet in enumerate(packets):
        if packet is None:
            found.append((None, (number,), 0))
            continue
        if packet[9] == TCP and (len(packet) < SHORTEST or packet[6] & 0x3F or packet[7]):
            # Nobody knows what it is a part of: nothing may overtake it.
            growing.clear()
        elif packet[9] == TCP:
            ends = packet[12:24]
            run = growing.get(ends)
            if run is not None and run.takes(number, packet):
                if not run.open:
                    del growing[ends]
                continue
            if run is not None:
                del growing[ends]
            run = _started(number, packet)
            if run is not None:
                if len(growing) == OPEN:
                    del growing[next(iter(growing))]
                growing[ends] = run
                found.append(run)
                continue
        found.append((PLAIN + packet, (number,), len(packet)))
    return [item.joined() if isinstance(item, _Run) else item for item in found]


def _started(number: int, packet: bytes) -> _Run | None:
    """What a whole TCP segment begins, if others may be joined to it."""
    a, length, own, b, header_sum, c, sequence, d, flags, e = _FIELDS.unpack_from(packet)
    begin = MINIMUM_HEADER + (d[4] >> 4) * 4
    if begin < SHORTEST or length <= begin or length != len(packet) or flags != ACK:
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
