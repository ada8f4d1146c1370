"""What an extended entry may ask of a packet, object groups, and time ranges."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address

import pytest

from iosemu.engines.esp.verdict import flow_of
from iosemu.features.acl.config import AccessLists
from iosemu.features.acl.groups import active, expanded
from iosemu.router.running_config import print_running_config
from iosemu.wire.ipv4 import ICMP, TCP, UDP, Packet
from tests.features.typist import Typist, new_router, reloaded

SOURCE, DESTINATION = IPv4Address("10.0.0.1"), IPv4Address("10.0.1.1")
SYN, ACK, FIN, RST = 2, 16, 1, 4


def tcp(flags: int, port: int = 80, tos: int = 0) -> bytes:
    header = bytes(2) + port.to_bytes(2, "big") + bytes(8) + bytes([0x50, flags]) + bytes(6)
    return Packet(SOURCE, DESTINATION, TCP, header, tos=tos).pack()


def udp(tos: int = 0, ttl: int = 255, fragment_offset: int = 0, port: int = 53) -> bytes:
    header = bytes(2) + port.to_bytes(2, "big") + bytes(4)
    return Packet(SOURCE, DESTINATION, UDP, header, tos=tos, ttl=ttl, fragment_offset=fragment_offset).pack()


def permits(typist: Typist, packet: bytes) -> bool:
    entries = typist.router.model.block(AccessLists).lists["A"].entries
    model = typist.router.model
    return any(one.covers(packet, flow_of(packet)) for entry in entries for one in expanded(model, entry))


@pytest.mark.parametrize(
    ("line", "meant", "not_meant"),
    [
        ("permit tcp any any established", [tcp(ACK), tcp(RST)], [tcp(SYN), udp()]),
        ("permit tcp any any syn", [tcp(SYN), tcp(SYN | ACK)], [tcp(ACK)]),
        ("permit tcp any any match-all +syn -ack", [tcp(SYN)], [tcp(SYN | ACK), tcp(ACK)]),
        ("permit tcp any any match-any +fin +rst", [tcp(FIN), tcp(RST)], [tcp(SYN)]),
        ("permit ip any any dscp ef", [udp(46 << 2)], [udp()]),
        ("permit ip any any dscp af21", [udp(18 << 2)], [udp(20 << 2)]),
        ("permit udp any any eq domain dscp cs5 log", [udp(40 << 2)], [udp(40 << 2, port=54)]),
        ("permit ip any any precedence critical", [udp(0xA0)], [udp(0xC0)]),
        ("permit ip any any tos min-delay", [udp(0x10)], [udp(0x08)]),
        ("permit ip any any ttl lt 5", [udp(ttl=4)], [udp(ttl=5)]),
        ("permit ip any any fragments", [udp(fragment_offset=8)], [udp()]),
        ("permit tcp any any eq www precedence routine log-input", [tcp(ACK)], [tcp(ACK, tos=0x20)]),
    ],
)
def test_a_condition_is_printed_and_decides(line: str, meant: list[bytes], not_meant: list[bytes]) -> None:
    typist = new_router(f"ip access-list extended A\n {line}\n")
    assert typist.section("ip access-list") == ["ip access-list extended A", f" {line}"]
    assert reloaded(typist).model == typist.router.model
    assert all(permits(typist, packet) for packet in meant)
    assert not any(permits(typist, packet) for packet in not_meant)


def test_a_number_that_has_a_name_is_printed_as_the_name() -> None:
    typist = new_router("access-list 100 permit ip any any dscp 46\naccess-list 100 permit ip any any dscp 5\n")
    assert typist.section("access-list 100") == [
        "access-list 100 permit ip any any dscp ef", "access-list 100 permit ip any any dscp 5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["permit ip any any dscp 64", "permit ip any any dscp af99", "permit tcp any any match-all syn",
             "permit udp any any syn", "permit tcp object-group NONE any", "permit object-group NONE any any"]
)  # fmt: skip
def test_what_cannot_be_is_refused(line: str) -> None:
    typist = new_router("ip access-list extended A\n permit ip host 1.1.1.1 any\n")
    before = print_running_config(typist.router)
    printed = typist.configure(f"ip access-list extended A\n{line}")
    assert "Invalid input" in printed or "does not exist" in printed
    assert print_running_config(typist.router).splitlines()[5:] == before.splitlines()[5:]


GROUPS = """object-group network SERVERS
 host 10.0.1.1
 10.0.2.0 255.255.255.0
 range 10.0.3.10 10.0.3.13
object-group network ALL
 group-object SERVERS
 host 10.9.9.9
object-group service WEB
 tcp eq www
 tcp range 8000 8010
 udp 53
 icmp echo
ip access-list extended A
 permit object-group WEB any object-group ALL
"""


def test_object_groups_stand_for_all_that_is_in_them() -> None:
    typist = new_router(GROUPS)

    def to(address: str, packet: bytes) -> bytes:
        parsed = Packet.parse(packet)
        return Packet(parsed.source, IPv4Address(address), parsed.protocol, parsed.payload).pack()

    echo = Packet(SOURCE, DESTINATION, ICMP, bytes([8]) + bytes(7)).pack()
    for address in ("10.0.1.1", "10.0.2.77", "10.0.3.10", "10.0.3.13", "10.9.9.9"):
        for packet in (tcp(SYN), tcp(SYN, port=8005), udp(), echo):
            assert permits(typist, to(address, packet))
    for address in ("10.0.1.2", "10.0.3.14", "10.0.3.9"):
        assert not permits(typist, to(address, tcp(SYN)))
    assert not permits(typist, tcp(SYN, port=22))
    assert not permits(typist, udp(port=54))
    assert reloaded(typist).model == typist.router.model
    assert "    10 permit object-group WEB any object-group ALL" in typist.type("show access-lists")


@pytest.mark.parametrize(
    ("lines", "when", "holds"),
    [
        ("periodic weekdays 9:00 to 17:00", "2026-01-05 09:00", True),
        ("periodic weekdays 9:00 to 17:00", "2026-01-05 17:01", False),
        ("periodic weekdays 9:00 to 17:00", "2026-01-04 12:00", False),
        ("periodic Monday Friday 8:00 to 9:00", "2026-01-09 08:30", True),
        ("periodic Saturday 10:00 to Monday 6:00", "2026-01-04 03:00", True),
        ("periodic Saturday 10:00 to Monday 6:00", "2026-01-05 06:01", False),
        ("absolute start 00:00 01 January 2026 end 12:00 05 January 2026", "2026-01-05 11:59", True),
        ("absolute start 00:00 01 January 2026 end 12:00 05 January 2026", "2026-01-05 12:01", False),
        ("absolute end 12:00 05 January 2026", "2025-01-01 00:00", True),
    ],
)
def test_time_ranges(lines: str, when: str, holds: bool) -> None:
    typist = new_router(f"time-range T\n {lines}\n")
    assert active(typist.router.model, "T", datetime.fromisoformat(when)) == holds


def test_an_entry_outside_its_time_is_passed_over() -> None:
    typist = new_router(
        "time-range NIGHT\n periodic daily 0:00 to 6:00\nip access-list extended A\n"
        " deny udp any any time-range NIGHT\n permit ip any any\n"
        "interface GigabitEthernet0/0\n ip address 10.0.0.2 255.255.255.0\n ip access-group A in\n"
    )
    hook = next(iter(next(item for item in typist.router.interfaces if item.input_hooks).input_hooks.values()))
    interface = next(item for item in typist.router.interfaces if item.input_hooks)
    assert hook(udp(), interface) == [udp()]
    typist.type("clock set 03:00:00 6 January 2026")
    assert hook(udp(), interface) == []


def test_a_reflexive_list_lets_answers_in_for_a_while() -> None:
    typist = new_router(
        "ip access-list extended OUT\n permit tcp any any reflect R timeout 60\n"
        "ip access-list extended IN\n evaluate R\n"
        "interface GigabitEthernet0/0\n ip address 10.0.0.2 255.255.255.0\n"
        " ip access-group IN in\n ip access-group OUT out\n"
    )
    interface = next(item for item in typist.router.interfaces if item.input_hooks)
    inward, outward = next(iter(interface.input_hooks.values())), next(iter(interface.output_hooks.values()))
    ports = (1024).to_bytes(2, "big"), (80).to_bytes(2, "big")
    rest = bytes(8) + bytes([0x50, SYN]) + bytes(6)
    asked = Packet(SOURCE, DESTINATION, TCP, ports[0] + ports[1] + rest).pack()
    answer = Packet(DESTINATION, SOURCE, TCP, ports[1] + ports[0] + rest).pack()
    assert inward(answer, interface) == []
    assert outward(asked, interface) == [asked]
    assert inward(answer, interface) == [answer]
    assert inward(asked, interface) == []
    typist.wait(61)
    assert inward(answer, interface) == []
    assert typist.section("ip access-list extended OUT")[1] == " permit tcp any any reflect R timeout 60"
    assert reloaded(typist).model == typist.router.model
