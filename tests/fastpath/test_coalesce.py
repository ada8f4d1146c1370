"""Segments joined again are the frame that they were cut from, and nothing else is joined."""

from __future__ import annotations

from random import Random

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Raw

from iosemu.fastpath.coalesce import OPEN, join
from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN, finished


def stream(size: int, *, flags: str = "PA", sequence: int = 100, length: int = 5000, port: int = 5) -> list[bytes]:
    head = TCP(sport=port, dport=6, seq=sequence, ack=9, flags=flags, options=[("Timestamp", (1, 2))])
    frame = bytes(IP(src="10.1.1.1", dst="10.2.2.2", flags="DF") / head / Raw(Random(1).randbytes(length)))
    return finished(HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 0, size, 20, 16) + frame, 0)


def joined(packets: list[bytes]) -> list[tuple[bytes, int, int]]:
    found = join(packets)
    assert sorted(number for _, numbers, _ in found for number in numbers) == list(range(len(packets)))
    return [(frame or b"", len(numbers), octets) for frame, numbers, octets in found]


@pytest.mark.parametrize("size", [536, 1000, 1348, 2500])
def test_what_was_cut_is_joined(size: int) -> None:
    pieces = stream(size)
    ((frame, packets, octets),) = joined(pieces)
    assert (packets, octets) == (len(pieces), sum(map(len, pieces)))
    flags, kind, _, found, start, _ = HEADER.unpack_from(frame)
    assert (flags, kind, found, start) == (NEEDS_CHECKSUM, GSO_TCP4, size, 20)
    assert finished(frame, 0) == pieces


def test_streams_that_are_not_one_stay_apart() -> None:
    first, second = stream(1000), stream(1000, sequence=7000)
    assert [item[1] for item in joined(first + second)] == [5, 5]
    assert [item[1] for item in joined([first[0], first[2], first[1]])] == [1, 1, 1]
    assert [item[1] for item in joined([first[0], first[0]])] == [1, 1]


def test_segment_with_a_bad_checksum_is_passed_on_as_it_is() -> None:
    pieces = stream(1000)
    damaged = pieces[1][:-1] + bytes((pieces[1][-1] ^ 1,))
    frames = joined([pieces[0], damaged, *pieces[2:]])
    assert frames[1][0] == PLAIN + damaged
    assert [item[1] for item in frames] == [1, 1, 3]


@pytest.mark.parametrize("flags", ["SA", "FA", "RA", "UA"])
def test_beginnings_and_ends_are_not_joined(flags: str) -> None:
    special = bytes(IP(src="10.1.1.1", dst="10.2.2.2") / TCP(seq=1, flags=flags) / Raw(b"data"))
    assert joined([special, special]) == [(PLAIN + special, 1, len(special))] * 2


def test_streams_side_by_side_are_joined_each_for_itself() -> None:
    datagram = bytes(IP(src="10.1.1.1", dst="10.2.2.2") / UDP() / Raw(b"data"))
    streams = [stream(1000, port=port) for port in range(OPEN)]
    packets = [piece for pieces in zip(*streams, strict=True) for piece in (*pieces, datagram)]
    found = join(packets)
    frames = [frame for frame, numbers, _ in found if len(numbers) > 1]
    assert [finished(frame or b"", 0) for frame in frames] == streams
    assert sum(frame == PLAIN + datagram for frame, _, _ in found) == 5


def test_as_many_streams_as_that_and_no_more() -> None:
    streams = [stream(1000, port=port, flags="A") for port in range(OPEN + 1)]
    packets = [piece for pieces in zip(*streams, strict=True) for piece in pieces]
    assert {count for _, count, _ in joined(packets)} == {1}


def test_fragment_is_not_overtaken() -> None:
    pieces = stream(1000)
    fragment = bytes(IP(src="10.1.1.1", dst="10.2.2.2", frag=9, proto=6) / Raw(bytes(100)))
    assert [count for _, count, _ in joined([*pieces[:2], fragment, *pieces[2:]])] == [2, 1, 3]


def test_anything_may_come() -> None:
    random = Random(7)
    valid = stream(700) + stream(300, sequence=5100)
    for _ in range(300):
        packets = []
        for piece in random.sample(valid, 8):
            data = bytearray(piece)
            data[random.randrange(20, len(data))] ^= random.choice((0, 0, 255))
            packets.append(bytes(data))
        frames = joined(packets)
        restored = [piece for frame, _, _ in frames for piece in finished(frame, 0)]
        assert restored == packets


def test_what_is_no_packet_keeps_nobody_apart() -> None:
    pieces = stream(1000)
    found = join([*pieces[:2], None, *pieces[2:]])
    assert [(numbers, frame is None) for frame, numbers, _ in found] == [((0, 1, 3, 4, 5), False), ((2,), True)]
