"""IPv4, UDP, ICMP and ARP, judged by scapy."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.wire.arp import REQUEST, ArpPacket
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError
from iosemu.wire.ethernet import ARP, Frame, format_mac
from iosemu.wire.icmp import ECHO_REPLY, ECHO_REQUEST, IcmpMessage, echo
from iosemu.wire.ipv4 import ICMP, TCP, UDP, Packet, decrement_ttl, fragments
from iosemu.wire.tcp import ACK, PSH, SYN, Segment
from iosemu.wire.udp import UdpDatagram
from tests.wire import strategies as made

A, B = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.2")
MAC_A, MAC_B = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")


def plain_checksum(data: bytes) -> int:
    """RFC 1071 word by word."""
    total = 0
    for i in range(0, len(data), 2):
        total += int.from_bytes(data[i : i + 2].ljust(2, b"\x00"), "big")
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


@given(st.binary(max_size=200))
def test_checksum(data: bytes) -> None:
    assert internet_checksum(data) == plain_checksum(data)


@pytest.mark.parametrize("data", [b"", bytes(20), b"\xff" * 20, b"\xff\xff", b"\x00\x01\xff\xfe"])
def test_checksum_of_zero_and_ones(data: bytes) -> None:
    assert internet_checksum(data) == plain_checksum(data)


def test_checksum_of_rfc_1071() -> None:
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2 ^ 0xFFFF


def test_scapy_makes_the_same_packets() -> None:
    inet = pytest.importorskip("scapy.layers.inet")
    raw = pytest.importorskip("scapy.packet").Raw(b"some payload")
    ends = {"src": str(A), "dst": str(B)}
    udp = UdpDatagram(848, 2400, b"some payload").pack(A, B)
    theirs = bytes(inet.IP(**ends, ttl=64, id=7, tos=0xB8, flags="DF") / inet.UDP(sport=848, dport=2400) / raw)
    assert Packet(A, B, UDP, udp, 64, 0xB8, 7, dont_fragment=True).pack() == theirs
    ping = echo(ECHO_REQUEST, 0x1234, 5, b"some payload").pack()
    theirs = bytes(inet.IP(**ends, ttl=255, id=0) / inet.ICMP(id=0x1234, seq=5) / raw)
    assert Packet(A, B, ICMP, ping).pack() == theirs


def test_scapy_makes_the_same_segments() -> None:
    inet = pytest.importorskip("scapy.layers.inet")
    raw = pytest.importorskip("scapy.packet").Raw(b"odd")
    ends = {"src": str(A), "dst": str(B)}
    options = [("MSS", 1460), ("NOP", None), ("NOP", None), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]
    numbers = {"sport": 11000, "dport": 80, "seq": 1 << 31, "window": 4128}
    syn = Segment(11000, 80, 1 << 31, 0, SYN, 4128, mss=1460, window_scale=7, sack_permitted=True)
    theirs = bytes(inet.IP(**ends, ttl=255, id=0) / inet.TCP(**numbers, flags="S", options=options))
    assert Packet(A, B, TCP, syn.pack(A, B)).pack() == theirs
    data = Segment(11000, 80, 1 << 31, 5, ACK | PSH, 4128, b"odd", urgent_pointer=2)
    theirs = bytes(inet.IP(**ends, ttl=255, id=0) / inet.TCP(**numbers, ack=5, flags="PA", urgptr=2) / raw)
    assert Packet(A, B, TCP, data.pack(A, B)).pack() == theirs


def test_tcp_options_and_checksum() -> None:
    octets = Segment(1, 2, 3, 4, SYN, 5, mss=536).pack(A, B)
    with pytest.raises(WireError):
        Segment.parse(octets[:-1] + b"\x99", A, B)

    def with_options(options: bytes) -> Segment:
        head = octets[:12] + bytes(((20 + len(options)) // 4 << 4,)) + octets[13:20]
        return Segment.parse(head + options, A, B, unfinished=True)

    # Unknown options are skipped, those of a wrong length are not believed, the end is the end.
    assert with_options(b"\x08\x0a" + bytes(8) + b"\x01\x01\x02\x04\x02\x00\x00\x00").mss == 512
    assert with_options(b"\x02\x03\x01\x00").mss is None
    assert with_options(b"\x00\x02\x04\x02").mss is None
    for broken in (b"\x02\x00\x01\x01", b"\x01\x01\x01\x02", b"\x02\x09\x01\x01"):
        with pytest.raises(WireError):
            with_options(broken)


def test_scapy_makes_the_same_arp() -> None:
    l2 = pytest.importorskip("scapy.layers.l2")
    ours = Frame(b"\xff" * 6, MAC_A, ARP, ArpPacket(REQUEST, MAC_A, A, bytes(6), B).pack()).pack()
    arp = l2.ARP(op=1, hwsrc="02:00:00:00:00:0a", psrc=str(A), hwdst="00:00:00:00:00:00", pdst=str(B))
    assert ours == bytes(l2.Ether(src="02:00:00:00:00:0a", dst="ff:ff:ff:ff:ff:ff") / arp)
    assert ArpPacket.parse(ours[14:] + bytes(18)).sender == A
    assert format_mac(MAC_A) == "0200.0000.000a"


def test_link_padding_is_dropped() -> None:
    octets = Packet(A, B, ICMP, b"1234").pack()
    assert Packet.parse(octets + bytes(22)).payload == b"1234"


@pytest.mark.parametrize(("offset", "value"), [(0, 0x65), (0, 0x44), (0, 0x4F), (2, 0xFF), (3, 19), (10, 0x55)])
def test_a_wrong_header_is_refused(offset: int, value: int) -> None:
    octets = bytearray(Packet(A, B, ICMP, b"1234").pack())
    octets[offset] = value
    with pytest.raises(WireError):
        Packet.parse(bytes(octets))


@given(made.ipv4_packets.filter(lambda packet: packet.ttl > 0))
def test_decrement_ttl(packet: Packet) -> None:
    after = Packet.parse(decrement_ttl(packet.pack()))
    assert after.ttl == packet.ttl - 1
    assert after.payload == packet.payload


def test_a_packet_has_a_largest_size() -> None:
    assert len(Packet(A, B, UDP, bytes(65515)).pack()) == 65535
    with pytest.raises(WireError):
        Packet(A, B, UDP, bytes(65516)).pack()
    with pytest.raises(WireError):
        Packet(A, B, UDP, b"", options=bytes(44)).pack()


@given(st.binary(min_size=60, max_size=900), st.integers(68, 400), st.booleans(), st.integers(0, 100))
def test_fragments_fit_and_add_up(payload: bytes, mtu: int, more: bool, units: int) -> None:
    packet = Packet(A, B, UDP, payload, identification=9, more_fragments=more, fragment_offset=units * 8)
    pieces = [Packet.parse(piece) for piece in fragments(packet.pack(), mtu)]
    assert b"".join(piece.payload for piece in pieces) == payload
    assert [piece.more_fragments for piece in pieces] == [True] * (len(pieces) - 1) + [more]
    expected = units * 8
    for piece in pieces:
        assert len(piece.pack()) <= mtu
        assert piece.fragment_offset == expected
        assert piece.identification == 9
        expected += len(piece.payload)


def test_fragments_carry_the_options_that_are_copied() -> None:
    router_alert, record_route, nop = bytes.fromhex("94040000"), bytes.fromhex("07070400000000"), b"\x01"
    packet = Packet(A, B, UDP, bytes(100), options=record_route + nop + router_alert)
    first, *others = (Packet.parse(piece) for piece in fragments(packet.pack(), 68))
    assert first.options == record_route + nop + router_alert
    assert {piece.options for piece in others} == {router_alert}


@pytest.mark.parametrize("options", ["0700ffff", "94", "94ff0000", "00940400", "01010107"])
def test_broken_options_do_no_harm(options: str) -> None:
    packet = Packet(A, B, UDP, bytes(100), options=bytes.fromhex(options))
    pieces = [Packet.parse(piece) for piece in fragments(packet.pack(), 68)]
    assert sum(len(piece.payload) for piece in pieces) == 100
    assert not pieces[-1].options


def test_an_mtu_without_room_for_a_fragment_is_refused() -> None:
    with pytest.raises(WireError):
        fragments(Packet(A, B, UDP, bytes(100)).pack(), 27)


def test_udp_checksums() -> None:
    octets = bytearray(UdpDatagram(1, 2, b"abc").pack(A, B))
    octets[-1] ^= 1
    with pytest.raises(WireError):
        UdpDatagram.parse(bytes(octets), A, B)
    assert UdpDatagram.parse(bytes(octets), A, B, unfinished=True).payload == b"abb"
    octets[6:8] = bytes(2)
    assert UdpDatagram.parse(bytes(octets) + b"link padding", A, B).payload == b"abb"


def test_icmp_checksum() -> None:
    octets = bytearray(IcmpMessage(ECHO_REPLY, 0, 1, b"abc").pack())
    octets[8] ^= 1
    with pytest.raises(WireError):
        IcmpMessage.parse(bytes(octets))
