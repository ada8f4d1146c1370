"""What the host leaves unfinished is finished as scapy would have it."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from iosemu.ports.offload import (
    GSO_TCP4,
    GSO_TCP6,
    GSO_UDP,
    HEADER,
    NEEDS_CHECKSUM,
    PLAIN,
    finished,
)
from iosemu.wire.errors import WireError

DATA = bytes(range(256)) * 20


def rebuilt(packet: Packet) -> bytes:
    """The same packet with all lengths and checksums computed by scapy."""
    for layer, names in ((IP, ("len", "chksum")), (IPv6, ("plen",)), (TCP, ("chksum",)), (UDP, ("len", "chksum"))):
        if layer in packet:
            for name in names:
                delattr(packet[layer], name)
    return bytes(packet.__class__(bytes(packet)))


def test_plain_frame_passes() -> None:
    assert finished(PLAIN + b"frame", 0) == [b"frame"]


@pytest.mark.parametrize("length", [0, 1, 100, 1399])
def test_checksum_is_put_in(length: int) -> None:
    packet = Ether() / IP(src="10.1.1.1", dst="10.2.2.2") / UDP(sport=5, dport=6) / Raw(DATA[:length])
    whole = bytes(packet)
    pseudo = bytes([10, 1, 1, 1, 10, 2, 2, 2, 0, 17]) + (8 + length).to_bytes(2, "big")
    partial = sum(int.from_bytes(pseudo[i : i + 2], "big") for i in range(0, 12, 2)) % 0xFFFF
    unfinished = whole[:40] + partial.to_bytes(2, "big") + whole[42:]
    header = HEADER.pack(NEEDS_CHECKSUM, 0, 0, 0, 34, 6)
    assert finished(header + unfinished, 14) == [whole]
    padded = unfinished + bytes(3)
    assert finished(header + padded, 14) == [whole + bytes(3)]


def test_checksum_of_ipv6_is_put_in() -> None:
    """Link padding is no part of it."""
    packet = Ether() / IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP(sport=5, dport=6) / Raw(b"abc")
    whole = bytes(packet)
    pseudo = whole[22:54] + (11).to_bytes(4, "big") + bytes((0, 0, 0, 17))
    partial = sum(int.from_bytes(pseudo[i : i + 2], "big") for i in range(0, 40, 2)) % 0xFFFF
    unfinished = whole[:60] + partial.to_bytes(2, "big") + whole[62:]
    header = HEADER.pack(NEEDS_CHECKSUM, 0, 0, 0, 54, 6)
    assert finished(header + unfinished, 14) == [whole]
    assert finished(header + unfinished + b"\xff\xff\xff", 14) == [whole + b"\xff\xff\xff"]


@pytest.mark.parametrize("size", [1, 536, 1359, 1360, len(DATA), len(DATA) + 1])
@pytest.mark.parametrize("kind", [GSO_TCP4, GSO_TCP6])
def test_tcp_data_is_cut_into_segments(size: int, kind: int) -> None:
    network: IP | IPv6 = IP(src="10.1.1.1", dst="10.2.2.2", id=65535, flags="DF", tos=3)
    if kind == GSO_TCP6:
        network = IPv6(src="2001:db8::1", dst="2001:db8::2")
    head = TCP(sport=5, dport=6, seq=0xFFFFFF00, ack=9, flags="CPAF", options=[("Timestamp", (1, 2))])
    frame = bytes(Ether() / network / head / Raw(DATA))
    start = 14 + (20 if kind == GSO_TCP4 else 40)
    found = finished(HEADER.pack(NEEDS_CHECKSUM, kind, 0, size, start, 16) + frame, 14)
    pieces = [Ether(item) for item in found]
    assert b"".join(bytes(item[TCP].payload) for item in pieces) == DATA
    assert all(bytes(item) == rebuilt(Ether(bytes(item))) for item in pieces)
    assert [item[TCP].seq for item in pieces[:2]] == [0xFFFFFF00, 0xFFFFFF00 + size & 0xFFFFFFFF][: len(pieces)]
    assert str(pieces[-1][TCP].flags) == ("FPAC" if len(pieces) == 1 else "FPA")
    assert str(pieces[0][TCP].flags) == ("FPAC" if len(pieces) == 1 else "AC")
    if kind == GSO_TCP4:
        assert [item[IP].id for item in pieces] == [(65535 + number) % 65536 for number in range(len(pieces))]


def test_udp_data_is_cut_into_datagrams() -> None:
    frame = bytes(IP(src="10.1.1.1", dst="10.2.2.2") / UDP(sport=5, dport=6) / Raw(DATA))
    found = finished(HEADER.pack(NEEDS_CHECKSUM, GSO_UDP, 0, 1400, 20, 6) + frame, 0)
    pieces = [IP(item) for item in found]
    assert b"".join(bytes(item[UDP].payload) for item in pieces) == DATA
    assert all(bytes(item) == rebuilt(IP(bytes(item))) for item in pieces)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        HEADER.pack(NEEDS_CHECKSUM, 0, 0, 0, 90, 6) + bytes(60),
        HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 0, 0, 34, 16) + bytes(60),
        HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 0, 9, 34, 16) + bytes(60),
        HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 0, 9, 5, 16) + b"\x45" * 60,
        HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 0, 9, 59, 16) + b"\xff" * 60,
        HEADER.pack(NEEDS_CHECKSUM, 3, 0, 9, 34, 6) + bytes(60),
    ],
)
def test_header_that_does_not_fit_is_refused(damaged: bytes) -> None:
    with pytest.raises(WireError):
        finished(damaged, 14)
