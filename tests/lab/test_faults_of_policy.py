"""The faults of the policy: what it must leave out, what it cannot express, and who is not ready for it."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address
from pathlib import Path

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from iosemu.ports.pcapng import read_capture
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.ipv4 import ESP, OSPF, Packet
from tests.lab.driver import assert_healthy, configure, do, fresh, log, members, ping, scenario, status

POLICY = "ip access-list extended GET-POLICY"


def hello(lab: Lab, node: str, source: str, destination: str) -> None:
    """An OSPF hello (RFC 2328 section A.3.2) of a router that has seen nobody yet."""
    own = IPv4Address(source)
    body = struct.pack("!IHBBIII", 0xFFFFFFFC, 10, 2, 1, 40, int(own), 0)
    head = struct.pack("!BBH4sI", 2, 1, 24 + len(body), own.packed, 0)
    checksum = internet_checksum(head + bytes(4) + body)
    ospf = head + struct.pack("!HHQ", checksum, 0, 0) + body
    lab.routers[node].ip.send(Packet(own, IPv4Address(destination), OSPF, ospf, ttl=1))
    do(lab, "wait 1")


def test_20_the_policy_does_not_leave_out_what_the_provider_must_read(tmp_path: Path) -> None:
    lab = fresh("01-psk-single-ks", ("KS1", (POLICY, "no deny ospf any any", "permit ip any any")))
    lab.capture(tmp_path)
    hello(lab, "GM1", "198.51.100.2", "224.0.0.5")
    hello(lab, "PE", "198.51.100.1", "198.51.100.2")
    line = "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /198.51.100.2,"
    assert f"{line} src_addr= 198.51.100.1, prot= 89" in log(lab, "GM1")
    configure(lab, "KS1", POLICY, "no permit ip any any", "5 deny ospf any any", "permit ip any any")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 70")
    hello(lab, "GM1", "198.51.100.2", "224.0.0.5")
    refused = log(lab, "GM1").count("prot= 89")
    hello(lab, "PE", "198.51.100.1", "198.51.100.2")
    assert log(lab, "GM1").count("prot= 89") == refused
    lab.close()
    frames = [frame.data for frame in read_capture(tmp_path / "GM1--PE.pcapng")]
    packets = [Packet.parse(frame[14:]) for frame in frames if frame[12:14] == b"\x08\x00"]
    to_group = [packet.protocol for packet in packets if str(packet.destination) == "224.0.0.5"]
    # What the provider's router makes an adjacency of went out as ESP first.
    assert to_group == [ESP, OSPF]


def test_21_the_policy_does_not_leave_out_the_port_of_gdoi() -> None:
    edit = (POLICY, "no deny udp any eq 848 any eq 848", "permit ip any any")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    assert members(lab) == ["198.51.100.2", "198.51.100.6"]
    do(lab, "wait 3600")
    assert "Unicast rekey received: 0" in status(lab)
    assert "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /198.51.100.2" in log(
        lab, "GM1"
    )
    assert "%GDOI-5-KS_NACK_GM_EJECT" in log(lab, "KS1") or "Registering" in status(lab)
    configure(lab, "KS1", POLICY, "no permit ip any any", "5 deny udp any eq 848 any eq 848")
    do(lab, "KS1: crypto gdoi ks rekey")
    for node in ("GM1", "GM2"):
        do(lab, f"{node}: clear crypto gdoi")
    assert_healthy(lab)


def test_21_bypass_policy_lets_the_keys_through() -> None:
    edit = (POLICY, "no deny udp any eq 848 any eq 848", "permit ip any any")
    bypass = ("crypto gdoi group GETVPN", "client bypass-policy")
    lab = fresh("01-psk-single-ks", ("KS1", edit), ("GM1", bypass), ("GM2", bypass))
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in status(lab)
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_22_the_lan_of_the_key_server_is_inside_the_permit_range() -> None:
    lab = fresh("08-gm-local-deny", ("GM1", ("crypto map GM-MAP 10 gdoi", "no match address")))
    assert ping(lab, "H1", "10.8.100.1", 2) == 0
    configure(lab, "GM1", "crypto map GM-MAP 10 gdoi", "match address BYPASS")
    assert ping(lab, "H1", "10.8.100.1", 2) == 2


def test_23_a_local_list_permits() -> None:
    lab = scenario("08-gm-local-deny")
    configure(lab, "GM1", "ip access-list extended BYPASS", "permit ip 10.8.1.0 0.0.0.255 10.8.2.0 0.0.0.255")
    line = "%GDOI-3-GM_ACL_PERMIT: GM doesn't support permit configured under local access-list. Traffic from 10.8.1.0"
    assert line in log(lab, "GM1")
    assert ping(lab, "H1", "10.8.2.10", 2) == 0
    configure(lab, "GM1", "ip access-list extended BYPASS", "no permit ip 10.8.1.0 0.0.0.255 10.8.2.0 0.0.0.255")
    assert ping(lab, "H1", "10.8.2.10", 2) == 2


def test_24_a_policy_with_a_range_of_ports() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", (POLICY, "permit udp any range 5000 6000 any")))
    line = "%GDOI-3-GDOI_ACL_RANGE: The ACL GET-POLICY contains port range which is NOT supported. WARNING: No TEK"
    assert line in log(lab, "KS1")
    assert "IPSec SA Number" in do(lab, "KS1: show crypto gdoi")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "KS1", POLICY, "no permit udp any range 5000 6000 any")
    assert_healthy(lab)


def test_25_a_policy_with_too_many_entries() -> None:
    entries = tuple(f"{20 + n} deny ip host 10.9.{n}.1 any" for n in range(120))
    lab = fresh("01-psk-single-ks", ("KS1", ("ip access-list resequence GET-POLICY 1 1", POLICY, *entries)))
    line = "%GDOI-3-GDOI_ACL_NUM: The ACL GET-POLICY has too many entries. GDOI will honor only the first 100 ACL"
    assert line in log(lab, "KS1")
    assert do(lab, "GM1: show crypto gdoi gm acl download").count("access-list") == 100
    # One network instead of many hosts.
    few = [line.replace(line, f"no {20 + n}") for n, line in enumerate(entries)]
    configure(lab, "KS1", POLICY, *few, "20 deny ip 10.9.0.0 0.0.255.255 any")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    rules = do(lab, "GM1: show crypto gdoi gm acl download")
    assert "deny ip 10.9.0.0 0.0.255.255 any" in rules
    assert rules.count("access-list") == 6
    assert log(lab, "KS1").count("GDOI_ACL_NUM") == 1
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_26_an_asymmetric_policy() -> None:
    edit = (POLICY, "no permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255")
    one_way = "permit ip 10.1.1.0 0.0.0.255 10.1.2.0 0.0.0.255"
    lab = fresh("01-psk-single-ks", ("KS1", (*edit, one_way)))
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    assert "RECVD_PKT_NOT_IPSEC" in log(lab, "GM1")
    assert "RECVD_PKT_NOT_IPSEC" not in log(lab, "GM2")
    configure(lab, "KS1", POLICY, "permit ip 10.1.2.0 0.0.0.255 10.1.1.0 0.0.0.255")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert ping(lab, "H1", "10.1.2.10", 2) == 2


def test_27_a_site_that_is_no_member_yet() -> None:
    lab = fresh("01-psk-single-ks", ("GM2", ("interface GigabitEthernet0/0", "no crypto map")))
    assert ping(lab, "H2", "10.1.1.10", 2) == 0
    assert "RECVD_PKT_NOT_IPSEC" in log(lab, "GM1")
    # For as long as it takes, the others accept clear packets and send them.
    do(lab, "GM1: crypto gdoi gm ipsec direction inbound only")
    assert ping(lab, "H2", "10.1.1.10", 2) == 2
    configure(lab, "GM2", "interface GigabitEthernet0/0", "crypto map GM-MAP")
    do(lab, "wait 30", "GM1: crypto gdoi gm ipsec direction both")
    assert ping(lab, "H2", "10.1.1.10", 2) == 2


def test_28_receive_only_was_left_on() -> None:
    edit = ("crypto gdoi group GETVPN", "server local", "sa receive-only")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    assert ping(lab, "H1", "10.1.2.10", 2) == 2
    assert "#pkts encaps: 0" in do(lab, "GM1: show crypto ipsec sa")
    assert "IPSec SA Direction       : Inbound Only" in status(lab)
    configure(lab, "KS1", *edit[:2], "no sa receive-only")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert ping(lab, "H1", "10.1.2.10", 2) == 2
    assert "#pkts encaps: 2" in do(lab, "GM1: show crypto ipsec sa")


def test_29_passive_was_left_on() -> None:
    edit = ("crypto gdoi group GETVPN", "passive")
    lab = fresh("01-psk-single-ks", ("GM1", edit), ("GM2", ("interface GigabitEthernet0/0", "no crypto map")))
    counters = lab.routers["GM1"].service(MemberRole).memberships
    assert ping(lab, "H2", "10.1.1.10", 2) == 0
    plane = next(iter(counters.values())).plane
    # The request came in although it was not encrypted; the answer went out encrypted.
    assert plane.totals.encapsulated == 2
    configure(lab, "GM1", *edit[:1], "no passive")
    assert ping(lab, "H2", "10.1.1.10", 2) == 0
    assert plane.totals.encapsulated == 2


def test_44_two_groups_protect_the_same_traffic() -> None:
    edit = ("ip access-list extended VOICE-POLICY", "permit ip 10.9.0.0 0.0.127.255 10.9.0.0 0.0.127.255")
    lab = fresh("09-two-groups", ("KS1", edit))
    planes = [item.plane for item in lab.routers["GM1"].service(MemberRole).memberships.values()]
    before = len(planes[1].acl)
    assert ping(lab, "H1", "10.9.2.10", 2) == 2
    # The first entry of the map wins.
    assert [plane.totals.encapsulated for plane in planes] == [2, 0]
    assert planes[1].drops == {}
    # Each group its own traffic: that of the second one's is its again.
    configure(lab, "KS1", edit[0], "no " + edit[1])
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert len(planes[1].acl) < before
    assert ping(lab, "H1", "10.9.2.10", 2) == 2
    assert [plane.totals.encapsulated for plane in planes] == [4, 0]
