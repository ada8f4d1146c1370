"""GRE tunnels from A to D through B, in virtual time."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.wire import icmp
from iosemu.wire.ipv4 import GRE, Packet
from tests.features.three_routers import Row, build_row
from tests.features.typist import new_router, success_rate

BLANK = " "
TUNNEL = """
interface Tunnel0
 ip address 172.16.0.{own} 255.255.255.0
 tunnel source GigabitEthernet0/0
 tunnel destination {other}
"""


def tunnelled(*more: str) -> Row:
    row = build_row()
    extra = "\n".join(more)
    row.a.configure(TUNNEL.format(own=1, other="10.1.0.2") + extra)
    row.d.configure(TUNNEL.format(own=2, other="10.0.0.1") + extra)
    row.a.wait(5)
    return row


def sent(row: Row) -> list[Packet]:
    """What leaves A from now on."""
    interface = row.a.interface("Gi0/0")
    packets: list[Packet] = []

    def note(packet: bytes, _: object) -> list[bytes]:
        packets.append(Packet.parse(packet))
        return [packet]

    interface.output_hooks[99] = note
    return packets


@pytest.mark.parametrize(
    "options", [(), ("tunnel key 13",), ("tunnel key 0", "tunnel checksum", "tunnel sequence-datagrams")]
)
def test_both_ends_reach_each_other(options: tuple[str, ...]) -> None:
    row = tunnelled(*options)
    packets = sent(row)
    assert success_rate(row.a.type("ping 172.16.0.2")) == 100
    assert {(packet.protocol, str(packet.destination), packet.ttl) for packet in packets} == {(GRE, "10.1.0.2", 255)}
    assert "Tunnel0                    172.16.0.1      YES manual up                    up" in row.a.type(
        "show ip interface brief"
    )


def test_both_ends_must_have_the_same_key() -> None:
    row = tunnelled()
    row.d.configure("interface Tunnel0\n tunnel key 13")
    row.a.wait(2)
    assert success_rate(row.a.type("ping 172.16.0.2")) == 0
    row.a.configure("interface Tunnel0\n tunnel key 13")
    row.a.wait(2)
    assert success_rate(row.a.type("ping 172.16.0.2")) == 100


def test_large_packets_are_split_inside() -> None:
    row = tunnelled("tunnel key 13")
    packets = sent(row)
    assert success_rate(row.a.type("ping 172.16.0.2 size 1600")) == 100
    assert {len(packet.pack()) for packet in packets[:2]} == {1496, 180}
    assert not any(packet.more_fragments for packet in packets)
    assert "MTU is 1472 bytes" in row.a.type("show ip interface Tunnel0")
    row.a.configure("interface Tunnel0\n ip mtu 1500")
    row.a.wait(1)
    packets.clear()
    assert success_rate(row.a.type("ping 172.16.0.2 size 1500 df-bit")) == 100
    # The tunnel's own packet is one of A's, which may be split.
    assert len(packets) == 5
    assert not any(packet.dont_fragment for packet in packets)


def test_path_mtu_discovery() -> None:
    row = tunnelled("tunnel path-mtu-discovery")
    row.b.configure("interface GigabitEthernet0/1\n ip mtu 1300")
    assert success_rate(row.a.type("ping 172.16.0.2 size 1400 df-bit")) == 0
    assert "    Path destination 10.1.0.2: MTU 1276\n" in row.a.type("show interfaces Tunnel0")
    assert success_rate(row.a.type("ping 172.16.0.2 size 1276 df-bit")) == 100
    row.a.wait(601)
    assert "Path destination" not in row.a.type("show interfaces Tunnel0")


def test_the_line_protocol_follows_source_and_route() -> None:
    row = tunnelled()
    tunnel = row.a.interface("Tu0")
    assert tunnel.line_up
    for lines, undo in (
        ("no ip route 0.0.0.0 0.0.0.0 10.0.0.2", "ip route 0.0.0.0 0.0.0.0 10.0.0.2"),
        ("interface GigabitEthernet0/0\n shutdown", "interface GigabitEthernet0/0\n no shutdown"),
        ("interface Tunnel0\n no tunnel source", "interface Tunnel0\n tunnel source 10.0.0.1"),
        ("interface Tunnel0\n no tunnel destination", "interface Tunnel0\n tunnel destination 10.1.0.2"),
        ("interface Tunnel0\n tunnel mode ipip", "interface Tunnel0\n no tunnel mode"),
        ("interface Tunnel0\n tunnel protection ipsec profile P", "interface Tunnel0\n no tunnel protection"),
        ("interface Tunnel0\n shutdown", "interface Tunnel0\n no shutdown"),
    ):
        row.a.configure(lines)
        row.a.wait(2)
        assert not tunnel.line_up, lines
        row.a.configure(undo)
        row.a.wait(2)
        assert tunnel.line_up, undo
    log = "\n".join(message.text for message in row.a.router.syslog.buffer)
    assert log.count("Line protocol on Interface Tunnel0, changed state to down") == 7
    row.a.configure("no interface Tunnel0")
    row.a.wait(2)
    assert row.a.router.interfaces.get(tunnel.name) is None


def test_a_route_through_the_tunnel_itself_takes_it_down() -> None:
    row = tunnelled()
    row.a.configure("ip route 10.1.0.0 255.255.0.0 Tunnel0")
    row.a.wait(3)
    log = [message.text for message in row.a.router.syslog.buffer]
    assert "%TUN-5-RECURDOWN: Tunnel0 temporarily disabled due to recursive routing" in log
    assert "line protocol is down" in row.a.type("show interfaces Tunnel0")
    # Without the tunnel its route is gone, so that it comes back after a while, and goes again.
    row.a.wait(61)
    log = [message.text for message in row.a.router.syslog.buffer]
    assert sum("RECURDOWN" in line for line in log) == 2
    row.a.configure("no ip route 10.1.0.0 255.255.0.0 Tunnel0")
    row.a.wait(62)
    assert success_rate(row.a.type("ping 172.16.0.2")) == 100


def test_two_tunnels_in_each_other() -> None:
    row = tunnelled()
    row.a.configure(
        TUNNEL.format(own=1, other="172.16.0.9").replace("Tunnel0", "Tunnel1").replace("172.16.0.1 ", "172.17.0.1 ")
    )
    row.a.configure("ip route 10.1.0.0 255.255.0.0 Tunnel1")
    row.a.wait(3)
    assert any("RECURDOWN" in message.text for message in row.a.router.syslog.buffer)


def test_the_transport_is_in_a_vrf() -> None:
    row = build_row()
    row.a.configure(
        "vrf definition WAN\n address-family ipv4\n exit\ninterface GigabitEthernet0/0\n vrf forwarding WAN\n"
        "ip address 10.0.0.1 255.255.255.0\nip route vrf WAN 0.0.0.0 0.0.0.0 10.0.0.2\n"
        + TUNNEL.format(own=1, other="10.1.0.2")
        + "tunnel vrf WAN"
    )
    row.d.configure(TUNNEL.format(own=2, other="10.0.0.1"))
    row.a.wait(5)
    assert success_rate(row.a.type("ping 172.16.0.2")) == 100
    row.a.configure("interface Tunnel0\n no tunnel vrf")
    row.a.wait(2)
    assert "line protocol is down" in row.a.type("show interfaces Tunnel0")


def test_show_interfaces() -> None:
    row = tunnelled("tunnel key 13")
    screen = row.a.type("show interfaces Tunnel0")
    assert screen.startswith("Tunnel0 is up, line protocol is up \n  Hardware is Tunnel\n")
    assert (
        f"""\
  MTU 17912 bytes, BW 100 Kbit/sec, DLY 50000 usec,{BLANK}
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation TUNNEL, loopback not set
  Keepalive not set
  Tunnel linestate evaluation up
  Tunnel source 10.0.0.1 (GigabitEthernet0/0), destination 10.1.0.2
   Tunnel Subblocks:
      src-track:
         Tunnel0 source tracking subblock associated with GigabitEthernet0/0
          Set of tunnels with source GigabitEthernet0/0, 1 member (includes iterators), on interface <OK>
  Tunnel protocol/transport GRE/IP
    Key 0xD, sequencing disabled
    Checksumming of packets disabled
  Tunnel TTL 255, Fast tunneling enabled
  Tunnel transport MTU 1472 bytes
  Tunnel transmit bandwidth 8000 (kbps)
  Tunnel receive bandwidth 8000 (kbps)
  Last input"""
        in screen
    )


def test_lines_are_printed_as_ios_orders_them() -> None:
    router = new_router()
    lines = [
        "tunnel source GigabitEthernet0/0",
        "tunnel destination 192.0.2.1",
        "tunnel key 7",
        "tunnel checksum",
        "tunnel tos 8",
        "tunnel ttl 9",
        "tunnel path-mtu-discovery age-timer infinite",
        "tunnel bandwidth transmit 100",
    ]
    router.configure("interface Tunnel7\n" + "\n".join(reversed(lines)))
    assert router.section("interface Tunnel7") == [
        "interface Tunnel7",
        " no ip address",
        *(f" {line}" for line in lines),
    ]
    router.configure("interface Tunnel7\n tunnel mode ipsec ipv4\n no tunnel path-mtu-discovery\n no tunnel ttl")
    assert " tunnel mode ipsec ipv4" in router.section("interface Tunnel7")
    assert "Invalid input" in router.configure("interface Loopback0\n tunnel key 3")
    assert "same interface" in router.configure("interface Tunnel7\n tunnel source Tunnel7")


def test_noise_in_gre_is_counted() -> None:
    row = tunnelled()
    for body in (
        b"",
        b"\x00\x00\x08\x00",
        bytes.fromhex("0000080045"),
        bytes.fromhex("00002001ffff"),
        b"\x40\x00\x08\x00",
    ):
        packet = Packet(IPv4Address("10.0.0.1"), IPv4Address("10.1.0.2"), GRE, body)
        row.a.router.ip.send(packet)
        row.a.wait(1)
    assert success_rate(row.a.type("ping 172.16.0.2")) == 100


def test_a_router_without_tunnels_refuses_gre() -> None:
    row = tunnelled()
    row.d.configure("no interface Tunnel0")
    heard = []
    row.a.router.ip.icmp.listen(
        lambda reporter, message, quoted: heard.append((str(reporter), message.kind, message.code))
    )
    row.a.type("ping 172.16.0.2 repeat 1")
    assert heard == [("10.1.0.2", icmp.UNREACHABLE, icmp.PROTOCOL_UNREACHABLE)]


def test_keepalives_notice_that_the_other_end_is_gone() -> None:
    row = tunnelled("keepalive 5 2")
    assert "  Keepalive set (5 sec), retries 2\n" in row.a.type("show interfaces Tunnel0")
    row.a.wait(60)
    assert "line protocol is up" in row.a.type("show interfaces Tunnel0")
    row.d.configure("interface Tunnel0\n shutdown")
    row.a.wait(16)
    assert "line protocol is down" in row.a.type("show interfaces Tunnel0")
    row.d.configure("interface Tunnel0\n no shutdown")
    row.a.wait(7)
    assert "line protocol is up" in row.a.type("show interfaces Tunnel0")
    # The other end needs no such line itself, and without it nobody is missed.
    row.d.configure("interface Tunnel0\n no keepalive")
    row.a.wait(60)
    assert "line protocol is up" in row.a.type("show interfaces Tunnel0")
    row.a.configure("interface Tunnel0\n no keepalive")
    row.d.configure("interface Tunnel0\n shutdown")
    row.a.wait(60)
    assert "line protocol is up" in row.a.type("show interfaces Tunnel0")
    assert "  Keepalive not set\n" in row.a.type("show interfaces Tunnel0")
    row.a.configure("interface Tunnel0\n keepalive")
    assert "  Keepalive set (10 sec), retries 3\n" in row.a.type("show interfaces Tunnel0")


@pytest.mark.parametrize("options", [(), ("tunnel key 13", "tunnel checksum")])
def test_ipv6_goes_through_a_tunnel_of_two_ends(options: tuple[str, ...]) -> None:
    row = tunnelled(*options)
    for router, own in ((row.a, 1), (row.d, 2)):
        router.configure(f"interface Tunnel0\nipv6 address 2001:DB8:99::{own}/64")
    packets = sent(row)
    assert success_rate(row.a.type("ping 2001:db8:99::2")) == 100
    assert {packet.protocol for packet in packets} == {GRE}
    assert packets[0].payload[2:4] == b"\x86\xdd"
    assert success_rate(row.a.type("ping 2001:db8:99::2 size 4000")) == 100
