"""B translates between A, inside, and D, outside; all in virtual time."""

from __future__ import annotations

from collections import Counter

import pytest

from iosemu.features.http.service import HttpService
from iosemu.features.nat.service import NatService
from iosemu.wire.ipv4 import TCP, Packet
from tests.features.nat.translator import OVERLOAD, translating
from tests.features.typist import Typist, new_router, success_rate


def arriving(router: Typist) -> Counter[tuple[str, str]]:
    """Sources and destinations of what comes in on GigabitEthernet0/0 from now on."""
    seen: Counter[tuple[str, str]] = Counter()

    def note(packet: bytes, _: object) -> list[bytes]:
        read = Packet.parse(packet)
        seen[str(read.source), str(read.destination)] += 1
        return [packet]

    interface = next(item for item in router.router.interfaces if str(item.name) == "GigabitEthernet0/0")
    interface.input_hooks[1] = note
    return seen


def test_overload_of_an_interface() -> None:
    row = translating(OVERLOAD)
    seen = arriving(row.d)
    assert success_rate(row.a.type("ping 10.1.0.2")) == 100
    assert success_rate(row.a.type("ping 10.1.0.2 source Loopback0")) == 100
    assert set(seen) == {("10.1.0.1", "10.1.0.2")}
    screen = row.b.type("show ip nat translations")
    assert screen.splitlines()[0] == "Pro Inside global      Inside local       Outside local      Outside global"
    number = screen.splitlines()[1].split()[1].split(":")[1]
    assert f"icmp 10.1.0.1:{number}".ljust(24) + f"10.0.0.1:{number}".ljust(19) in screen
    assert len(screen.splitlines()) == 3
    statistics = row.b.type("show ip nat statistics")
    assert statistics.startswith("Total active translations: 2 (0 static, 2 dynamic; 2 extended)\n")
    assert (
        "Outside interfaces:\n  GigabitEthernet0/1\nInside interfaces:\n  GigabitEthernet0/0\nHits: 20  Misses: 2\n"
        in statistics
    )
    assert "-- Inside Source\n[Id: 1] access-list 1 interface GigabitEthernet0/1 refcount 2\n" in statistics
    assert "permit 10.255.0.0, wildcard bits 0.0.255.255 (1 match)" in row.b.type("show access-lists 1")
    row.b.wait(62)
    assert row.b.type("show ip nat translations") == ""
    assert "Expired translations: 2" in row.b.type("show ip nat statistics")
    row.b.type("clear ip nat statistics")
    assert "Hits: 0  Misses: 0" in row.b.type("show ip nat statistics")


def test_outside_cannot_come_in_and_the_rest_is_left_alone() -> None:
    row = translating(OVERLOAD)
    # What no entry of the list names keeps its address.
    row.a.configure("interface Loopback5\n ip address 10.77.0.1 255.255.255.0")
    row.b.configure("ip route 10.77.0.0 255.255.255.0 10.0.0.1")
    seen = arriving(row.d)
    assert success_rate(row.a.type("ping 10.1.0.2 source Loopback5")) == 100
    assert set(seen) == {("10.77.0.1", "10.1.0.2")}
    # B itself, and what is for B, are not concerned.
    assert success_rate(row.b.type("ping 10.1.0.2")) == 100
    assert success_rate(row.d.type("ping 10.1.0.1")) == 100
    assert row.b.type("show ip nat translations") == ""


def test_traceroute_goes_through() -> None:
    row = translating(OVERLOAD)
    screen = row.a.type("traceroute 10.9.9.9")
    assert "  1 10.0.0.2 " in screen
    assert "  2 10.9.9.9 1 msec" in screen


def test_tcp_and_static_ports() -> None:
    row = translating(OVERLOAD, "ip nat inside source static tcp 10.0.0.1 80 interface GigabitEthernet0/1 8080")
    row.a.configure("ip http server")
    got: list[str] = []
    row.d.router.service(HttpService).client.get(
        "http://10.1.0.1:8080/", lambda result: got.append(type(result).__name__)
    )
    row.d.wait(5)
    assert got == ["Response"]
    screen = row.b.type("show ip nat translations")
    assert "tcp 10.1.0.1:8080      10.0.0.1:80        ---                ---\n" in screen
    assert any(item.protocol == TCP and item.remote for item in row.b.router.service(NatService).engine.table)
    assert "static" in row.b.type("show ip nat translations verbose")
    row.b.type("clear ip nat translation *")
    assert len(row.b.type("show ip nat translations").splitlines()) == 2


def test_static_address_answers_arp_and_pools_run_dry() -> None:
    row = translating(
        "ip nat pool P 10.1.0.20 10.1.0.20 netmask 255.255.255.0",
        "ip nat inside source list 1 pool P",
        "ip nat inside source static 10.255.0.1 10.1.0.9",
    )
    seen = arriving(row.d)
    assert success_rate(row.d.type("ping 10.1.0.9")) >= 80
    assert success_rate(row.a.type("ping 10.1.0.2")) >= 80
    assert {("10.1.0.9", "10.1.0.2"), ("10.1.0.20", "10.1.0.2")} == set(seen)
    row.a.configure("interface GigabitEthernet0/0\n ip address 10.0.0.7 255.255.255.0 secondary")
    assert success_rate(row.a.type("ping 10.1.0.2 source 10.0.0.7")) == 0
    line = "%IPNAT-4-ADDR_ALLOC_FAILURE: Address allocation failed for 10.0.0.7, pool P might be exhausted"
    assert line in [message.text for message in row.b.router.syslog.buffer]
    assert " pool P: netmask 255.255.255.0\n        start 10.1.0.20 end 10.1.0.20\n" in row.b.type(
        "show ip nat statistics"
    )
    assert "total addresses 1, allocated 1 (100%)" in row.b.type("show ip nat statistics")


def test_fragments_are_put_together() -> None:
    row = translating(OVERLOAD)
    assert success_rate(row.a.type("ping 10.1.0.2 size 4000")) == 100


def test_debug_and_timeouts() -> None:
    row = translating(OVERLOAD, "ip nat translation icmp-timeout 10", "ip nat translation max-entries 1")
    row.b.type("debug ip nat")
    row.a.type("ping 10.1.0.2 repeat 1")
    log = [message.text for message in row.b.router.syslog.buffer]
    assert any(line.startswith("NAT: s=10.0.0.1->10.1.0.1, d=10.1.0.2 [") for line in log)
    assert any(line.startswith("NAT: s=10.1.0.2, d=10.1.0.1->10.0.0.1 [") for line in log)
    assert success_rate(row.a.type("ping 10.1.0.2 repeat 1")) == 0
    row.b.wait(12)
    assert row.b.type("show ip nat translations") == ""
    row.b.configure("no ip nat inside source list 1")
    assert success_rate(row.a.type("ping 10.1.0.2 repeat 1")) == 100
    assert row.b.type("show ip nat translations") == ""


LINES = [
    "ip nat translation udp-timeout 100",
    "ip nat translation max-entries 500",
    "ip nat pool P 192.0.2.1 192.0.2.9 netmask 255.255.255.0",
    "ip nat pool Q 192.0.2.11 192.0.2.19 prefix-length 24",
    "ip nat inside source list 5 pool P overload",
    "ip nat inside source list WAN interface GigabitEthernet0/1 overload",
    "ip nat inside source static 10.0.0.5 192.0.2.55",
    "ip nat inside source static tcp 10.0.0.6 22 192.0.2.56 2222 extendable",
    "ip nat inside source static udp 10.0.0.6 53 interface Loopback0 53",
]


def test_lines_are_printed_as_they_were_entered() -> None:
    router = new_router()
    assert router.configure("\n".join(LINES)) == ""
    printed = [line for line in router.type("show running-config").splitlines() if line.startswith("ip nat")]
    assert printed == LINES
    assert "in use" in router.configure("no ip nat pool P")
    for line in reversed(LINES):
        assert router.configure(f"no {line}") == ""
    assert "ip nat" not in router.type("show running-config")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ip nat pool P 192.0.2.9 192.0.2.1 netmask 255.255.255.0", "less than"),
        ("ip nat pool P 192.0.2.9 192.0.3.1 netmask 255.255.255.0", "different subnets"),
        ("ip nat inside source list 1 pool NONE", "not found"),
        ("ip nat inside source static 10.0.0.9 192.0.2.55", "similar static entry (10.0.0.5 -> 192.0.2.55)"),
    ],
)
def test_what_is_refused(line: str, answer: str) -> None:
    router = new_router("ip nat inside source static 10.0.0.5 192.0.2.55\nend\n")
    assert answer in router.configure(line)


def test_what_has_no_effect_is_kept() -> None:
    router = new_router()
    lines = [
        "ip nat inside source route-map NAT interface GigabitEthernet0/0 overload",
        "ip nat outside source list 9 pool P",
    ]
    router.configure("\n".join(lines))
    printed = router.type("show running-config").splitlines()
    assert all(line in printed for line in lines)
