"""The translator with packets of real octets: every checksum that comes out is right."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.engines.nat.config import Dynamic, NatConfig, Static, Timeouts, addresses_between
from iosemu.engines.nat.engine import AllocationFailed, NatEngine
from iosemu.engines.nat.flow import End
from iosemu.wire import icmp
from iosemu.wire.icmp import ECHO_REPLY, ECHO_REQUEST, IcmpMessage, echo
from iosemu.wire.ipv4 import ESP, GRE, ICMP, TCP, UDP, Packet
from iosemu.wire.tcp import ACK, FIN, RST, SYN, Segment
from iosemu.wire.udp import UdpDatagram
from tests.wire import strategies as made

HOST, OTHER, SERVER, ROUTER = (IPv4Address(text) for text in ("10.1.1.10", "10.1.1.11", "198.51.100.80", "192.0.2.99"))
OUTSIDE, SECOND = IPv4Address("203.0.113.6"), IPv4Address("203.0.113.7")


def inside(packet: bytes) -> bool:
    return packet[12:15] == HOST.packed[:3]


def rule(overload: bool = True, last: IPv4Address = OUTSIDE) -> Dynamic:
    return Dynamic("POOL", inside, addresses_between(OUTSIDE, last), overload)


def engine(*dynamics: Dynamic, **fields: Any) -> NatEngine:
    return NatEngine(NatConfig(dynamics=dynamics or (rule(),), **fields), 0.0)


def udp(source: IPv4Address, port: int, destination: IPv4Address, to: int, payload: bytes = b"data") -> bytes:
    return Packet(source, destination, UDP, UdpDatagram(port, to, payload).pack(source, destination)).pack()


def tcp(source: IPv4Address, port: int, destination: IPv4Address, to: int, flags: int = SYN) -> bytes:
    return Packet(source, destination, TCP, Segment(port, to, 1, 0, flags, 1000).pack(source, destination)).pack()


def ping(source: IPv4Address, destination: IPv4Address, number: int, kind: int = ECHO_REQUEST) -> bytes:
    return Packet(source, destination, ICMP, echo(kind, number, 1, b"abc").pack()).pack()


def datagram(packet: bytes | None) -> tuple[str, int, str, int]:
    """Both ends of a UDP packet; reading it checks the checksums."""
    assert packet is not None
    read = Packet.parse(packet)
    inner = UdpDatagram.parse(read.payload, read.source, read.destination)
    return str(read.source), inner.source_port, str(read.destination), inner.destination_port


def segment(packet: bytes | None) -> tuple[str, int, str, int]:
    assert packet is not None
    read = Packet.parse(packet)
    inner = Segment.parse(read.payload, read.source, read.destination)
    return str(read.source), inner.source_port, str(read.destination), inner.destination_port


def message(packet: bytes | None) -> tuple[str, str, IcmpMessage]:
    assert packet is not None
    read = Packet.parse(packet)
    return str(read.source), str(read.destination), IcmpMessage.parse(read.payload)


def test_many_share_an_address() -> None:
    nat = engine()
    assert datagram(nat.outbound(udp(HOST, 5000, SERVER, 53), 0)) == ("203.0.113.6", 5000, "198.51.100.80", 53)
    assert datagram(nat.outbound(udp(OTHER, 5000, SERVER, 53), 0)) == ("203.0.113.6", 5001, "198.51.100.80", 53)
    assert datagram(nat.inbound(udp(SERVER, 53, OUTSIDE, 5001), 1)) == ("198.51.100.80", 53, "10.1.1.11", 5000)
    assert datagram(nat.inbound(udp(SERVER, 53, OUTSIDE, 5000), 1)) == ("198.51.100.80", 53, "10.1.1.10", 5000)
    # Nobody else may answer, and what is for nobody inside stays.
    stranger = udp(ROUTER, 53, OUTSIDE, 5000)
    assert nat.inbound(stranger, 1) == stranger
    assert (len(nat.table), nat.hits, nat.misses) == (2, 4, 2)
    # A second flow of the same port keeps it.
    assert datagram(nat.outbound(udp(OTHER, 5000, ROUTER, 99), 2))[1] == 5001


def test_privileged_ports_stay_so_and_the_routers_own_are_kept() -> None:
    nat = engine(reserved=lambda protocol, end: (protocol, end.port) == (UDP, 848))
    assert datagram(nat.outbound(udp(HOST, 848, SERVER, 848), 0))[1] == 849
    assert datagram(nat.outbound(udp(HOST, 500, SERVER, 500), 0))[1] == 500
    assert datagram(nat.outbound(udp(OTHER, 500, SERVER, 500), 0))[1] == 501
    assert datagram(nat.outbound(udp(HOST, 511, SERVER, 9), 0))[1] == 511
    assert datagram(nat.outbound(udp(OTHER, 511, SERVER, 9), 0))[1] == 1


def test_what_the_router_itself_sends_keeps_its_port() -> None:
    everything = Dynamic("ALL", lambda _: True, addresses_between(OUTSIDE, OUTSIDE), True)
    nat = engine(everything, reserved=lambda protocol, end: (protocol, end.port) == (UDP, 848))
    own = udp(OUTSIDE, 848, SERVER, 848)
    assert nat.outbound(own, 0) == own
    answer = udp(SERVER, 848, OUTSIDE, 848)
    assert nat.inbound(answer, 0) == answer
    assert datagram(nat.outbound(udp(HOST, 848, SERVER, 848), 0))[1] == 849


def test_pings_and_their_identifiers() -> None:
    nat = engine()
    assert message(nat.outbound(ping(HOST, SERVER, 7), 0))[::2] == ("203.0.113.6", echo(ECHO_REQUEST, 7, 1, b"abc"))
    assert message(nat.outbound(ping(OTHER, SERVER, 7), 0))[::2] == ("203.0.113.6", echo(ECHO_REQUEST, 8, 1, b"abc"))
    source, destination, reply = message(nat.inbound(ping(SERVER, OUTSIDE, 8, ECHO_REPLY), 0))
    assert (source, destination, reply) == ("198.51.100.80", "10.1.1.11", echo(ECHO_REPLY, 7, 1, b"abc"))


@pytest.mark.parametrize("protocol", [UDP, TCP, ICMP])
def test_errors_about_what_left_find_back(protocol: int) -> None:
    nat = engine()
    makers = {UDP: udp(OTHER, 5000, SERVER, 9), TCP: tcp(OTHER, 5000, SERVER, 9), ICMP: ping(OTHER, SERVER, 5000)}
    first = {UDP: udp(HOST, 5000, SERVER, 9), TCP: tcp(HOST, 5000, SERVER, 9), ICMP: ping(HOST, SERVER, 5000)}
    nat.outbound(first[protocol], 0)
    original = makers[protocol]
    left = nat.outbound(original, 0)
    assert left is not None
    error = IcmpMessage(icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED, 1400, left[:28]).pack()
    came = nat.inbound(Packet(ROUTER, OUTSIDE, ICMP, error).pack(), 1)
    source, destination, read = message(came)
    assert (source, destination, read.rest) == ("192.0.2.99", "10.1.1.11", 1400)
    assert read.payload == original[:28]


def test_errors_of_the_inside() -> None:
    nat = engine()
    nat.outbound(udp(HOST, 5000, SERVER, 9), 0)
    nat.outbound(udp(OTHER, 5000, SERVER, 9), 0)
    arrived = nat.inbound(udp(SERVER, 9, OUTSIDE, 5001), 0)
    for own in (OTHER, IPv4Address("10.1.1.1")):
        error = IcmpMessage(icmp.UNREACHABLE, icmp.PORT_UNREACHABLE, 0, arrived[:28]).pack()
        source, _, read = message(nat.outbound(Packet(own, SERVER, ICMP, error).pack(), 0))
        assert source == ("203.0.113.6" if own == OTHER else "10.1.1.1")
        assert read.payload == udp(SERVER, 9, OUTSIDE, 5001)[:28]


def test_addresses_of_a_pool() -> None:
    nat = engine(rule(False, SECOND))
    assert datagram(nat.outbound(udp(HOST, 1, SERVER, 9), 0))[:2] == ("203.0.113.6", 1)
    assert datagram(nat.outbound(udp(OTHER, 1, SERVER, 9), 0))[:2] == ("203.0.113.7", 1)
    third = udp(IPv4Address("10.1.1.12"), 1, SERVER, 9)
    assert nat.outbound(third, 0) is None
    assert nat.events == [AllocationFailed(int(IPv4Address("10.1.1.12")), "POOL")]
    # Who has an address can be called from outside.
    assert datagram(nat.inbound(udp(ROUTER, 4, SECOND, 1), 1))[2:] == ("10.1.1.11", 1)
    nat.tick(86500)
    assert datagram(nat.outbound(third, 86500))[0] == "203.0.113.6"


def test_a_range_of_shared_addresses_goes_on_with_the_next() -> None:
    nat = engine(rule(True, SECOND), reserved=lambda protocol, end: IPv4Address(end.address) == OUTSIDE)
    assert datagram(nat.outbound(udp(HOST, 5, SERVER, 9), 0))[:2] == ("203.0.113.7", 5)


def test_static_translations() -> None:
    whole = Static(End(int(HOST)), End(int(SECOND)))
    port = Static(End(int(OTHER), 22), End(int(OUTSIDE), 2222), TCP)
    nat = NatEngine(NatConfig((whole, port), (rule(),)), 0.0)
    assert segment(nat.inbound(tcp(SERVER, 999, OUTSIDE, 2222), 0)) == ("198.51.100.80", 999, "10.1.1.11", 22)
    assert segment(nat.outbound(tcp(OTHER, 22, SERVER, 999, ACK), 0)) == ("203.0.113.6", 2222, "198.51.100.80", 999)
    assert message(nat.inbound(ping(SERVER, SECOND, 3), 0))[1] == "10.1.1.10"
    assert message(nat.outbound(ping(HOST, SERVER, 3, ECHO_REPLY), 0))[0] == "203.0.113.7"
    # Its port is not given away; other ports of the host go by the rule.
    assert segment(nat.outbound(tcp(OTHER, 2222, SERVER, 1), 0))[1] == 2223
    nat.clear()
    assert [item.static for item in nat.table] == [True, True]
    nat.configure(replace(nat.config, statics=()), 1.0)
    assert len(nat.table) == 0


@pytest.mark.parametrize("protocol", [GRE, ESP])
def test_what_has_no_ports_is_for_one_host_at_a_time(protocol: int) -> None:
    nat = engine()
    left = nat.outbound(Packet(HOST, SERVER, protocol, b"abcdefgh").pack(), 0)
    assert left is not None
    assert Packet.parse(left) == Packet(OUTSIDE, SERVER, protocol, b"abcdefgh")
    assert nat.outbound(Packet(OTHER, SERVER, protocol, b"abcdefgh").pack(), 0) is None
    came = nat.inbound(Packet(SERVER, OUTSIDE, protocol, b"12345678").pack(), 0)
    assert Packet.parse(came).destination == HOST


def test_timeouts() -> None:
    nat = engine(timeouts=Timeouts(udp=100))
    for packet in (udp(HOST, 1, SERVER, 9), udp(HOST, 1, SERVER, 53), ping(HOST, SERVER, 1), tcp(HOST, 1, SERVER, 80)):
        nat.outbound(packet, 0)
    tcp_two = tcp(HOST, 2, SERVER, 80)
    nat.outbound(tcp_two, 0)
    nat.inbound(tcp(SERVER, 80, OUTSIDE, 2, ACK | SYN), 0)
    nat.outbound(udp(HOST, 1, SERVER, 9), 50)
    left = []
    for now in (59, 62, 151, 90000):
        while (due := nat.next_deadline()) is not None and due <= now:
            nat.tick(due)
        left.append(len(nat.table))
    assert left == [5, 2, 1, 0]
    assert nat.expired == 5
    nat.outbound(tcp_two, 90000)
    nat.inbound(tcp(SERVER, 80, OUTSIDE, 2, ACK | SYN), 90000)
    nat.outbound(tcp(HOST, 2, SERVER, 80, FIN | ACK), 90001)
    nat.tick(90062)
    assert len(nat.table) == 0
    nat.outbound(tcp(HOST, 2, SERVER, 80, RST), 90063)
    assert len(nat.table) == 1


def test_there_is_a_limit() -> None:
    nat = engine(limit=3)
    for port in range(5):
        nat.outbound(udp(HOST, 2000 + port, SERVER, 9), 0)
    assert len(nat.table) == 3
    assert len(nat.events) == 2


@settings(max_examples=300)
@given(st.binary(min_size=20, max_size=120) | made.ipv4_packets.map(lambda packet: packet.pack()))
def test_noise(data: bytes) -> None:
    """Whatever has passed the checks of an IPv4 header comes through."""
    if data[0] >> 4 != 4 or not 20 <= (data[0] & 15) * 4 <= len(data):
        return
    nat = engine(Dynamic("ALL", lambda _: True, addresses_between(OUTSIDE, SECOND), True))
    nat.inbound(data, 0)
    left = nat.outbound(data, 0)
    assert left is None or len(left) == len(data)
    if left is not None:
        nat.inbound(left, 0)


@settings(max_examples=200)
@given(made.segments, made.udp_datagrams, made.address)
def test_checksums_of_any_content(tcp_segment: Segment, udp_datagram: UdpDatagram, server: IPv4Address) -> None:
    nat = engine(reserved=lambda protocol, end: end.port % 2 == 0)
    segment(nat.outbound(Packet(HOST, server, TCP, tcp_segment.pack(HOST, server)).pack(), 0))
    datagram(nat.outbound(Packet(HOST, server, UDP, udp_datagram.pack(HOST, server)).pack(), 0))
