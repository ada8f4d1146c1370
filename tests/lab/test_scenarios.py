"""The scenarios of running-configs/ as labs: they boot, register and pass traffic as their names say."""

from __future__ import annotations

import asyncio
from ipaddress import IPv6Network
from pathlib import Path

import pytest

from iosemu.features.gdoi.member_role import MemberRole
from iosemu.features.gdoi.server_role import ServerRole
from iosemu.labs.lab import Lab
from iosemu.labs.topology import load_topology
from iosemu.ports.pcapng import read_capture
from iosemu.router.clock import VirtualClock
from iosemu.wire.ipv4 import ESP, GRE, ICMP, UDP, Packet
from iosemu.wire.ipv6 import ICMPV6, Packet6
from tests.lab.driver import ROOT, configure, do, log, ping, scenario


def encapsulated(lab: Lab, node: str) -> int:
    """Packets that a member has encrypted, in all groups."""
    return sum(item.plane.totals.encapsulated for item in lab.routers[node].service(MemberRole).memberships.values())


def registered(lab: Lab, node: str = "KS1") -> dict[str, list[str]]:
    """The members of each group on a key server."""
    servers = lab.routers[node].service(ServerRole).servers
    return {name: [str(address) for address in server.members] for name, server in servers.items()}


def test_01_the_smallest_group() -> None:
    lab = scenario("01-psk-single-ks")
    assert registered(lab) == {"GETVPN": ["198.51.100.2", "198.51.100.6"]}
    assert ping(lab, "H1", "10.1.2.10") == 5
    assert encapsulated(lab, "GM1") == encapsulated(lab, "GM2") == 5
    screen = do(lab, "GM1: show crypto ipsec sa")
    assert "plaintext mtu 1438" in screen
    assert "replay detection support: Y" in screen
    # A day of rekeys, under counter replay.
    for _ in range(48):
        do(lab, "wait 1800")
        assert ping(lab, "H1", "10.1.2.10") == 5


def test_01_debug_tells_of_registration_and_rekey() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    do(lab, "GM1: debug crypto gdoi gm all-features all-levels", "KS1: debug crypto gdoi ks rekey event", "wait 60")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 5")
    screen = log(lab, "GM1")
    assert "GDOI:GM REGISTRATION:EVT:(GETVPN:0):Registered with KS 192.0.2.1, policy and keys installed" in screen
    assert "GDOI:GM REKEY:EVT:(GETVPN:0):Received rekey seq 1 from 192.0.2.1" in screen
    assert "GDOI:KS REKEY:EVT:(GETVPN:0):Sent rekey seq 1 from 192.0.2.1" in log(lab, "KS1")


def test_02_certificates_instead_of_keys() -> None:
    lab = scenario("02-pki-identity", settle=120)
    assert registered(lab) == {"GETVPN": ["198.51.100.6", "198.51.100.2"]}
    assert ping(lab, "H1", "10.2.2.10") == 5
    assert encapsulated(lab, "GM1") == encapsulated(lab, "GM2") == 5
    assert do(lab, "KS1: show crypto isakmp sa detail").count("ACTIVE aes  sha256 rsig 14") == 2
    # Who does not carry OU=GETVPN is refused although the CA vouches for it.
    configure(lab, "KS1", "crypto identity GET-MEMBERS", "no dn ou=GETVPN", "dn ou=OTHERS")
    do(lab, "KS1: clear crypto gdoi", "GM1: clear crypto gdoi", "wait 60")
    assert registered(lab) == {"GETVPN": []}
    assert "%GDOI-1-UNAUTHORIZED_IDENTITY: Group GETVPN received registration from unauthorized identity: " in log(
        lab, "KS1"
    )
    configure(lab, "KS1", "crypto identity GET-MEMBERS", "no dn ou=OTHERS", "dn ou=GETVPN")
    do(lab, "GM2: clear crypto gdoi", "wait 300")
    assert registered(lab) == {"GETVPN": ["198.51.100.6", "198.51.100.2"]}
    assert ping(lab, "H1", "10.2.2.10") == 5


def test_03_authorized_members_register_from_loopbacks() -> None:
    lab = scenario("03-unicast-rekey-authz")
    assert registered(lab) == {"WAN-GROUP": ["198.51.100.11", "198.51.100.12"]}
    assert ping(lab, "H1", "10.3.2.10") == 5
    assert encapsulated(lab, "GM1") == 5
    screen = do(lab, "GM1: show crypto gdoi", "KS1: show crypto gdoi ks policy")
    assert "Sig Hash Algorithm       : HMAC_AUTH_SHA256" in screen
    assert "orig life(sec)     : 28800" in screen
    assert "orig life(sec)     : 7200" in screen
    do(lab, "wait 30000")
    assert "Unicast rekey received: 0" not in do(lab, "GM1: show crypto gdoi gm")
    assert ping(lab, "H1", "10.3.2.10") == 5


def test_04_one_rekey_to_the_group_reaches_all_members() -> None:
    lab = scenario("04-multicast-rekey")
    assert registered(lab) == {"MC-GROUP": ["198.51.100.2", "198.51.100.6"]}
    line = "%PIM-5-NBRCHG: neighbor 198.51.100.1 UP on interface GigabitEthernet0/0"
    assert line in log(lab, "GM1")
    assert "(*, 239.192.1.1)" in do(lab, "CORE: show ip mroute")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 60")
    for node in ("GM1", "GM2"):
        screen = do(lab, f"{node}: show crypto gdoi gm rekey", f"{node}: show crypto gdoi gm")
        assert "Number of Rekeys received (cumulative)       : 1\n" in screen
        assert "Multicast rekey rcvd  : 1" in screen
    # The rekey and its two copies came to the core once, and went out to each member.
    screen = do(lab, "CORE: show ip mroute 239.192.1.1 192.0.2.1", "CORE: show ip mroute count")
    assert "Incoming interface: GigabitEthernet0/0, RPF nbr 0.0.0.0" in screen
    assert "    GigabitEthernet0/1, Forward/Sparse, " in screen
    assert "    GigabitEthernet0/2, Forward/Sparse, " in screen
    assert "  Source: 192.0.2.1/32, Forwarding: 3/0/" in screen
    # A day under keys that come by multicast alone.
    do(lab, "wait 86400")
    screen = do(lab, "GM1: show crypto gdoi gm")
    assert "Attempted registration: 1\n" in screen
    assert int(screen.split("Multicast rekey rcvd  : ")[1].split()[0]) > 24
    assert ping(lab, "H1", "10.4.2.10") == 5


def test_04_what_hosts_send_to_a_group_is_encrypted_across_the_core(tmp_path: Path) -> None:
    lab = Lab(load_topology(ROOT / "running-configs" / "04-multicast-rekey"), VirtualClock(1))
    lab.capture(tmp_path)
    assert asyncio.run(lab.boot()) == []
    do(lab, "wait 60", "H1: igmp join 239.4.1.1", "H2: igmp join 239.4.1.1", "wait 5")
    # The first packet goes to the RP in a register, which no policy covers: members refuse what comes of it in clear.
    assert "from 10.4.2.10" not in do(lab, "H1: ping 239.4.1.1")
    assert "vrf/dest_addr= /239.4.1.1, src_addr= 10.4.1.10" in log(lab, "GM2")
    assert do(lab, "H1: ping 239.4.1.1 repeat 4").count("from 10.4.2.10") == 4
    assert "from 10.4.1.10" not in do(lab, "H2: ping 239.4.1.1")
    assert do(lab, "H2: ping 239.4.1.1 repeat 4").count("from 10.4.1.10") == 4
    do(lab, "H2: igmp leave 239.4.1.1", "wait 10")
    assert "from 10.4.2.10" not in do(lab, "H1: ping 239.4.1.1")
    lab.close()
    frames = [item.data for item in read_capture(tmp_path / "GM2--CORE.pcapng")]
    packets = [Packet.parse(frame[14:]) for frame in frames if frame[12:14] == b"\x08\x00"]
    data = [(str(item.source), item.protocol) for item in packets if str(item.destination) == "239.4.1.1"]
    # Each source's first one in clear, ESP with the addresses of the hosts afterwards; one report of no host.
    assert data.count(("10.4.1.10", ICMP)) == data.count(("10.4.2.10", ICMP)) == 1
    assert data.count(("10.4.1.10", ESP)) == data.count(("10.4.2.10", ESP)) == 4
    assert len(data) == 10


def test_07_time_based_replay() -> None:
    lab = scenario("07-tbar-recovery")
    assert ping(lab, "H1", "10.7.2.10") == 5
    assert "plaintext mtu 1422" in do(lab, "GM1: show crypto ipsec sa")
    screen = do(lab, "GM1: show crypto gdoi gm replay", "KS1: show crypto gdoi ks replay")
    assert screen.count("Replay Value             : 50.") == 2
    assert "Input Packets            : 5            Output Packets            : 5\n" in screen
    assert "No TBAR errors detected" in screen
    assert "Anti-Replay(Time Based) : 3 sec interval" in do(lab, "GM1: show crypto gdoi")
    assert "DP Error Monitoring   : ON" in do(lab, "GM1: show crypto gdoi gm")
    assert "Replay method          : Time Based" in do(lab, "KS1: show crypto gdoi")
    for _ in range(24):
        do(lab, "wait 3600")
        assert ping(lab, "H1", "10.7.2.10") == 5
    assert "Time Sync Error          : 0" in do(lab, "GM1: show crypto gdoi gm replay")


def test_07_a_member_whose_clock_is_wrong_recovers() -> None:
    lab = scenario("07-tbar-recovery")
    membership = next(iter(lab.routers["GM2"].service(MemberRole).memberships.values()))
    assert membership.member.held.time.clock is not None
    membership.member.held.time.clock.offset += 30.0
    assert ping(lab, "H1", "10.7.2.10", 1) == 0
    line = "%GDOI-4-TIMEBASED_REPLAY_FAILED: An anti replay check has failed in group TBAR-GRP: my_pseudotime = "
    assert line in log(lab, "GM2")
    assert "replay_window = 3 (sec), src_addr = 10.7.1.10, dst_addr = 10.7.2.10" in log(lab, "GM2")
    do(lab, "wait 5")
    assert "IPSEC init reg executed    : 1" in do(lab, "GM2: show crypto gdoi gm")
    assert "GDOI-3-PSEUDO_TIME_LARGE" in log(lab, "GM2")
    assert ping(lab, "H1", "10.7.2.10") == 5
    # Another error soon after has to wait for its turn.
    assert membership.member.held.time.clock is not None
    membership.member.held.time.clock.offset += 30.0
    assert ping(lab, "H1", "10.7.2.10", 1) == 0
    do(lab, "wait 5")
    assert "IPSEC init reg postponed   : 1" in do(lab, "GM2: show crypto gdoi gm")
    assert ping(lab, "H1", "10.7.2.10", 1) == 0
    do(lab, "wait 300")
    assert "IPSEC init reg executed    : 2" in do(lab, "GM2: show crypto gdoi gm")
    assert ping(lab, "H1", "10.7.2.10") == 5


def test_08_local_denies_reach_the_lan_of_the_key_server() -> None:
    lab = scenario("08-gm-local-deny")
    assert ping(lab, "H1", "10.8.100.1") == 5
    assert encapsulated(lab, "GM1") == 0
    assert ping(lab, "H1", "10.8.2.10") == 5
    assert encapsulated(lab, "GM1") == 5
    screen = do(lab, "GM1: show crypto gdoi gm acl")
    assert "  Map Name: GM-MAP\n   access-list BYPASS deny ip 10.8.1.0 0.0.0.255 10.8.100.0 0.0.0.255\n" in screen
    assert "%GDOI-5-GM_ACL_MERGE: ACL between KS and GM in group GETVPN merged." in log(lab, "GM1")


def test_09_two_groups_on_one_map() -> None:
    lab = scenario("09-two-groups")
    assert registered(lab) == {"DATA": ["198.51.100.2", "198.51.100.6"], "VOICE": ["198.51.100.2"]}
    assert ping(lab, "H1", "10.9.2.10") == 5
    assert [item.plane.totals.encapsulated for item in lab.routers["GM1"].service(MemberRole).memberships.values()] == [
        5,
        0,
    ]
    screen = do(lab, "GM1: show crypto gdoi", "KS1: show crypto gdoi ks")
    assert "Group Name               : VOICE" in screen
    assert "Total group members registered to this box: 3" in screen


def test_10_fail_close_drops_until_the_first_registration() -> None:
    lab = scenario("10-fail-close", settle=0)
    configure(lab, "KS1", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 30")
    # GM2 has not activated its block: it leaks in clear, and GM1 drops what comes.
    assert ping(lab, "H1", "10.10.2.10", 2) == 0
    configure(lab, "GM1", "no crypto map GM-MAP gdoi fail-close")
    assert ping(lab, "H1", "10.10.2.10", 2) == 2
    configure(lab, "GM1", "crypto map GM-MAP gdoi fail-close", "match address FAIL-CLOSE", "activate")
    assert ping(lab, "H1", "10.10.2.10", 2) == 0
    configure(lab, "KS1", "interface GigabitEthernet0/0", "no shutdown")
    do(lab, "wait 300")
    assert ping(lab, "H1", "10.10.2.10") == 5
    assert encapsulated(lab, "GM1") == 5
    # It does not come back when the keys end: what the policy permits is dropped, everything else passes.
    configure(lab, "KS1", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 4000")
    assert ping(lab, "H1", "10.10.2.10", 2) == 0
    assert ping(lab, "H1", "198.51.100.1", 2) == 2


def test_10_revert_closes_again_when_the_keys_end() -> None:
    lab = scenario("10-fail-close")
    configure(lab, "GM1", "crypto gdoi group GETVPN", "client fail-close revert")
    assert "Fail-Close Revert : Enabled" in do(lab, "GM1: show crypto gdoi gm")
    assert ping(lab, "H1", "198.51.100.1", 2) == 2
    configure(lab, "KS1", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 4000")
    assert ping(lab, "H1", "198.51.100.1", 2) == 0
    configure(lab, "KS1", "interface GigabitEthernet0/0", "no shutdown")
    do(lab, "wait 300")
    assert ping(lab, "H1", "198.51.100.1", 2) == 2
    assert ping(lab, "H1", "10.10.2.10") == 5


@pytest.mark.parametrize("lines", [("no match address",), ("no activate",)])
def test_10_fail_close_follows_its_lines(lines: tuple[str, ...]) -> None:
    lab = scenario("10-fail-close", settle=0)
    configure(lab, "GM1", "crypto map GM-MAP gdoi fail-close", *lines)
    do(lab, "wait 60")
    # Without a deny for the GDOI port the member locks itself out.
    assert registered(lab)["GETVPN"] == (["198.51.100.6"] if "match" in lines[0] else ["198.51.100.2", "198.51.100.6"])


def test_11_groups_in_vrfs_register_through_another() -> None:
    lab = scenario("11-vrf-aware-gm")
    both = ["198.51.100.129", "198.51.100.130"]
    assert {name: sorted(members) for name, members in registered(lab).items()} == {"RED-GRP": both, "BLUE-GRP": both}
    assert ping(lab, "R1", "10.11.2.10") == 5
    assert ping(lab, "B1", "10.11.130.10") == 5
    planes = [item.plane for item in lab.routers["GM1"].service(MemberRole).memberships.values()]
    assert [plane.totals.encapsulated for plane in planes] == [5, 5]
    screen = do(lab, "GM1: show crypto gdoi gm")
    assert "Group member             : 198.51.100.129  vrf: RED\n" in screen
    assert "fvrf/ivrf             : MGMT/BLUE" in screen
    assert "using address 198.51.100.129 fvrf MGMT ivrf RED" in log(lab, "GM1")
    # The VRFs are apart, and rekeys find their way.
    assert ping(lab, "R1", "10.11.130.10", 1) == 0
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in do(lab, "GM1: show crypto gdoi gm")
    assert ping(lab, "R1", "10.11.2.10") == ping(lab, "B1", "10.11.130.10") == 5


def test_14_receive_only_and_passive_while_a_network_migrates() -> None:
    lab = scenario("14-migration-receive-only")
    assert "GM_SA_INGRESS: Receive only ACL received from KS 192.0.2.1 in group GETVPN." in log(lab, "GM1")
    screen = do(lab, "GM1: show crypto gdoi gm", "GM2: show crypto gdoi gm", "KS1: show crypto gdoi ks")
    assert screen.count("IPSec SA Direction       : Inbound Only") == 2
    assert screen.count("IPSec SA Direction       : Inbound Optional") == 1
    # GM1 sends in clear, GM2 encrypts; both take both.
    assert ping(lab, "H1", "10.14.2.10") == 5
    assert (encapsulated(lab, "GM1"), encapsulated(lab, "GM2")) == (0, 5)
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "no sa receive-only")
    assert "POLICY_CHANGE" in log(lab, "KS1")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 5")
    assert "GM_CONV_SA_DUPLEX: IPSec SAs converted to Duplex in group GETVPN on the GM." in log(lab, "GM1")
    assert ping(lab, "H1", "10.14.2.10") == 5
    assert encapsulated(lab, "GM1") == 5
    do(lab, "GM1: crypto gdoi gm group GETVPN ipsec direction inbound only")
    assert ping(lab, "H1", "10.14.2.10") == 5
    assert encapsulated(lab, "GM1") == 5
    do(lab, "GM1: crypto gdoi gm ipsec direction both")
    configure(lab, "GM2", "crypto gdoi group GETVPN", "no passive")
    assert ping(lab, "H1", "10.14.2.10") == 5
    assert encapsulated(lab, "GM1") == 10


def protocols(folder: Path, link: str) -> dict[int, float]:
    """The IP protocols of the packets on a link, each with when it was seen last (seconds of the capture)."""
    frames = list(read_capture(folder / f"{link}.pcapng"))
    start = frames[0].timestamp
    return {frame.data[23]: frame.timestamp - start for frame in frames if frame.data[12:14] == b"\x08\x00"}


def six(folder: Path, link: str) -> list[Packet6]:
    """The IPv6 packets on a link."""
    return [Packet6.parse(frame.data[14:]) for frame in read_capture(folder / f"{link}.pcapng") if is_six(frame.data)]


def is_six(frame: bytes) -> bool:
    return frame[12:14] == b"\x86\xdd"


def test_12_ipv6_under_keys_that_come_by_ipv4(tmp_path: Path) -> None:
    lab = Lab(load_topology(ROOT / "running-configs" / "12-ipv6"), VirtualClock(1))
    lab.capture(tmp_path)
    assert asyncio.run(lab.boot()) == []
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
        lab = Lab(load_topology(ROOT / "running-configs" / "12-ipv6"), VirtualClock(7))
        lab.capture(tmp_path / str(number))
        asyncio.run(lab.boot())
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


def test_13_spokes_of_a_dmvpn_find_each_other_under_the_group(tmp_path: Path) -> None:
    lab = Lab(load_topology(ROOT / "running-configs" / "13-dmvpn-over-getvpn"), VirtualClock(1))
    lab.capture(tmp_path)
    assert asyncio.run(lab.boot()) == []
    do(lab, "wait 60")
    assert len(registered(lab)["GETVPN"]) == 3
    screen = do(lab, "HUB: show dmvpn", "HUB: show ip nhrp")
    assert "Type:Hub, NHRP Peers:2, \n" in screen
    assert "10.13.0.2/32 via 10.13.0.2\n   Tunnel0 created 00:00:59, expire 01:59:00 \n" in screen
    assert "   Type: dynamic, Flags: unique registered \n   NBMA address: 203.0.113.6 \n" in screen
    assert ping(lab, "H1", "10.13.2.10") == ping(lab, "H2", "10.13.1.10") == 5
    assert lab.routers["SPOKE1"].ip.routes_of("").overrides == {}
    # The first packets go through the hub, which says so; what follows goes directly.
    hub = encapsulated(lab, "HUB")
    assert ping(lab, "H2", "10.13.3.10") == 5
    # What the hub sends for that: a packet or two of each direction, redirects, and the questions that follow.
    passed = encapsulated(lab, "HUB") - hub
    assert 3 <= passed <= 8
    assert ping(lab, "H2", "10.13.3.10", 20) == ping(lab, "H3", "10.13.2.10", 20) == 20
    assert encapsulated(lab, "HUB") == hub + passed
    screen = do(lab, "SPOKE1: show ip route", "SPOKE1: show dmvpn", "H2: traceroute 10.13.3.10")
    assert "H        10.13.3.0/24 [250/255] via 10.13.0.3, 00:00:" in screen
    assert "   DT1\n" in screen
    assert "  2 10.13.0.3 " in screen
    # Days of rekeys and renewals, with traffic that keeps the shortcut alive or makes a new one.
    for _ in range(24):
        do(lab, "wait 3600")
        assert ping(lab, "H2", "10.13.3.10") == ping(lab, "H3", "10.13.1.10") == 5
    assert "Unicast rekey received: 0" not in do(lab, "SPOKE1: show crypto gdoi gm")
    lab.close()
    for link in ("HUB--PE", "SPOKE1--PE", "SPOKE2--PE"):
        seen = protocols(tmp_path, link)
        assert set(seen) == {ESP, UDP, GRE}
        # Members fail open: the first NHRP packets left before they had registered. All others are ESP.
        assert seen[GRE] < 1 < 80000 < seen[ESP]


def test_13_a_shortcut_stands_in_for_a_route_and_goes_with_the_lan() -> None:
    lab = scenario("13-dmvpn-over-getvpn")
    configure(lab, "SPOKE1", "ip route 10.13.3.0 255.255.255.0 10.13.0.1", "logging dmvpn")
    assert ping(lab, "H2", "10.13.3.10") == 5
    screen = do(lab, "SPOKE1: show ip route", "SPOKE1: show ip nhrp", "SPOKE1: show dmvpn")
    assert "S   %    10.13.3.0/24 [1/0] via 10.13.0.1\n" in screen
    assert "Flags: router rib nho \n" in screen
    assert "   DT2\n" in screen
    assert "  2 10.13.0.3 " in do(lab, "H2: traceroute 10.13.3.10")
    # The spoke takes back what it told of a LAN that is gone.
    configure(lab, "SPOKE2", "interface GigabitEthernet0/1", "shutdown")
    do(lab, "wait 5")
    assert "10.13.3.0/24 via" not in do(lab, "SPOKE1: show ip nhrp")
    assert "S        10.13.3.0/24 [1/0] via 10.13.0.1\n" in do(lab, "SPOKE1: show ip route")
    configure(lab, "SPOKE2", "interface GigabitEthernet0/1", "no shutdown")
    do(lab, "wait 10")
    assert ping(lab, "H2", "10.13.3.10") == 5
    # Without the hub the shortcut goes on until it ends, and the spoke knows that the hub is lost.
    do(lab, "power off HUB", "wait 10")
    assert ping(lab, "H2", "10.13.3.10") == 5
    do(lab, "wait 3000")
    assert "10.13.0.1  NHRP 00:" in do(lab, "SPOKE1: show dmvpn")
    assert "%DMVPN-3-NHRP_NHS_DOWN: Tunnel0: Next Hop Server : (Tunnel: 10.13.0.1 NBMA: 203.0.113.2)" in log(
        lab, "SPOKE1"
    )
    do(lab, "power on HUB", "wait 120")
    assert "NHRP_NHS_UP" in log(lab, "SPOKE1")


def test_13_strings_of_authentication_differ() -> None:
    lab = scenario("13-dmvpn-over-getvpn", settle=0)
    configure(lab, "SPOKE1", "interface Tunnel0", "ip nhrp authentication OTHER")
    do(lab, "wait 1", "HUB: clear ip nhrp", "wait 60")
    line = "%NHRP-3-PAKERROR: Receive Error Indication from 10.13.0.1, code: authentication failure(11) - (Tunnel0)"
    assert line in log(lab, "SPOKE1")
    assert "  NHRP 00:0" in do(lab, "SPOKE1: show dmvpn")
    assert ping(lab, "H2", "10.13.1.10") == 0
    configure(lab, "SPOKE1", "interface Tunnel0", "ip nhrp authentication GETDM13")
    do(lab, "wait 70")
    assert ping(lab, "H2", "10.13.1.10") == 5
