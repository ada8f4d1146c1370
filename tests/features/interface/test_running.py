"""Interfaces at work: state, messages, counters, tags, MSS."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.features.interface.mss import Clamp
from iosemu.router.clock import VirtualClock
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.ipv4 import TCP, Packet
from tests.features.three_routers import Row
from tests.features.typist import boot, connect, cut

BRIEF = """\
Interface                  IP-Address      OK? Method Status                Protocol
GigabitEthernet0/0         10.0.0.1        YES NVRAM  up                    up      
GigabitEthernet0/1         unassigned      YES unset  administratively down down    
Loopback0                  10.255.0.1      YES manual up                    up      
"""  # noqa: W291


def messages(row: Row) -> list[str]:
    return [line[1:] for line in row.a.type("show logging").splitlines() if line.startswith("*")]


def test_show_ip_interface_brief_has_the_columns_of_ios(row: Row) -> None:
    row.a.router.interfaces.add(InterfaceName("GigabitEthernet", "0/1"))
    row.a.configure("interface lo0\nip address 10.255.0.1 255.255.255.255")
    assert row.a.type("show ip interface brief") == BRIEF


def test_shutdown_is_logged_and_takes_the_routes_away(row: Row) -> None:
    row.a.type("clear logging")
    row.a.configure("interface gi0/0\nshutdown")
    row.a.wait(2)
    assert [line.split(": ", 1)[1] for line in messages(row)] == [
        "%LINK-5-CHANGED: Interface GigabitEthernet0/0, changed state to administratively down",
        "%SYS-5-CONFIG_I: Configured from console by console",
        "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/0, changed state to down",
    ]
    assert "GigabitEthernet0/0" not in row.a.type("show ip route")
    row.a.configure("interface gi0/0\nno shutdown")
    row.a.wait(2)
    assert messages(row)[-1].endswith("Line protocol on Interface GigabitEthernet0/0, changed state to up")
    assert "!!!!!" in row.a.type("ping 10.9.9.9")


def test_the_far_end_sees_the_carrier_only_when_the_cable_is_cut(row: Row) -> None:
    line = "GigabitEthernet0/0 is up, line protocol is up "
    assert row.a.type("show interfaces gi0/0").splitlines()[0] == line
    cut(row.a, "gi0/0")
    assert row.a.type("show interfaces gi0/0").splitlines()[0] == "GigabitEthernet0/0 is down, line protocol is down "


def test_committing_the_same_model_twice_changes_nothing(row: Row) -> None:
    row.a.wait(2)
    before = row.a.router.syslog.count
    sent = row.a.interface("gi0/0").counters.packets_out
    for _ in range(3):
        row.a.router.commit()
    row.a.wait(2)
    assert row.a.router.syslog.count == before
    assert row.a.interface("gi0/0").counters.packets_out == sent


def test_counters_and_addresses_in_show_interfaces(row: Row) -> None:
    text = row.a.type("show interfaces gi0/0")
    assert "  Internet address is 10.0.0.1/24\n" in text
    assert "  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec, \n" in text
    assert " 0 packets input" not in text
    assert row.a.type("show interfaces lo0").splitlines()[1] == "  Hardware is Loopback"
    assert "Invalid input" in row.a.type("show interfaces lo77")


def test_show_ip_interface_and_descriptions(row: Row) -> None:
    row.a.configure("interface gi0/0\ndescription to the provider")
    assert row.a.type("show interfaces description").splitlines() == [
        "Interface                      Status         Protocol Description",
        "Gi0/0                          up             up       to the provider",
        "Lo0                            up             up",
    ]
    assert row.a.type("show ip interface gi0/0").splitlines()[:4] == [
        "GigabitEthernet0/0 is up, line protocol is up",
        "  Internet address is 10.0.0.1/24",
        "  Broadcast address is 255.255.255.255",
        "  Address determined by non-volatile memory",
    ]


TRUNK = """
interface GigabitEthernet0/0
 no ip address
interface GigabitEthernet0/0.10
 encapsulation dot1Q 10
 ip address 10.10.0.{host} 255.255.255.0
interface GigabitEthernet0/0.20
 encapsulation dot1Q 20
 ip address 10.20.0.{host} 255.255.255.0
"""


def test_sub_interfaces_share_a_cable_by_tags() -> None:
    clock = VirtualClock(seed=1)
    left = boot(clock, TRUNK.format(host=1), "L")
    right = boot(clock, TRUNK.format(host=2), "R")
    wire = connect(left, "g0/0", right, "g0/0")
    frames: list[bytes] = []
    wire.taps.append(lambda _, frame: frames.append(frame))
    assert "percent (5/5)" in left.type("ping 10.10.0.2") or "percent (5/5)" in left.type("ping 10.10.0.2")
    assert {frame[12:16] for frame in frames} == {b"\x81\x00\x00\x0a"}
    right.configure("interface gi0/0.20\nencapsulation dot1Q 30")
    assert "percent (0/5)" in left.type("ping 10.20.0.2")
    right.configure("interface gi0/0.20\nencapsulation dot1Q 20")
    left.type("ping 10.20.0.2")
    assert "percent (5/5)" in left.type("ping 10.20.0.2")
    left.configure("interface gi0/0\nshutdown")
    assert "GigabitEthernet0/0.10 is down, line protocol is down" in left.type("show interfaces gi0/0.10")


def syn(options: bytes, flags: int = 2) -> bytes:
    source, destination = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
    offset = (20 + len(options)) // 4 << 4
    segment = bytearray(bytes(12) + bytes((offset, flags)) + bytes(6) + options)
    pseudo = source.packed + destination.packed + b"\x00\x06" + len(segment).to_bytes(2, "big")
    segment[16:18] = internet_checksum(pseudo + bytes(segment)).to_bytes(2, "big")
    return Packet(source, destination, TCP, bytes(segment)).pack()


def tcp_checksum_is_right(packet: bytes) -> bool:
    segment = packet[20:]
    return internet_checksum(packet[12:20] + b"\x00\x06" + len(segment).to_bytes(2, "big") + segment) == 0


def test_the_mss_of_a_syn_is_lowered_with_a_right_checksum() -> None:
    hook = Clamp(1360)
    interface = Interface(InterfaceName("Loopback", "0"), bytes(6))
    packet = syn(b"\x01\x02\x04\x05\xb4\x00\x00\x00")
    (changed,) = hook(packet, interface)
    assert changed[20 + 23 : 20 + 25] == (1360).to_bytes(2, "big")
    assert tcp_checksum_is_right(changed)
    for same in (
        syn(b"\x02\x04\x05\x00"),
        syn(b"\x02\x04\x05\xb4", flags=0x10),
        syn(b"\x02\x04"),
        syn(b"\x08\x00\x00\x00"),
        syn(b""),
        packet[:30],
    ):
        assert hook(same, interface) == [same]
