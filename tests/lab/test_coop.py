"""Cooperative key servers as labs: who is primary, failover under traffic, split and merge, faults that students meet.

The numbers of faults are those of a catalogue for students; see test_faults.py.
"""

from __future__ import annotations

import re
from random import Random

import pytest

from iosemu.features.crypto_keys import store
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from tests.lab.driver import ROOT, boot, configure, do, log, ping, roles, scenario

KS1, KS2, KS3 = "192.0.2.1", "192.0.2.5", "192.0.2.9"
TWO, THREE = "05-coop-2ks", "06-coop-3ks"
FAILOVER = 90
GROUP = ("configure terminal", "crypto gdoi group GETVPN", "server local")


def held(lab: Lab, name: str) -> tuple[bytes | None, frozenset[bytes]]:
    """KEK and TEKs of a key server."""
    server = lab.routers[name].service(ServerRole).servers["GETVPN"]
    return server.kek.spi if server.kek else None, frozenset(tek.spi for tek in server.teks)


def member_keys(lab: Lab, name: str) -> tuple[bytes | None, frozenset[bytes]]:
    """KEK and TEKs of a member."""
    member = next(iter(lab.routers[name].service(MemberRole).memberships.values())).member
    return member.kek.spi if member.kek else None, frozenset(tek.spi for tek in member.teks)


def traffic(lab: Lab, seconds: int, destination: str, every: int = 5) -> int:
    """Ping for some time; how many were lost."""
    lost = 0
    for _ in range(seconds // every):
        lost += 1 - ping(lab, "H1", destination, 1)
        do(lab, f"wait {every}")
    return lost


def server_lines(lab: Lab, node: str, *lines: str) -> None:
    do(lab, *(f"{node}: {line}" for line in (*GROUP, *lines, "end")))


# The scenarios


def test_05_two_key_servers() -> None:
    lab = scenario(TWO)
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary"}
    assert held(lab, "KS1") == held(lab, "KS2") == member_keys(lab, "GM1") == member_keys(lab, "GM2")
    assert ping(lab, "H1", "10.5.2.10") == 5
    assert "added as COOP Key Server in group GETVPN" in log(lab, "KS1")
    text = f"%GDOI-5-COOP_KS_TRANS_TO_PRI: KS {KS1} in group GETVPN transitioned to Primary (Previous Primary = NONE)"
    assert text in log(lab, "KS1")
    assert text in log(lab, "KS2")
    summary = do(lab, "KS2: show crypto gdoi ks members summary")
    assert f"Key Server ID: {KS2}, GMDB state: LOCAL, Group Members: 1" in summary
    assert f"Key Server ID: {KS1}, GMDB state: REDUNDANT, Group Members: 1" in summary
    assert "Redundancy               : Configured" in do(lab, "KS1: show crypto gdoi")
    assert "Local KS Role        : Secondary" in do(lab, "KS2: show crypto gdoi ks")


def test_06_three_key_servers_for_a_day() -> None:
    lab = scenario(THREE)
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary", "KS3": "Secondary"}
    for _ in range(12):
        do(lab, "wait 7200")
        assert ping(lab, "H1", "10.6.2.10", 1) == 1
    assert held(lab, "KS1") == held(lab, "KS2") == held(lab, "KS3")
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary", "KS3": "Secondary"}
    assert "UNREACH" not in log(lab, "KS2")


def test_members_notice_nothing_of_a_failover() -> None:
    lab = scenario(TWO, settle=120)
    keys = held(lab, "KS1")
    do(lab, "power off KS1")
    assert traffic(lab, FAILOVER, "10.5.2.10") == 0
    assert roles(lab) == {"KS2": "Primary"}
    assert held(lab, "KS2") == member_keys(lab, "GM1") == member_keys(lab, "GM2") == keys
    assert f"%GDOI-3-COOP_KS_UNREACH: Cooperative KS {KS1} Unreachable in group GETVPN." in log(lab, "KS2")
    assert f"KS entering election mode in group GETVPN (Previous Primary = {KS1})" in log(lab, "KS2")
    # Through the end of the first TEK, and some more of them.
    for _ in range(30):
        do(lab, "wait 900")
        assert ping(lab, "H1", "10.5.2.10", 1) == 1
    assert "GM_RE_REGISTER" not in log(lab, "GM1")
    assert "REKEY_SEQ_FAILURE" not in log(lab, "GM1")
    members = lab.routers["KS2"].service(ServerRole).servers["GETVPN"].members.values()
    assert len(members) == 2
    assert all(member.acks_received == member.rekeys_sent > 3 for member in members)


def test_a_returning_primary_does_not_preempt() -> None:
    lab = scenario(TWO, settle=120)
    do(lab, "power off KS1", f"wait {FAILOVER}", "power on KS1", "wait 300")
    assert roles(lab) == {"KS1": "Secondary", "KS2": "Primary"}
    assert held(lab, "KS1") == held(lab, "KS2")
    assert f"%GDOI-5-COOP_KS_REACH: Reachability restored with Cooperative KS {KS1}" in log(lab, "KS2")
    error = "ERROR for group GETVPN: can only execute this command on Primary KS\n"
    assert do(lab, "KS1: crypto gdoi ks rekey").endswith(error)
    assert do(lab, "KS1: clear crypto gdoi ks policy").endswith(error)
    assert "Are you sure" not in do(lab, "KS1: clear crypto gdoi ks members")
    do(lab, "KS1: clear crypto gdoi ks coop role", "wait 30")
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary"}
    do(lab, "KS1: crypto gdoi ks rekey", "wait 5")
    assert held(lab, "KS1") == held(lab, "KS2")
    assert held(lab, "KS1")[1] == member_keys(lab, "GM1")[1] == member_keys(lab, "GM2")[1]


def test_a_failover_in_the_middle_of_a_rekey() -> None:
    """The primary's push reaches half of the members, then it is gone; nobody loses a packet."""
    lab = scenario(TWO, settle=120)
    do(lab, "link down PE:GigabitEthernet0/3", "KS1: crypto gdoi ks rekey", "wait 1", "power off KS1")
    do(lab, "link up PE:GigabitEthernet0/3")
    assert member_keys(lab, "GM1") != member_keys(lab, "GM2")
    assert held(lab, "KS2")[1] >= member_keys(lab, "GM1")[1]
    do(lab, f"wait {FAILOVER}")
    assert roles(lab) == {"KS2": "Primary"}
    assert member_keys(lab, "GM1") == member_keys(lab, "GM2")
    assert traffic(lab, 600, "10.5.2.10", 10) == 0


def test_counters_and_debug() -> None:
    lab = scenario(TWO, settle=100)
    do(lab, "KS1: clear crypto gdoi ks coop counters", "KS1: debug crypto gdoi", "wait 200")
    screen = do(lab, "KS1: show crypto gdoi ks coop")
    assert 8 <= int(re.findall(r"Ann msgs sent: (\d+)", screen)[0]) <= 11
    lines = [line for line in log(lab, "KS1").splitlines() if "GDOI:KS COOP" in line]
    assert any(f"GDOI:KS COOP:EVT:(GETVPN:0):Sending ANN to {KS2}" in line for line in lines)


@pytest.mark.parametrize(("folder", "hosts"), [("getvpn-coop", 2), ("getvpn-coop/three", 3)])
def test_the_examples(folder: str, hosts: int) -> None:
    """What their README walks through."""
    lab = boot(ROOT / "examples" / folder)
    do(lab, "wait 60")
    assert roles(lab) == {"KS1": "Primary"} | {f"KS{number}": "Secondary" for number in range(2, hosts + 1)}
    assert all(ping(lab, "H1", f"192.168.{number}.10") == 5 for number in range(2, hosts + 1))
    do(lab, "power off KS1", "wait 60")
    assert roles(lab)["KS2"] == "Primary"
    do(lab, "power on KS1", "wait 60")
    assert roles(lab)["KS1"] == "Secondary"
    do(lab, "KS1: clear crypto gdoi ks coop role", "wait 30")
    assert roles(lab)["KS1"] == "Primary"
    ends = [f"P1:Gi0/{number}" for number in range(2, hosts + 1)]
    do(lab, *(f"link down {end}" for end in ends), "wait 1100")
    assert list(roles(lab).values()).count("Primary") == 2
    assert not held(lab, "KS1")[1] & held(lab, "KS2")[1]
    do(lab, *(f"link up {end}" for end in ends))
    assert ping(lab, "H1", "192.168.2.10", 1) == 0
    do(lab, "wait 60")
    assert list(roles(lab).values()).count("Primary") == 1
    assert held(lab, "KS1") == held(lab, "KS2") == member_keys(lab, "GM1") == member_keys(lab, "GM2")
    assert ping(lab, "H1", "192.168.2.10") == 5
    assert log(lab, "KS2").count("COOP_KS_UNREACH") == 2


def chaos(lab: Lab, random: Random) -> None:
    """Servers and links fail for an hour, in any order."""
    off: set[str] = set()
    for _ in range(12):
        name = random.choice(("KS1", "KS2", "KS3"))
        port = f"PE:GigabitEthernet0/{random.randrange(5)}"
        action = random.choice(("power", "link"))
        if action == "power":
            do(lab, f"power {'on' if name in off else 'off'} {name}")
            off ^= {name}
        else:
            do(lab, f"link down {port}", f"wait {random.choice((5, 60, 200))}", f"link up {port}")
        do(lab, f"wait {random.choice((1, 20, 100, 400))}")
    do(lab, *(f"power on {name}" for name in sorted(off)))


@pytest.mark.parametrize("seed", range(8))
def test_random_faults_of_real_key_servers(seed: int) -> None:
    """The same promises as those of the simulation, with real keys, real IKE and real members."""
    lab = scenario(THREE, seed=seed + 1)
    chaos(lab, Random(seed))
    do(lab, "wait 7500")
    assert sorted(roles(lab).values()) == ["Primary", "Secondary", "Secondary"]
    assert held(lab, "KS1") == held(lab, "KS2") == held(lab, "KS3")
    assert held(lab, "KS1") == member_keys(lab, "GM1") == member_keys(lab, "GM2")
    assert ping(lab, "H1", "10.6.2.10") == 5


# Faults


def test_09_a_secondary_with_another_rsa_pair() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    store.remove(lab.routers["KS2"].nvram, "GET-REKEY")
    do(lab, "KS2: crypto key generate rsa general-keys label GET-REKEY modulus 1024", "wait 120")
    assert "COOP_CONFIG_MISMATCH: WARNING: Group GETVPN, rekey RSA key configuration" in log(lab, "KS2")
    do(lab, "power off KS1", f"wait {FAILOVER}", "KS2: crypto gdoi ks rekey", "wait 5")
    assert "%GDOI-3-GDOI_REKEY_FAILURE" in log(lab, "GM1")
    do(lab, "wait 7200")
    assert "%GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert ping(lab, "H1", "10.5.2.10") == 5


def test_10_a_key_that_is_not_exportable() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    label = "LOCKED"
    do(lab, f"KS1: crypto key generate rsa general-keys label {label} modulus 1024")
    assert "not exportable" in do(lab, f"KS1: crypto key export rsa {label} pem terminal 3des Passphrase1")


def test_13_without_an_address_there_is_no_cooperation() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    server_lines(lab, "KS2", "no address ipv4 192.0.2.5")
    do(lab, "wait 60")
    assert roles(lab)["KS2"] == "-"
    assert "*NO* redundancy configured for this group" in do(lab, "KS2: show crypto gdoi ks coop")
    assert roles(lab)["KS1"] == "Primary"


def test_14_a_peer_is_missing_on_one_key_server() -> None:
    lab = scenario(THREE, settle=0)
    server_lines(lab, "KS2", "redundancy", f"no peer address ipv4 {KS1}")
    server_lines(lab, "KS1", "redundancy", f"no peer address ipv4 {KS3}")
    server_lines(lab, "KS3", "redundancy", f"no peer address ipv4 {KS1}")
    do(lab, "wait 200")
    text = f"%GDOI-4-COOP_KS_UNAUTH: Contact from unauthorized KS {KS1} in group GETVPN at local address {KS2}"
    assert text in log(lab, "KS2")
    assert list(roles(lab).values()).count("Primary") == 2


def test_15_the_same_priority() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    server_lines(lab, "KS1", "redundancy", "local priority 100")
    do(lab, "wait 60", "KS1: clear crypto gdoi ks coop role", "wait 30")
    assert roles(lab) == {"KS1": "Secondary", "KS2": "Primary"}


def test_16_a_higher_priority_changes_nothing_by_itself() -> None:
    lab = scenario(TWO)
    server_lines(lab, "KS2", "redundancy", "local priority 255")
    do(lab, "wait 300")
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary"}


def test_17_policies_differ() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    configure(lab, "KS2", "ip access-list extended GET-POLICY", "deny icmp any any", "permit ip any any")
    configure(
        lab, "KS2", "ip access-list extended GET-POLICY", "no permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255"
    )
    do(lab, "wait 120")
    assert "COOP_CONFIG_MISMATCH: WARNING: Group GETVPN, TEK policy configuration" in log(lab, "KS2")
    assert "permit ip 10.0.0.0" in do(lab, "GM1: show crypto gdoi gm acl download")
    do(lab, "power off KS1", f"wait {FAILOVER}", "KS2: crypto gdoi ks rekey", "wait 5")
    after = do(lab, "GM1: show crypto gdoi gm acl download")
    assert "deny icmp any any" in after
    assert "permit ip 10.0.0.0" not in after


def test_18_time_based_replay_on_one_key_server_only() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    server_lines(lab, "KS2", "sa ipsec 10", "replay counter window-size 64")
    do(lab, "wait 120")
    text = (
        f"%GDOI-3-GDOI_ANN_INCONSISTENT_TBAR: COOP_KS ANN received from KS {KS1} in group GETVPN has inconsistent TBAR"
    )
    assert text in log(lab, "KS2")


@pytest.mark.parametrize("keepalives", [True, False])
def test_35_keepalives_make_a_failover_faster(keepalives: bool) -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    if not keepalives:
        configure(lab, "KS1", "no crypto isakmp keepalive")
        configure(lab, "KS2", "no crypto isakmp keepalive")
    do(lab, "wait 60", "KS1: clear crypto isakmp", "KS2: clear crypto isakmp", "wait 120", "power off KS1")
    waited = 0
    while roles(lab)["KS2"] != "Primary":
        do(lab, "wait 1")
        waited += 1
        assert waited <= FAILOVER
    assert waited <= 34 if keepalives else waited > 34


def test_39_split_and_merge() -> None:
    """The key servers lose each other while each still reaches its members."""
    lab = scenario(TWO, settle=120)
    configure(
        lab,
        "PE",
        "ip access-list extended SPLIT",
        f"deny ip host {KS1} host {KS2}",
        f"deny ip host {KS1} host 198.51.100.6",
        "permit ip any any",
        "ip access-list extended SPLIT2",
        f"deny ip host {KS2} host {KS1}",
        f"deny ip host {KS2} host 198.51.100.2",
        "permit ip any any",
        "interface GigabitEthernet0/0",
        "ip access-group SPLIT in",
        "interface GigabitEthernet0/1",
        "ip access-group SPLIT2 in",
    )
    do(lab, f"wait {FAILOVER}")
    assert roles(lab) == {"KS1": "Primary", "KS2": "Primary"}
    assert ping(lab, "H1", "10.5.2.10") == 5
    # The common TEK ends; each side has its own now.
    do(lab, "wait 8000")
    assert not held(lab, "KS1")[1] & held(lab, "KS2")[1]
    assert ping(lab, "H1", "10.5.2.10") == 0
    assert "%CRYPTO-4-RECVD_PKT_INV_SPI" in log(lab, "GM2")
    configure(
        lab, "PE", "interface GigabitEthernet0/0", "no ip access-group SPLIT in",
        "interface GigabitEthernet0/1", "no ip access-group SPLIT2 in",
    )  # fmt: skip
    do(lab, "wait 120")
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary"}
    assert held(lab, "KS1") == held(lab, "KS2") == member_keys(lab, "GM1") == member_keys(lab, "GM2")
    assert ping(lab, "H1", "10.5.2.10") == 5


def test_40_announcements_that_are_too_large() -> None:
    lab = boot(ROOT / "running-configs" / TWO)
    for name in ("KS1", "KS2"):
        server_lines(lab, name, "redundancy", "protocol pdu 200")
    do(lab, "wait 120")
    assert re.search(
        r"%GDOI-3-COOP_PACKET_DROPPED: Announcement message dropped due to packet size \d+ bytes", log(lab, "KS1")
    )
    assert roles(lab) == {"KS1": "Primary", "KS2": "Primary"}
