"""Segments joined again are the frame that they were cut from, and nothing else is joined."""

from __future__ import annotations

from random import Random

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Raw

from iosemu.fastpath.coalesce import join
from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN, finished


def stream(size: int, *, flags: str = "PA", sequence: int = 100, length: int = 5000) -> list[bytes]:
    head = TCP(sport=5, dport=6, seq=sequence, ack=9, flags=flags, options=[("Timestamp", (1, 2))])
    frame = bytes(IP(src="10.1.1.1", dst="10.2.2.2", flags="DF") / head / Raw(Random(1).randbytes(length)))
    return finished(HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 0, size, 20, 16) + frame, 0)


def joined(packets: list[bytes]) -> list[tuple[bytes, int, int]]:
    found = join(packets)
    assert [item[1] for item in found] == [sum(other[2] for other in found[:n]) for n in range(len(found))]
    return [(item[0] or b"", item[2], item[3]) for item in found]


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
    special = bytes(IP(src="10.1.1.1", dst="10.2.2.2") / TCP(seq=1, flags=flags) / b"data")
    assert joined([special, special]) == [(PLAIN + special, 1, len(special))] * 2


def test_datagrams_keep_their_places() -> None:
    datagram = bytes(IP(src="10.1.1.1", dst="10.2.2.2") / UDP() / b"data")
    pieces = stream(1000)
    assert [item[1] for item in joined([*pieces[:2], datagram, *pieces[2:]])] == [2, 1, 3]


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


def test_gap_keeps_its_place() -> None:
    pieces = stream(1000)
    found = join([*pieces[:2], None, *pieces[2:]])
    assert [(first, count, frame is None) for frame, first, count, _ in found] == [
        (0, 2, False),
        (2, 1, True),
        (3, 3, False),
    ]
