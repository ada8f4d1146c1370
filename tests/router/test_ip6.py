"""IPv6 in a router: three in a row, and a hand that puts packets on the first one's LAN."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from ipaddress import IPv6Address

import pytest

from iosemu.ports.memory import Wire, WireEnd
from iosemu.router.clock import VirtualClock
from iosemu.router.names import parse_name
from iosemu.router.neighbors import State
from iosemu.wire import icmpv6
from iosemu.wire.errors import WireError
from iosemu.wire.icmpv6 import Icmp6Message, echo
from iosemu.wire.ipv4 import UDP
from iosemu.wire.ipv6 import DESTINATION_OPTIONS, ICMPV6, ROUTING, Extension, Fragment, Packet6, fragments
from iosemu.wire.neighbor import NeighborMessage, RouterAdvertisement, RouterSolicitation, solicited_node
from iosemu.wire.udp import UdpDatagram
from tests.features.typist import Typist, boot, connect

HAND, LAN_A, FAR = IPv6Address("2001:db8:a::99"), IPv6Address("2001:db8:a::1"), IPv6Address("2001:db8:d::1")
MAC = bytes.fromhex("0200000000aa")

A = """
hostname A
ipv6 unicast-routing
interface GigabitEthernet0/0
 ipv6 address 2001:DB8:1::1/64
interface GigabitEthernet0/1
 ipv6 address 2001:DB8:A::1/64
ipv6 route 2001:DB8::/32 2001:DB8:1::2
"""
B = """
hostname B
ipv6 unicast-routing
interface GigabitEthernet0/0
 ipv6 address 2001:DB8:1::2/64
interface GigabitEthernet0/1
 ipv6 address 2001:DB8:2::1/64
 ipv6 mtu 1300
ipv6 route 2001:DB8:A::/48 2001:DB8:1::1
ipv6 route 2001:DB8:D::/48 2001:DB8:2::2
"""
D = """
hostname D
interface Loopback0
 ipv6 address 2001:DB8:D::1/128
interface GigabitEthernet0/0
 ipv6 enable
 ipv6 address 2001:DB8:2::2/64
 ipv6 mtu 1300
ipv6 route ::/0 2001:DB8:2::1
"""


@dataclass
class Row:
    """Routers, and the frames that the hand has seen on A's LAN."""

    clock: VirtualClock
    a: Typist
    b: Typist
    d: Typist
    end: WireEnd
    seen: list[Packet6] = field(default_factory=list)

    def put(self, packet: Packet6 | bytes) -> None:
        """Send a packet to A."""
        interface = self.a.interface("g0/1")
        data = packet if isinstance(packet, bytes) else packet.pack()
        self.end.send(interface.mac + MAC + b"\x86\xdd" + data)
        self.wait(0.5)

    def see(self, frame: bytes) -> None:
        """Take what A sends."""
        if frame[12:14] == b"\x86\xdd":
            self.seen.append(Packet6.parse(frame[14:]))

    def wait(self, seconds: float) -> None:
        self.clock.run_until(self.clock.now() + seconds)

    def messages(self, kind: int) -> list[tuple[Packet6, Icmp6Message]]:
        """What of a kind was seen."""
        found = [
            (packet, Icmp6Message.parse(packet.payload, packet.source, packet.destination))
            for packet in self.seen
            if packet.protocol == ICMPV6
        ]
        return [(packet, message) for packet, message in found if message.kind == kind]


@pytest.fixture
def row() -> Row:
    clock = VirtualClock(seed=1)
    a, b, d = boot(clock, A, "A"), boot(clock, B, "B"), boot(clock, D, "D")
    connect(a, "g0/0", b, "g0/0")
    connect(b, "g0/1", d, "g0/0")
    wire = Wire(clock)
    name = parse_name("g0/1")
    assert name is not None
    a.router.attach(name, wire.end())
    end = wire.end()
    made = Row(clock, a, b, d, end)
    end.connect(made.see, lambda: None)
    made.wait(3)
    # A knows the hand.
    made.put(hand(NeighborMessage(LAN_A, MAC).message(), solicited_node(LAN_A), 255))
    made.seen.clear()
    return made


def hand(message: Icmp6Message, destination: IPv6Address, hop_limit: int = 64) -> Packet6:
    return Packet6(HAND, destination, ICMPV6, message.pack(HAND, destination), hop_limit)


def test_ping_through_routers_learns_what_fits(row: Row) -> None:
    assert "!!!!!" in row.a.type("ping 2001:db8:d::1")
    # B cannot send 1500 octets on: the first is lost, then A splits what it sends.
    assert "B!!!!" in row.a.type("ping 2001:db8:d::1 size 1500")
    assert "!!!!!" in row.a.type("ping 2001:db8:d::1 size 9000 source 2001:db8:a::1")
    assert "!!!!!" in row.d.type("ping 2001:db8:a::1 size 2000 source Loopback0")
    assert "too big" in row.b.type("show ipv6 traffic")


def test_traceroute_names_every_router(row: Row) -> None:
    printed = row.a.type("traceroute 2001:db8:d::1")
    assert "  1 2001:DB8:1::2 1 msec" in printed
    assert "  2 2001:DB8:D::1 1 msec" in printed or "  2 2001:DB8:2::2" in printed
    assert "!N" in row.a.type("traceroute 2001:db8:77::1 ttl 1 3")


def test_the_first_answer_of_a_neighbour_is_waited_for(row: Row) -> None:
    assert ".H.H." in row.a.type("ping 2001:db8:1::77")
    row.wait(4)
    assert "2001:DB8:1::77" not in row.a.type("show ipv6 neighbors")


def test_errors_quote_and_obey(row: Row) -> None:
    ping = echo(icmpv6.ECHO_REQUEST, 1, 2, b"abc")
    row.put(hand(ping, FAR, hop_limit=1))
    [(packet, message)] = row.messages(icmpv6.TIME_EXCEEDED)
    assert packet.source == LAN_A
    assert message.payload == hand(ping, FAR, 1).pack()
    row.put(hand(ping, IPv6Address("3000::1")))
    assert [item.code for _, item in row.messages(icmpv6.UNREACHABLE)] == [icmpv6.NO_ROUTE]
    row.put(hand(ping, FAR))
    assert row.messages(icmpv6.ECHO_REPLY)[0][0].source == FAR
    row.put(Packet6(HAND, LAN_A, UDP, UdpDatagram(1, 2, b"x").pack(HAND, LAN_A)))
    assert [item.code for _, item in row.messages(icmpv6.UNREACHABLE)][1:] == [icmpv6.PORT_UNREACHABLE]
    # Nobody hears of errors about errors, or about packets of nobody.
    row.seen.clear()
    row.put(hand(Icmp6Message(icmpv6.UNREACHABLE, 0, 0, bytes(40)), FAR, hop_limit=1))
    nobody = IPv6Address(0)
    row.put(Packet6(nobody, FAR, ICMPV6, ping.pack(nobody, FAR), 1))
    link = IPv6Address("fe80::99")
    row.put(Packet6(link, FAR, ICMPV6, ping.pack(link, FAR), 1))
    assert not row.messages(icmpv6.UNREACHABLE)
    assert len(row.messages(icmpv6.TIME_EXCEEDED)) <= 1


@pytest.mark.parametrize(
    ("source", "destination"), [("::", "2001:db8:d::1"), ("::1", "2001:db8:d::1"), ("ff02::1", "2001:db8:d::1")]
)
def test_what_is_from_nobody_goes_nowhere(row: Row, source: str, destination: str) -> None:
    before = row.b.router.ip6.counters["received"]
    ends = IPv6Address(source), IPv6Address(destination)
    row.put(Packet6(*ends, UDP, UdpDatagram(1, 2, b"x").pack(*ends)))
    row.put(Packet6(HAND, IPv6Address("::1"), UDP, bytes(8)))
    assert row.b.router.ip6.counters["received"] == before
    assert not row.seen


def test_errors_come_ten_at_once(row: Row) -> None:
    lost = hand(echo(icmpv6.ECHO_REQUEST, 1, 2, b""), IPv6Address("3000::1")).pack()
    interface = row.a.interface("g0/1")
    for _ in range(30):
        row.a.router.ip6.receive(lost, interface)
    row.wait(0.05)
    assert len(row.messages(icmpv6.UNREACHABLE)) == 10


def test_a_host_forwards_nothing(row: Row) -> None:
    row.a.configure("no ipv6 unicast-routing")
    row.seen.clear()
    row.put(hand(echo(icmpv6.ECHO_REQUEST, 1, 2, b""), FAR))
    assert not row.messages(icmpv6.ECHO_REPLY)
    assert "FF02::2" not in row.a.type("show ipv6 interface g0/1")


@pytest.mark.parametrize(
    ("extension", "code", "pointer"),
    [
        (Extension(DESTINATION_OPTIONS, bytes((0, 0xC7, 4, 0, 0, 0, 0))), icmpv6.UNKNOWN_OPTION, 42),
        (Extension(ROUTING, bytes((0, 0, 1, 0, 0, 0, 0))), icmpv6.ERRONEOUS_FIELD, 42),
        (Extension(DESTINATION_OPTIONS, bytes((0, 0x47, 4, 0, 0, 0, 0))), None, 0),
        (Extension(DESTINATION_OPTIONS, bytes((0, 0x07, 4, 0, 0, 0, 0))), -1, 0),
    ],
)
def test_unknown_options(row: Row, extension: Extension, code: int | None, pointer: int) -> None:
    ping = echo(icmpv6.ECHO_REQUEST, 1, 2, b"").pack(HAND, LAN_A)
    row.put(Packet6(HAND, LAN_A, ICMPV6, ping, extensions=(extension,)))
    problems = row.messages(icmpv6.PARAMETER_PROBLEM)
    assert bool(row.messages(icmpv6.ECHO_REPLY)) is (code == -1)
    assert [(item.code, item.rest) for _, item in problems] == ([] if code in (None, -1) else [(code, pointer)])


def test_a_protocol_that_nobody_knows(row: Row) -> None:
    row.put(Packet6(HAND, LAN_A, 253, b"?", extensions=(Extension(DESTINATION_OPTIONS, bytes((0, 1, 4, 0, 0, 0, 0))),)))
    assert [(item.code, item.rest) for _, item in row.messages(icmpv6.PARAMETER_PROBLEM)] == [(1, 40)]


def test_fragments_are_put_together(row: Row) -> None:
    ping = hand(echo(icmpv6.ECHO_REQUEST, 1, 2, bytes(range(250)) * 20), LAN_A).pack()
    for piece in reversed(fragments(ping, 1280, 5)):
        row.put(piece)
    replies = [packet for packet in row.seen if packet.fragment is not None]
    assert len(replies) == 4
    # Pieces that overlap make no packet.
    row.seen.clear()
    for piece in fragments(ping, 1280, 6):
        packet = Packet6.parse(piece)
        assert packet.fragment is not None
        shifted = Fragment(packet.fragment.offset and packet.fragment.offset - 8, packet.fragment.more, 6)
        row.put(Packet6(HAND, LAN_A, packet.protocol, packet.payload, fragment=shifted))
    assert not [packet for packet in row.seen if packet.fragment is not None]


def test_neighbours_grow_old_and_are_asked_again(row: Row) -> None:
    def state() -> State | None:
        return next((item.state for item in row.a.router.ip6.neighbors.entries if item.address == HAND), None)

    # A answered the hand, whose word for its address is all that A has.
    assert state() is State.DELAY
    row.wait(4.8)
    assert state() is State.PROBE
    [(packet, message)] = row.messages(icmpv6.NEIGHBOR_SOLICITATION)
    assert packet.destination == HAND
    assert NeighborMessage.parse(message).link_address is not None
    row.put(hand(NeighborMessage(HAND, None, True, solicited=True).message(), packet.source, 255))
    assert state() is State.REACHABLE
    row.wait(31)
    assert state() is State.STALE
    row.put(hand(echo(icmpv6.ECHO_REQUEST, 1, 2, b""), LAN_A))
    row.wait(9)
    assert state() is None


def test_an_advertisement_that_overrides_moves_a_neighbour(row: Row) -> None:
    def mac() -> bytes | None:
        return next(item.mac for item in row.a.router.ip6.neighbors.entries if item.address == HAND)

    other = bytes.fromhex("0200000000bb")
    row.put(hand(NeighborMessage(HAND, other, True, solicited=True).message(), LAN_A, 255))
    assert mac() == MAC
    row.put(hand(NeighborMessage(HAND, other, True, override=True).message(), LAN_A, 255))
    assert mac() == other
    # What came through a router is no neighbour discovery.
    row.put(hand(NeighborMessage(HAND, MAC, True, override=True).message(), LAN_A, 254))
    assert mac() == other


def test_an_address_that_somebody_has_is_not_used() -> None:
    clock = VirtualClock(seed=1)
    text = "hostname X\ninterface GigabitEthernet0/0\n ipv6 address 2001:DB8:1::1/64\n"
    first, second = boot(clock, text, "X"), boot(clock, text.replace("X", "Y"), "Y")
    connect(first, "g0/0", second, "g0/0")
    clock.run_until(clock.now() + 3)
    printed = [item.type("show ipv6 interface") for item in (first, second)]
    assert all("2001:DB8:1::1, subnet is 2001:DB8:1::/64 [DUP]" in text for text in printed)
    assert "%IPV6_ND-4-DUPLICATE: Duplicate address 2001:DB8:1::1 on GigabitEthernet0/0" in first.type("show logging")
    second.configure("interface g0/0\nno ipv6 address 2001:db8:1::1/64\nipv6 address 2001:db8:1::2/64")
    first.configure("interface g0/0\nshutdown\nno shutdown")
    clock.run_until(clock.now() + 3)
    assert "!!!!!" in second.type("ping 2001:db8:1::1")


def test_an_address_in_use_is_defended(row: Row) -> None:
    nobody, group = IPv6Address(0), solicited_node(LAN_A)
    row.put(Packet6(nobody, group, ICMPV6, NeighborMessage(LAN_A).message().pack(nobody, group), 255))
    [(packet, message)] = row.messages(icmpv6.NEIGHBOR_ADVERTISEMENT)
    assert packet.destination == IPv6Address("ff02::1")
    assert NeighborMessage.parse(message).target == LAN_A


def test_routers_advertise_and_answer_hosts(row: Row) -> None:
    row.put(hand(RouterSolicitation(MAC).message(), IPv6Address("ff02::2"), 255))
    row.wait(4)
    [(packet, message)] = row.messages(icmpv6.ROUTER_ADVERTISEMENT)
    assert packet.source.is_link_local
    found = RouterAdvertisement.parse(message)
    assert [str(prefix.network) for prefix in found.prefixes] == ["2001:db8:a::/64"]
    assert (found.lifetime, found.mtu) == (1800, 1500)
    row.wait(700)
    assert len(row.messages(icmpv6.ROUTER_ADVERTISEMENT)) >= 4
    row.seen.clear()
    row.a.configure("interface g0/1\nipv6 nd ra suppress all")
    row.wait(700)
    [(_, message)] = row.messages(icmpv6.ROUTER_ADVERTISEMENT)
    assert RouterAdvertisement.parse(message).lifetime == 0


def test_nothing_that_arrives_stops_a_router(row: Row) -> None:
    rng = random.Random(5)
    ping = hand(echo(icmpv6.ECHO_REQUEST, 1, 2, bytes(2000)), LAN_A)
    pad = Extension(DESTINATION_OPTIONS, bytes((0, 1, 4, 0, 0, 0, 0)))
    genuine = [
        ping.pack(),
        *fragments(ping.pack(), 1280, 9),
        hand(NeighborMessage(LAN_A, MAC).message(), LAN_A, 255).pack(),
        hand(RouterSolicitation(MAC).message(), IPv6Address("ff02::2"), 255).pack(),
        hand(RouterAdvertisement(link_address=MAC).message(), LAN_A, 255).pack(),
        Packet6(HAND, FAR, UDP, bytes(20), extensions=(pad, pad)).pack(),
    ]
    interface = row.a.interface("g0/1")
    for _ in range(6000):
        data = bytearray(rng.choice(genuine))
        for _ in range(rng.randrange(5)):
            data[rng.randrange(min(len(data), 90))] = rng.randrange(256)
        cut = bytes(data[: rng.randrange(len(data))] if rng.random() < 0.2 else data)
        row.a.router.link.receive(interface.mac + MAC + b"\x86\xdd" + cut, interface)
    assert interface.counters.input_errors > 500
    row.wait(20)
    assert "!!!!!" in row.a.type("ping 2001:db8:d::1")
    with pytest.raises(WireError):
        Packet6.parse(b"")


def test_the_dialog_of_ping_asks_for_ipv6_too(row: Row) -> None:
    answers = ["2001:db8:d::1", "2", "200", "1", "y", "g0/1", "46"]
    for printed in (row.a.type("ping", "ipv6", *answers), row.a.type("ping ipv6", *answers)):
        assert "Sending 2, 200-byte ICMP Echos to 2001:DB8:D::1, timeout is 1 seconds:" in printed
        assert "Packet sent with a source address of 2001:DB8:A::1" in printed
        assert "!!" in printed
    assert "% Bad IPv6 address" in row.a.type("ping ipv6", "nobody")
    assert "% Invalid source" in row.a.type("ping ipv6", "2001:db8:d::1", "", "", "", "y", "nobody")
    assert "% Unknown protocol" in row.a.type("ping", "ipx")
    link = str(row.a.router.ip6.groups(row.a.interface("g0/0"))[0])
    assert "!" in row.a.type("ping ipv6", link, "1", "", "", "", "GigabitEthernet0/0")
