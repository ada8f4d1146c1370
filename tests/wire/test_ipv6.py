"""IPv6, ICMPv6 and neighbour discovery, judged by scapy and tshark."""

from __future__ import annotations

import contextlib
import json
import subprocess
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.ports.pcapng import PcapngWriter
from iosemu.wire.errors import WireError
from iosemu.wire.icmpv6 import ECHO_REQUEST, PACKET_TOO_BIG, Icmp6Message, echo
from iosemu.wire.ipv4 import TCP, UDP
from iosemu.wire.ipv6 import (
    DESTINATION_OPTIONS,
    FRAGMENT,
    HOP_BY_HOP,
    ICMPV6,
    ROUTING,
    Extension,
    Fragment,
    Packet6,
    check,
    decrement_hop_limit,
    fragments,
    upper_layer,
)
from iosemu.wire.neighbor import (
    HOP_LIMIT,
    NeighborMessage,
    Prefix,
    RouterAdvertisement,
    RouterSolicitation,
    interface_identifier,
    multicast_mac,
    solicited_node,
)
from iosemu.wire.udp import UdpDatagram
from tests.requirements import require
from tests.wire import strategies as made

A, B = IPv6Address("2001:db8:1::1"), IPv6Address("2001:db8:2::2")
MAC = bytes.fromhex("02000000000a")
PAD_6 = bytes((0, 1, 4, 0, 0, 0, 0))


def icmp(message: Icmp6Message, source: IPv6Address = A, destination: IPv6Address = B, hop_limit: int = 64) -> Packet6:
    return Packet6(source, destination, ICMPV6, message.pack(source, destination), hop_limit)


def test_scapy_makes_the_same_packets() -> None:
    inet6 = pytest.importorskip("scapy.layers.inet6")
    inet = pytest.importorskip("scapy.layers.inet")
    raw = pytest.importorskip("scapy.packet").Raw(b"some payload")
    head = {"src": str(A), "dst": str(B), "hlim": 64}
    udp = UdpDatagram(33434, 33435, b"some payload").pack(A, B)
    theirs = inet6.IPv6(**head, tc=0xB8, fl=0x12345) / inet.UDP(sport=33434, dport=33435) / raw
    assert Packet6(A, B, UDP, udp, 64, 0xB8, 0x12345).pack() == bytes(theirs)
    theirs = inet6.IPv6(**head) / inet6.ICMPv6EchoRequest(id=7, seq=9, data=b"abc")
    assert icmp(echo(ECHO_REQUEST, 7, 9, b"abc")).pack() == bytes(theirs)
    theirs = inet6.IPv6(**head) / inet6.ICMPv6PacketTooBig(mtu=1280) / raw
    assert icmp(Icmp6Message(PACKET_TOO_BIG, 0, 1280, b"some payload")).pack() == bytes(theirs)
    options = Extension(HOP_BY_HOP, PAD_6), Extension(DESTINATION_OPTIONS, PAD_6)
    theirs = (
        inet6.IPv6(**head)
        / inet6.IPv6ExtHdrHopByHop(options=[inet6.PadN(optdata=bytes(4))])
        / inet6.IPv6ExtHdrDestOpt(options=[inet6.PadN(optdata=bytes(4))])
        / inet6.IPv6ExtHdrFragment(nh=17, offset=2, m=1, id=77)
        / inet6.Raw(bytes(16))
    )
    ours = Packet6(A, B, UDP, bytes(16), 64, extensions=options, fragment=Fragment(16, True, 77))
    assert ours.pack() == bytes(theirs)


def test_scapy_makes_the_same_neighbour_discovery() -> None:
    inet6 = pytest.importorskip("scapy.layers.inet6")
    group = solicited_node(B)
    assert group == IPv6Address("ff02::1:ff00:2")
    assert multicast_mac(group) == bytes.fromhex("3333ff000002")
    ask = NeighborMessage(B, MAC).message()
    head = {"src": str(A), "dst": str(group), "hlim": 255}
    option = {"lladdr": "02:00:00:00:00:0a"}
    theirs = inet6.IPv6(**head) / inet6.ICMPv6ND_NS(tgt=str(B)) / inet6.ICMPv6NDOptSrcLLAddr(**option)
    assert icmp(ask, A, group, HOP_LIMIT).pack() == bytes(theirs)
    answer = NeighborMessage(B, MAC, True, router=True, solicited=True, override=True).message()
    head["dst"] = str(B)
    theirs = inet6.IPv6(**head) / inet6.ICMPv6ND_NA(tgt=str(B), R=1, S=1, O=1)
    assert icmp(answer, A, B, HOP_LIMIT).pack() == bytes(theirs / inet6.ICMPv6NDOptDstLLAddr(**option))
    theirs = inet6.IPv6(**head) / inet6.ICMPv6ND_RS() / inet6.ICMPv6NDOptSrcLLAddr(**option)
    assert icmp(RouterSolicitation(MAC).message(), A, B, HOP_LIMIT).pack() == bytes(theirs)
    prefix = Prefix(IPv6Network("2001:db8:1::/64"), True, False, 600, 300)
    ours = RouterAdvertisement(32, False, True, 1, 900, 5, 6, MAC, 1400, (prefix,)).message()
    theirs = (
        inet6.IPv6(**head)
        / inet6.ICMPv6ND_RA(chlim=32, M=0, O=1, prf=1, routerlifetime=900, reachabletime=5, retranstimer=6)
        / inet6.ICMPv6NDOptSrcLLAddr(**option)
        / inet6.ICMPv6NDOptMTU(mtu=1400)
        / inet6.ICMPv6NDOptPrefixInfo(
            prefix="2001:db8:1::", prefixlen=64, L=1, A=0, validlifetime=600, preferredlifetime=300
        )
    )
    assert icmp(ours, A, B, HOP_LIMIT).pack() == bytes(theirs)


def test_tshark_reads_what_is_made(tmp_path: Path) -> None:
    require("tshark")
    prefix = Prefix(IPv6Network("2001:db8:1::/64"))
    messages = [
        echo(ECHO_REQUEST, 1, 2, b"abc"),
        NeighborMessage(B, MAC).message(),
        RouterAdvertisement(link_address=MAC, mtu=1500, prefixes=(prefix,)).message(),
        Icmp6Message(PACKET_TOO_BIG, 0, 1400, icmp(echo(ECHO_REQUEST, 1, 2, bytes(100))).pack()),
    ]
    large = icmp(echo(ECHO_REQUEST, 3, 4, bytes(range(256)) * 12)).pack()
    packets = [icmp(message, hop_limit=255).pack() for message in messages] + fragments(large, 1280, 99)
    writer = PcapngWriter(tmp_path / "x.pcapng", "x", 0.0)
    for packet in packets:
        writer.write(0.0, MAC + MAC + b"\x86\xdd" + packet)
    writer.close()
    line = ["tshark", "-r", str(tmp_path / "x.pcapng"), "-T", "json"]
    found = json.loads(subprocess.run(line, capture_output=True, check=True).stdout)
    layers = [frame["_source"]["layers"] for frame in found]
    whole = [frame["icmpv6"] for frame in layers if "icmpv6" in frame]
    assert [item["icmpv6.type"] for item in whole] == ["128", "135", "134", "2", "128"]
    assert {item["icmpv6.checksum.status"] for item in whole} == {"1"}
    assert not [frame for frame in layers if "_ws.malformed" in frame]


@given(made.ipv6_packets.filter(lambda packet: packet.hop_limit > 0))
def test_walking_and_parsing_agree(packet: Packet6) -> None:
    octets = packet.pack()
    assert check(octets + bytes(9)) == len(octets)
    protocol, offset, begins = upper_layer(octets)
    assert begins is (packet.fragment is None or not packet.fragment.offset)
    if packet.fragment is None:
        assert (protocol, octets[offset:]) == (packet.protocol, packet.payload)
    after = Packet6.parse(decrement_hop_limit(octets))
    assert after.hop_limit == packet.hop_limit - 1
    assert after.payload == packet.payload


@given(made.ipv6_packets, st.lists(st.tuples(st.integers(0, 200), made.octet), max_size=8), st.integers(0, 200))
def test_nothing_but_wire_error_comes_out(packet: Packet6, changes: list[tuple[int, int]], cut: int) -> None:
    octets = bytearray(packet.pack())
    for place, value in changes:
        octets[place % len(octets)] = value
    data = bytes(octets[: len(octets) - cut % 60])
    for parse in (Packet6.parse, upper_layer_if_checked):
        with contextlib.suppress(WireError):
            parse(data)
    with contextlib.suppress(WireError):
        fragments(data, 1280, 1)


def upper_layer_if_checked(data: bytes) -> Any:
    check(data)
    return upper_layer(data)


@given(made.icmp6_messages, made.address6, made.address6)
def test_icmp_round_trip(message: Icmp6Message, source: IPv6Address, destination: IPv6Address) -> None:
    octets = message.pack(source, destination)
    assert Icmp6Message.parse(octets, source, destination) == message
    broken = bytes((octets[0] ^ 1,)) + octets[1:]
    with pytest.raises(WireError):
        Icmp6Message.parse(broken, source, destination)


@pytest.mark.parametrize(
    ("kind", "strategy"),
    [
        (NeighborMessage, made.neighbor_messages),
        (RouterSolicitation, made.router_solicitations),
        (RouterAdvertisement, made.router_advertisements),
    ],
)
@given(data=st.data(), noise=st.lists(st.tuples(st.integers(0, 90), made.octet), max_size=5), cut=st.integers(0, 40))
def test_neighbour_discovery(
    kind: Any, strategy: st.SearchStrategy[Any], data: st.DataObject, noise: list[tuple[int, int]], cut: int
) -> None:
    value = data.draw(strategy)
    message = value.message()
    assert kind.parse(message) == value
    payload = bytearray(message.payload)
    for place, octet in noise:
        if payload:
            payload[place % len(payload)] = octet
    damaged = Icmp6Message(message.kind, message.code, message.rest, bytes(payload[: len(payload) - cut]))
    with contextlib.suppress(WireError):
        kind.parse(damaged)


@pytest.mark.parametrize("payload", [b"", B.packed[:15], B.packed + b"\x01\x00", B.packed + b"\x01\x01\x02"])
def test_broken_neighbour_discovery_is_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        NeighborMessage.parse(Icmp6Message(135, 0, 0, payload))


def test_neighbour_discovery_about_groups_is_refused() -> None:
    with pytest.raises(WireError):
        NeighborMessage.parse(Icmp6Message(135, 0, 0, solicited_node(A).packed))


@given(st.binary(min_size=2000, max_size=6000), made.extensions, st.integers(1280, 1500))
def test_fragments_fit_and_add_up(payload: bytes, extensions: tuple[Extension, ...], mtu: int) -> None:
    packet = Packet6(A, B, UDP, payload, 64, 0xB8, 5, extensions)
    pieces = fragments(packet.pack(), mtu, 77)
    read = [Packet6.parse(piece) for piece in pieces]
    assert all(len(piece) <= mtu for piece in pieces)
    together = b""
    for piece in read:
        assert piece.fragment is not None
        assert piece.fragment.offset == len(together)
        assert piece.fragment.identification == 77
        together += piece.payload
    assert [piece.fragment.more for piece in read if piece.fragment] == [True] * (len(read) - 1) + [False]
    # Put back behind the headers that every piece has, it is the packet.
    front = read[0].extensions
    whole = Packet6(A, B, read[0].protocol, together, 64, 0xB8, 5, front).pack()
    assert Packet6.parse(whole) == packet


def test_headers_for_routers_are_in_every_fragment() -> None:
    chain = tuple(Extension(kind, PAD_6) for kind in (HOP_BY_HOP, DESTINATION_OPTIONS, ROUTING, DESTINATION_OPTIONS))
    first, second = (
        Packet6.parse(piece) for piece in fragments(Packet6(A, B, TCP, bytes(1400), 9, 0, 0, chain).pack(), 1280, 1)
    )
    assert [item.kind for item in second.extensions] == [HOP_BY_HOP, DESTINATION_OPTIONS, ROUTING]
    assert first.protocol == second.protocol == DESTINATION_OPTIONS


def test_what_is_no_packet_is_refused() -> None:
    good = Packet6(A, B, TCP, b"12345678", extensions=(Extension(DESTINATION_OPTIONS, PAD_6),)).pack()
    assert Packet6.parse(good + bytes(20)).payload == b"12345678"
    for place, value in ((0, 0x45), (4, 1), (41, 9), (6, FRAGMENT), (40, HOP_BY_HOP)):
        data = bytearray(good)
        data[place] = value
        if place == 6:
            data[43] = 1
            data = data[:-3]
            data[5] -= 3
        with pytest.raises(WireError):
            Packet6.parse(bytes(data))
    with pytest.raises(WireError):
        Packet6(A, B, TCP, bytes(65536)).pack()
    with pytest.raises(WireError):
        upper_layer(Packet6(A, B, 6, b"", extensions=(Extension(DESTINATION_OPTIONS, PAD_6),) * 17).pack())


def test_identifier_of_a_mac_address() -> None:
    assert interface_identifier(bytes.fromhex("5254000102ff")) == 0x505400FFFE0102FF
