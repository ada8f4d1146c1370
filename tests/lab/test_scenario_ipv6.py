"""The scenario of a group for IPv6: the hosts' packets, what is shown, fail-close, and both families side by side."""

from __future__ import annotations

from ipaddress import IPv6Network
from pathlib import Path

import pytest

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import ESP
from iosemu.wire.ipv6 import ICMPV6, Packet6
from tests.lab.driver import ROOT, boot, configure, do, encapsulated, log, ping, registered, scenario


def six(folder: Path, link: str) -> list[Packet6]:
    """The IPv6 packets on a link."""
    return [Packet6.parse(frame.data[14:]) for frame in read_capture(folder / f"{link}.pcapng") if is_six(frame.data)]


def is_six(frame: bytes) -> bool:
    return frame[12:14] == b"\x86\xdd"


def test_12_ipv6_under_keys_that_come_by_ipv4(tmp_path: Path) -> None:
    lab = boot(ROOT / "running-configs" / "12-ipv6", pcap=tmp_path)
    do(lab, "wait 60")
    assert registered(lab) == {"GETV6": ["198.51.100.2", "198.51.100.6"]}
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5
    # What is too large is told of once by either member, then its source splits it.
    assert "B.!!!!!!" in do(lab, "H1: ping 2001:db8:12:2::10 size 1500 repeat 8")
    assert ping(lab, "H1", "2001:db8:12:2::10 size 4000") == 5
    assert ping(lab, "H2", "2001:db8:12:1::10") == 5
    # Rekeys keep the traffic, which counters and time stamps of both members follow.
    for _ in range(12):
        do(lab, "wait 1000")
        assert ping(lab, "H1", "2001:db8:12:2::10") == 5
    lab.flush()
    between_hosts = IPv6Network("2001:db8:12::/48")
    inside, outside = six(tmp_path, "H1--GM1"), six(tmp_path, "GM1--PE")
    assert {packet.protocol for packet in inside if packet.destination in between_hosts} == {ICMPV6}
    protected = [packet for packet in outside if packet.source in between_hosts]
    assert {packet.protocol for packet in protected} == {ESP}
    assert len(protected) > 150
    assert len({packet.payload[:4] for packet in protected}) > 3


def test_12_the_same_seed_gives_the_same_octets(tmp_path: Path) -> None:
    found = []
    for number in range(2):
        lab = boot(ROOT / "running-configs" / "12-ipv6", seed=7, pcap=tmp_path / str(number))
        do(lab, "wait 900", "H1: ping 2001:db8:12:2::10")
        lab.close()
        found.append({file.name: file.read_bytes() for file in sorted((tmp_path / str(number)).iterdir())})
    assert found[0] == found[1]


def test_12_what_is_shown_of_it() -> None:
    lab = scenario("12-ipv6")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5
    screen = do(lab, "GM1: show crypto gdoi", "KS1: show crypto gdoi")
    assert screen.count("    Crypto Path              : ipv6\n    Key Management Path      : ipv4\n") == 2
    assert "   access-list   permit ipv6 2001:DB8:12::/48 2001:DB8:12::/48\n" in screen
    assert "      ACL Configured         : access-list GET-POLICY-V6\n" in screen
    entries = "".join(
        f"   access-list GET-POLICY-V6  {line}\n"
        for line in (
            "deny udp any eq 848 any eq 848",
            "deny 89 any any",
            "deny icmp FE80::/10 any",
            "permit ipv6 2001:DB8:12::/48 2001:DB8:12::/48",
        )
    )
    assert f"Group Name: GETV6\n Configured ACL:\n{entries}" in do(lab, "KS1: show crypto gdoi ks acl")
    for family, shown in (("ipv6", True), ("ipv4", False)):
        assert ("GETV6" in do(lab, f"KS1: show crypto gdoi {family}")) is shown
    screen = do(lab, "GM1: show crypto ipsec sa ipv6")
    assert "   local  ident (addr/mask/prot/port): (2001:DB8:12::/48/0/0)\n" in screen
    assert "    #pkts encaps: 5, #pkts encrypt: 5, #pkts digest: 5\n" in screen
    assert "plaintext mtu 1390, path mtu 1500, ipv6 mtu 1500, ipv6 mtu idb GigabitEthernet0/0" in screen
    assert 'Crypto Map IPv6 "GM-MAP6" 10 gdoi' in do(lab, "GM1: show crypto map ipv6")
    assert "  IPSEC FLOW: permit ipv6 2001:DB8:12::/48 2001:DB8:12::/48" in do(lab, "GM1: show crypto session")
    assert "      local ident  = 2001:DB8:12::/48, port = 0\n" in do(lab, "GM1: show crypto gdoi ipsec sa")
    assert "2001:DB8:12::" in do(lab, "GM1: show crypto engine connections active")


def test_12_a_link_that_carries_little_splits_what_is_encrypted() -> None:
    lab = scenario("12-ipv6")
    for node, interface in (("GM1", "g0/0"), ("GM2", "g0/0"), ("PE", "g0/1"), ("PE", "g0/2")):
        configure(lab, node, f"interface {interface}", "ipv6 mtu 1280")
    assert "B" in do(lab, "H1: ping 2001:db8:12:2::10 size 1400")
    assert ping(lab, "H1", "2001:db8:12:2::10 size 1280") == 5
    assert ping(lab, "H1", "2001:db8:12:2::10 size 3000") == 5
    assert encapsulated(lab, "GM1") > 10


@pytest.mark.parametrize(
    "words", ["esp-gcm 256", "esp-gmac 128", "esp-3des esp-md5-hmac", "esp-aes 192 esp-sha512-hmac"]
)
@pytest.mark.parametrize("replay", ["replay counter window-size 64", "replay time window-size 5", "no replay"])
def test_12_every_transform_under_every_check_for_replays(words: str, replay: str) -> None:
    lab = scenario("12-ipv6", settle=0)
    configure(lab, "KS1", "no crypto ipsec transform-set GET-TS", f"crypto ipsec transform-set GET-TS {words}")
    configure(lab, "KS1", "crypto ipsec profile GET-PROF", "set transform-set GET-TS")
    configure(lab, "KS1", "crypto gdoi group ipv6 GETV6", "server local", "sa ipsec 10", replay)
    for node in ("GM1", "GM2"):
        do(lab, f"{node}: clear crypto gdoi")
    do(lab, "wait 120")
    for _ in range(4):
        do(lab, "wait 1000")
        assert ping(lab, "H1", "2001:db8:12:2::10") == 5
        assert ping(lab, "H2", "2001:db8:12:1::10 size 1200") == 5


def test_12_a_member_keeps_some_hosts_to_itself_and_fails_closed() -> None:
    lab = scenario("12-ipv6")
    configure(
        lab,
        "GM1",
        "ipv6 access-list LOCAL",
        "deny ipv6 host 2001:DB8:12:1::10 any",
        "crypto map ipv6 GM-MAP6 10 gdoi",
        "match address LOCAL",
    )
    before = encapsulated(lab, "GM1")
    # GM2 still wants ESP of what GM1 sends in clear.
    assert ping(lab, "H1", "2001:db8:12:2::10") == 0
    assert encapsulated(lab, "GM1") == before
    assert "%CRYPTO-4-RECVD_PKT_NOT_IPSEC" in log(lab, "GM2")
    assert "vrf/dest_addr= /2001:DB8:12:2::10, src_addr= 2001:DB8:12:1::10, prot= 58" in log(lab, "GM2")
    configure(lab, "GM1", "crypto map ipv6 GM-MAP6 10 gdoi", "no match address")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5


@pytest.mark.parametrize("active", [True, False])
def test_12_fail_close_until_the_first_registration(active: bool) -> None:
    lab = scenario("12-ipv6", settle=0)
    configure(lab, "GM2", "interface g0/0", "no ipv6 crypto map")
    configure(lab, "GM1", "no ip route 0.0.0.0 0.0.0.0 198.51.100.1")
    configure(lab, "GM1", "ipv6 access-list OPEN", "deny 89 any any")
    configure(lab, "GM1", "crypto map ipv6 GM-MAP6 gdoi fail-close", "match address OPEN", *["activate"] * active)
    do(lab, "GM1: clear crypto gdoi", "wait 60")
    # GM2 is a plain router now: what GM1 sends in clear is answered.
    assert ping(lab, "H1", "2001:db8:12:2::10") == (0 if active else 5)
    configure(lab, "GM1", "ip route 0.0.0.0 0.0.0.0 198.51.100.1")
    configure(lab, "GM2", "interface g0/0", "ipv6 crypto map GM-MAP6")
    do(lab, "wait 120")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5


def test_12_a_policy_of_everything_leaves_neighbours_alone() -> None:
    lab = scenario("12-ipv6", settle=0)
    every = "no deny icmp FE80::/10 any", "deny icmp any any echo-request", "permit ipv6 any any"
    configure(lab, "KS1", "ipv6 access-list GET-POLICY-V6", *every)
    for node in ("GM1", "GM2"):
        do(lab, f"{node}: clear crypto gdoi")
    do(lab, "wait 60")
    # Nobody may hide an echo from encryption: a group's list has no words for kinds of ICMP.
    assert "echo" not in do(lab, "GM1: show crypto gdoi gm acl")
    do(lab, "GM1: clear ipv6 neighbors", "PE: clear ipv6 neighbors", "GM2: clear ipv6 neighbors")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5
    assert encapsulated(lab, "GM1") == 5


def test_12_groups_of_both_families_on_one_interface() -> None:
    lab = scenario("12-ipv6", settle=0)
    ranges = "permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255"
    configure(lab, "KS1", "ip access-list extended FOUR", ranges)
    server = "server local", "rekey authentication mypubkey rsa GET-REKEY", "rekey transport unicast"
    sa = "sa ipsec 1", "profile GET-PROF", "match address ipv4 FOUR", "exit", "address ipv4 192.0.2.1"
    configure(lab, "KS1", "crypto gdoi group GETV4", "identity number 4", *server, *sa)
    for node, site in (("GM1", 1), ("GM2", 2)):
        configure(lab, node, "crypto gdoi group GETV4", "identity number 4", "server address ipv4 192.0.2.1")
        configure(lab, node, "crypto map GM-MAP4 10 gdoi", "set group GETV4")
        configure(lab, node, "interface g0/0", "crypto map GM-MAP4")
        configure(lab, node, "interface Loopback1", f"ip address 10.0.{site}.1 255.255.255.0")
        configure(lab, "PE", f"ip route 10.0.{site}.0 255.255.255.0 198.51.100.{4 * site - 2}")
    do(lab, "wait 120")
    assert {group: len(members) for group, members in registered(lab).items()} == {"GETV4": 2, "GETV6": 2}
    for _ in range(4):
        assert ping(lab, "H1", "2001:db8:12:2::10") == 5
        assert "!!!!!" in do(lab, "GM1: ping 10.0.2.1 source Loopback1")
        do(lab, "wait 1500")
    memberships = lab.routers["GM1"].service(MemberRole).memberships.values()
    planes = {item.member.config.group: item.plane for item in memberships}
    assert planes["GETV4"].totals.encapsulated == planes["GETV6"].totals.encapsulated == 20
    blocks = do(lab, "GM1: show crypto ipsec sa").split("    Crypto map tag: ")[1:]
    assert [block.split(",")[0] for block in blocks] == ["GM-MAP4", "GM-MAP6"]
    assert "10.0.0.0/255.0.0.0" in blocks[0]
    assert "2001:DB8:12::/48" not in blocks[0]
    assert "2001:DB8:12::/48" in blocks[1]


def test_12_an_ipv6_group_under_an_ipv4_map() -> None:
    """Row 38 of the catalogue of faults: IOS says what is wrong; the other map heals it."""
    lab = scenario("12-ipv6")
    configure(lab, "GM1", "interface g0/0", "no ipv6 crypto map")
    screen = configure(lab, "GM1", "crypto map GM-MAP4 10 gdoi", "set group GETV6")
    assert "Group GETV6 is an IPv6 group and Crypto map is for IPv4.\nPlease set an IPv4 group." in screen
    assert "set group" not in do(lab, "GM1: show running-config | section ^crypto map GM-MAP4")
    configure(lab, "GM1", "interface g0/0", "crypto map GM-MAP4")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 0
    assert "other IP version" in configure(lab, "GM1", "interface g0/0", "ipv6 crypto map GM-MAP4")
    assert "other IP version" in configure(lab, "GM1", "interface g0/0", "crypto map GM-MAP6")
    configure(lab, "GM1", "interface g0/0", "no crypto map", "ipv6 crypto map GM-MAP6")
    do(lab, "wait 60")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5
    # Neither may the key server mix families, nor a member take what is about the other one.
    sa = "crypto gdoi group ipv6 GETV6", "server local", "sa ipsec 10"
    assert "% Group GETV6 is an IPv6 group" in configure(lab, "KS1", *sa, "match address ipv4 100")
