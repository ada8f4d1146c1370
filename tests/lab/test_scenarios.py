"""The scenarios of running-configs/ as labs: they boot, register and pass traffic as their names say."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import ESP, ICMP, Packet
from tests.lab.driver import ROOT, boot, configure, do, encapsulated, log, ping, registered, scenario


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
    lab = boot(ROOT / "running-configs" / "04-multicast-rekey", pcap=tmp_path)
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
