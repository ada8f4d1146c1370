"""DMVPNs in the clear: a hub B between A and D, whose tunnels come from different configurations."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.features.nhrp.service import NhrpService
from iosemu.wire.ipv4 import Packet
from tests.features.three_routers import Row, build_row
from tests.features.typist import new_router, success_rate

HUB = """
interface Tunnel0
 ip address 172.16.0.254 255.255.255.0
 ip nhrp map multicast dynamic
 ip nhrp network-id 5
 ip nhrp redirect
 tunnel source GigabitEthernet0/0
 tunnel mode gre multipoint
"""
SPOKE = """
interface Tunnel0
 ip address 172.16.0.{own} 255.255.255.0
 ip nhrp network-id 5
 ip nhrp nhs 172.16.0.254 nbma 10.0.0.2 multicast
 ip nhrp shortcut
 tunnel source GigabitEthernet0/0
 tunnel mode gre multipoint
"""
PHASE_1 = """
interface Tunnel0
 ip address 172.16.0.{own} 255.255.255.0
 ip nhrp network-id 5
 ip nhrp nhs 172.16.0.254
 tunnel source GigabitEthernet0/0
 tunnel destination 10.0.0.2
"""


def dmvpn(spoke: str = SPOKE) -> Row:
    row = build_row()
    row.b.configure(HUB)
    row.a.configure(spoke.format(own=1))
    row.d.configure(spoke.format(own=2))
    row.a.wait(5)
    return row


@pytest.mark.parametrize("spoke", [SPOKE, PHASE_1])
def test_spokes_reach_hub_and_each_other(spoke: str) -> None:
    row = dmvpn(spoke)
    hub = next(iter(row.b.router.service(NhrpService).stations.values()))
    assert [str(item.target) for item in hub.engine.cache] == ["172.16.0.1/32", "172.16.0.2/32"]
    assert success_rate(row.a.type("ping 172.16.0.254")) == 100
    assert success_rate(row.a.type("ping 172.16.0.2")) == 100
    direct = "172.16.0.2/32 via 172.16.0.2" in row.a.type("show ip nhrp")
    assert direct == (spoke is SPOKE)


def test_multicast_reaches_all_spokes() -> None:
    row = dmvpn()
    heard: list[str] = []

    def note(packet: bytes, interface: object) -> list[bytes]:
        if packet[16] == 224:
            heard.append(str(Packet.parse(packet).destination))
        return [packet]

    for router in (row.a, row.d, row.b):
        next(item for item in router.router.interfaces if item.name.kind == "Tunnel").input_hooks[1] = note
    group = IPv4Address("224.0.0.10")
    row.b.router.ip.send(Packet(IPv4Address("172.16.0.254"), group, 88, b"hello"))
    row.a.wait(1)
    assert heard == ["224.0.0.10"] * 2
    row.a.router.ip.send(Packet(IPv4Address("172.16.0.1"), group, 88, b"hello"))
    row.a.wait(1)
    assert len(heard) == 3


def test_shows_of_a_spoke() -> None:
    row = dmvpn()
    screen = row.a.type("show ip nhrp nhs")
    assert screen == (
        "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\nTunnel0:\n"
        "172.16.0.254  RE  NBMA Address: 10.0.0.2 priority = 0 cluster = 0\n"
    )
    assert "     1 10.0.0.2           172.16.0.254    UP 00:00:0" in row.a.type("show dmvpn")
    assert "172.16.0.254/32      172.16.0.254   10.0.0.2        static   Tu0     <   >\n" in row.a.type(
        "show ip nhrp brief"
    )
    assert row.a.type("show ip nhrp dynamic") == ""
    row.a.type("ping 172.16.0.2")
    summary = row.a.type("show ip nhrp summary")
    assert "IP NHRP cache 2 entries, 1536 bytes\n    1 static 1 dynamic 0 incomplete\n2 Remote\n" in summary
    row.a.type("clear ip nhrp 172.16.0.2")
    assert "172.16.0.2" not in row.a.type("show ip nhrp 172.16.0.2")


def test_debug_and_log() -> None:
    row = build_row()
    row.a.configure("logging dmvpn\n" + SPOKE.format(own=1))
    row.b.configure("logging dmvpn\n" + HUB)
    row.a.type("debug nhrp packet")
    row.a.wait(5)
    log = [message.text for message in row.a.router.syslog.buffer]
    assert "NHRP: Send Registration Request via Tunnel0 vrf global, packet size: 68" in log
    up = "%DMVPN-5-NHRP_NHS_UP: Tunnel0: Next Hop Server : (Tunnel: 172.16.0.254 NBMA: 10.0.0.2) for "
    assert up + "(Tunnel: 172.16.0.1 NBMA: 10.0.0.1) is UP" in log
    log = [message.text for message in row.b.router.syslog.buffer]
    up = "%DMVPN-5-NHRP_NHC_UP: Tunnel0: Next Hop Client : (Tunnel: 172.16.0.1 NBMA: 10.0.0.1) for "
    assert up + "(Tunnel: 172.16.0.254 NBMA: 10.0.0.2) is UP" in log
    row.a.configure("interface Tunnel0\n no ip nhrp network-id")
    row.a.wait(10)
    assert row.a.type("show ip nhrp") == ""
    assert success_rate(row.a.type("ping 172.16.0.254")) == 0


def test_an_address_that_is_taken() -> None:
    row = dmvpn()
    row.d.configure("interface Tunnel0\n ip address 172.16.0.1 255.255.255.0")
    row.a.wait(5)
    text = "Receive Registration Reply packet with error - unique address registered already(14)"
    assert f"%NHRP-3-PAKREPLY: {text}" in [message.text for message in row.d.router.syslog.buffer]


def test_lines_are_kept_and_printed_in_order() -> None:
    lines = [
        "ip nhrp authentication SECRET",
        "ip nhrp map 10.0.0.1 192.0.2.1",
        "ip nhrp map 10.1.0.0 255.255.0.0 192.0.2.2",
        "ip nhrp map multicast 192.0.2.1",
        "ip nhrp map multicast dynamic",
        "ip nhrp network-id 7",
        "ip nhrp holdtime 300",
        "ip nhrp nhs 10.0.0.1 priority 2 cluster 1",
        "ip nhrp nhs 10.0.0.9 nbma 192.0.2.9 multicast",
        "ip nhrp registration no-unique",
        "ip nhrp registration timeout 60",
        "ip nhrp server-only",
        "ip nhrp shortcut",
        "ip nhrp redirect timeout 5",
    ]
    router = new_router()
    assert router.configure("interface Tunnel3\n" + "\n".join(lines)) == ""
    assert router.section("interface Tunnel3") == [
        "interface Tunnel3",
        " no ip address",
        *(f" {line}" for line in lines),
    ]
    # What has no effect is kept.
    for line in ("ip nhrp nhs dynamic nbma hub.example multicast", "ip nhrp map group RED service-policy output P"):
        router.configure(f"interface Tunnel3\n {line}")
        assert f" {line}" in router.section("interface Tunnel3")
        router.configure(f"interface Tunnel3\n no {line}")
    for line in lines:
        assert router.configure(f"interface Tunnel3\n no {line}") == ""
    assert router.section("interface Tunnel3") == ["interface Tunnel3", " no ip address"]
    assert "longer than 8" in router.configure("interface Tunnel3\n ip nhrp authentication NINELONGX")
    router.configure("logging dmvpn rate-limit 100")
    assert "logging dmvpn rate-limit 100" in router.type("show running-config")
    router.configure("no logging dmvpn")
    assert "dmvpn" not in router.type("show running-config")


def test_tunnels_of_vrfs_through_a_vrf() -> None:
    row = build_row()
    row.b.configure(HUB)
    row.d.configure(SPOKE.format(own=2))
    vrfs = "".join(f"vrf definition {name}\n address-family ipv4\n exit\n exit\n" for name in ("WAN", "RED"))
    row.a.configure(
        f"{vrfs}interface GigabitEthernet0/0\n vrf forwarding WAN\n ip address 10.0.0.1 255.255.255.0\n"
        "ip route vrf WAN 0.0.0.0 0.0.0.0 10.0.0.2\ninterface Tunnel0\n vrf forwarding RED\n"
        + SPOKE.format(own=1)
        + "\n tunnel vrf WAN"
    )
    row.a.wait(5)
    assert success_rate(row.a.type("ping vrf RED 172.16.0.254")) == 100
    assert success_rate(row.a.type("ping vrf RED 172.16.0.2")) == 100
    assert '"WAN"' in row.a.type("show dmvpn detail")
    assert success_rate(row.a.type("ping 172.16.0.254")) == 0
