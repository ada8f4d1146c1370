"""IPv6 access lists: taken, printed, and what they make of packets."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from iosemu.engines.esp.verdict import flow6_of
from iosemu.features.ipv6_acl.config import Ipv6AccessLists
from iosemu.router.clock import VirtualClock
from iosemu.wire.icmpv6 import ECHO_REPLY, ECHO_REQUEST, echo
from iosemu.wire.ipv4 import TCP, UDP
from iosemu.wire.ipv6 import DESTINATION_OPTIONS, HOP_BY_HOP, ICMPV6, ROUTING, Extension, Fragment, Packet6
from iosemu.wire.tcp import ACK, SYN, Segment
from iosemu.wire.udp import UdpDatagram
from tests.features.typist import Typist, boot, connect, new_router, reloaded

A, B = IPv6Address("2001:db8:1::1"), IPv6Address("2001:db8:2::2")
PAD = bytes((0, 1, 4, 0, 0, 0, 0))


def tcp(flags: int = SYN, port: int = 80) -> bytes:
    return Packet6(A, B, TCP, Segment(1000, port, 0, 0, flags, 0).pack(A, B)).pack()


def udp(port: int = 53, traffic_class: int = 0, label: int = 0, *kinds: int) -> bytes:
    datagram = UdpDatagram(500, port, b"x").pack(A, B)
    chain = tuple(Extension(kind, PAD) for kind in kinds)
    return Packet6(A, B, UDP, datagram, 64, traffic_class, label, chain).pack()


def ping(kind: int = ECHO_REQUEST) -> bytes:
    return Packet6(A, B, ICMPV6, echo(kind, 1, 1, b"").pack(A, B)).pack()


LATER = Packet6(A, B, UDP, bytes(8), fragment=Fragment(8, False, 1)).pack()
FIRST = Packet6(A, B, UDP, bytes((1, 244, 0, 53)) + bytes(4), fragment=Fragment(0, True, 1)).pack()
BROKEN = Packet6(A, B, UDP, b"", extensions=(Extension(DESTINATION_OPTIONS, PAD),) * 15).pack()[:150]
BROKEN = BROKEN[:4] + (len(BROKEN) - 40).to_bytes(2, "big") + BROKEN[6:]


def permits(typist: Typist, packet: bytes) -> bool:
    entries = typist.router.model.block(Ipv6AccessLists).lists["A"].entries
    return any(entry.covers(packet, flow6_of(packet)) for entry in entries)


@pytest.mark.parametrize(
    ("line", "meant", "not_meant"),
    [
        ("permit ipv6 any any", [tcp(), udp(), ping(), LATER, BROKEN], []),
        ("permit ipv6 2001:DB8:1::/48 2001:DB8:2::/48", [tcp()], [udp_back := Packet6(B, A, UDP, bytes(8)).pack()]),
        ("permit ipv6 host 2001:DB8:1::1 host 2001:DB8:2::2", [udp()], [udp_back]),
        ("permit udp any eq isakmp any eq domain", [udp(), FIRST], [udp(54), tcp(), LATER]),
        ("permit udp any any range domain 60", [udp(53), udp(60)], [udp(61), LATER]),
        ("permit udp any eq 848 any eq 848", [], [udp(848)]),
        ("permit tcp any any eq www established", [tcp(ACK)], [tcp(SYN), tcp(ACK, 81)]),
        ("permit tcp any any syn", [tcp(SYN)], [tcp(ACK)]),
        ("permit icmp any any echo-request", [ping()], [ping(ECHO_REPLY), udp()]),
        ("permit icmp any any 129 0", [ping(ECHO_REPLY)], [ping()]),
        ("permit 89 any any", [Packet6(A, B, 89, b"hello").pack()], [udp()]),
        ("permit udp any any dscp ef", [udp(53, 46 << 2)], [udp()]),
        ("permit ipv6 any any flow-label 7", [udp(53, 0, 7)], [udp()]),
        ("permit ipv6 any any fragments", [LATER], [FIRST, udp()]),
        ("permit ipv6 any any routing", [udp(53, 0, 0, ROUTING)], [udp(), udp(53, 0, 0, HOP_BY_HOP)]),
        ("permit ipv6 any any hbh", [udp(53, 0, 0, HOP_BY_HOP, ROUTING)], [udp(53, 0, 0, ROUTING)]),
        ("permit ipv6 any any undetermined-transport", [BROKEN], [udp()]),
        ("permit udp any any eq domain", [udp(53, 0, 0, HOP_BY_HOP, DESTINATION_OPTIONS)], []),
        ("deny icmp FE80::/10 any log", [], [ping()]),
    ],
)
def test_an_entry_is_printed_and_decides(line: str, meant: list[bytes], not_meant: list[bytes]) -> None:
    typist = new_router(f"ipv6 access-list A\n {line}\n")
    assert typist.section("ipv6 access-list") == ["ipv6 access-list A", f" {line}"]
    assert reloaded(typist).model == typist.router.model
    assert all(permits(typist, packet) for packet in meant)
    assert not any(permits(typist, packet) for packet in not_meant)


def test_numbers_are_printed_where_they_say_something() -> None:
    typist = new_router("ipv6 access-list A\n permit tcp any any\n sequence 15 permit udp any any\n remark the rest\n")
    typist.configure("ipv6 access-list A\npermit icmp any any sequence 100\nevaluate BACK")
    assert typist.section("ipv6 access-list") == [
        "ipv6 access-list A",
        " permit tcp any any",
        " sequence 15 permit udp any any",
        " remark the rest",
        " sequence 100 permit icmp any any",
        " evaluate BACK",
    ]
    assert reloaded(typist).model == typist.router.model
    assert "Duplicate" in typist.configure("ipv6 access-list A\nsequence 15 deny udp any any")
    typist.configure("ipv6 access-list A\nno sequence 15\nno permit tcp any any\nno remark the rest\nno evaluate BACK")
    assert typist.section("ipv6 access-list") == ["ipv6 access-list A", " sequence 100 permit icmp any any"]
    typist.configure("no ipv6 access-list A")
    assert typist.section("ipv6 access-list") == []


@pytest.mark.parametrize("line", ["permit udp any eq nonsense any", "permit ipv6 any any dscp 64", "permit tcp any"])
def test_what_has_no_meaning_is_refused(line: str) -> None:
    typist = new_router()
    assert "%" in typist.configure(f"ipv6 access-list A\n{line}")
    assert typist.section("ipv6 access-list") == ["ipv6 access-list A"]


NEAR = """
hostname NEAR
interface GigabitEthernet0/0
 ipv6 address 2001:DB8:1::1/64
"""
FAR = """
hostname FAR
ipv6 unicast-routing
interface GigabitEthernet0/0
 ipv6 address 2001:DB8:1::2/64
 ipv6 traffic-filter IN in
interface GigabitEthernet0/1
 ipv6 address 2001:DB8:3::1/64
interface Loopback0
 ipv6 address 2001:DB8:2::2/128
"""


def pair(lists: str) -> tuple[Typist, Typist]:
    clock = VirtualClock(seed=1)
    near, far = boot(clock, NEAR, "NEAR"), boot(clock, FAR + lists, "FAR")
    connect(near, "g0/0", far, "g0/0")
    clock.run_until(clock.now() + 3)
    near.configure("ipv6 route ::/0 2001:DB8:1::2")
    return near, far


def test_a_filter_refuses_counts_and_logs() -> None:
    near, far = pair(
        "ipv6 access-list IN\n permit icmp any host 2001:DB8:2::2\n"
        " permit icmp any any nd-na\n permit icmp any any nd-ns\n deny ipv6 any any log\n"
    )
    assert "!!!!!" in near.type("ping 2001:db8:2::2")
    assert "AAAAA" in near.type("ping 2001:db8:1::2")
    shown = far.type("show ipv6 access-list IN").splitlines()
    assert shown[:2] == [
        "IPv6 access list IN",
        "    permit icmp any host 2001:DB8:2::2 (5 matches) sequence 10",
    ]
    assert shown[4] == "    deny ipv6 any any log (5 matches) sequence 40"
    logged = "%IPV6_ACL-6-ACCESSLOGDP: list IN/40 denied icmpv6 2001:DB8:1::1 -> 2001:DB8:1::2 (128/0), 1 packet"
    assert logged in far.type("show logging")
    far.type("clear ipv6 access-list")
    assert "match" not in far.type("show ipv6 access-list")


def test_neighbours_find_each_other_unless_an_entry_forbids_it() -> None:
    near, far = pair("ipv6 access-list IN\n permit tcp any any\n permit icmp any any echo-request\n")
    assert "!!!!!" in near.type("ping 2001:db8:2::2")
    far.configure("ipv6 access-list IN\nsequence 5 deny icmp any any nd-ns")
    near.type("clear ipv6 neighbors")
    assert "!" not in near.type("ping 2001:db8:1::2").splitlines()[2]


def test_an_answer_to_what_was_let_out_is_let_in() -> None:
    near, far = pair(
        "ipv6 access-list OUT\n permit icmp any any reflect BACK timeout 30\n"
        "ipv6 access-list IN\n permit icmp any any nd-na\n permit icmp any any nd-ns\n evaluate BACK\n"
    )
    far.configure("interface g0/0\nipv6 traffic-filter OUT out")
    assert "AAAAA" in near.type("ping 2001:db8:2::2")
    clock = far.clock
    text = "hostname I\ninterface GigabitEthernet0/0\n ipv6 address 2001:DB8:3::9/64\nipv6 route ::/0 2001:DB8:3::1\n"
    inner = boot(clock, text, "I")
    connect(far, "g0/1", inner, "g0/0")
    clock.run_until(clock.now() + 3)
    assert "AAAAA" in near.type("ping 2001:db8:3::9")
    assert "!!!!!" in inner.type("ping 2001:db8:1::1")
    clock.run_until(clock.now() + 40)
    assert "AAAAA" in near.type("ping 2001:db8:3::9")
