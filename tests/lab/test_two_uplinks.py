"""A member with two ways to the core: one registration from a loopback, whichever of them is up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from iosemu.engines.gdoi.member import GroupMember
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from tests.lab.driver import ROOT, answer, boot, configure, do, log, members, ping, status

SCENARIO = ROOT / "running-configs" / "01-psk-single-ks"
LOOPBACK = "203.0.113.1"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """GM1 speaks from a loopback and has the map on both uplinks; the core prefers the first one."""
    for path in SCENARIO.iterdir():
        shutil.copy(path, tmp_path)
    topology = yaml.safe_load((SCENARIO / "lab.yml").read_text())
    topology["links"].append(["GM1:GigabitEthernet0/2", "PE:GigabitEthernet0/5"])
    (tmp_path / "lab.yml").write_text(yaml.safe_dump(topology))
    lab = boot(tmp_path)
    key = do(lab, "KS1: show running-config | include isakmp key").split("isakmp key ")[1].split()[0]
    configure(lab, "KS1", f"crypto isakmp key {key} address {LOOPBACK}")
    configure(lab, "PE", "interface GigabitEthernet0/5", "ip address 198.51.100.17 255.255.255.252", "no shutdown")
    for net in (f"{LOOPBACK} 255.255.255.255", "10.1.1.0 255.255.255.0"):
        configure(lab, "PE", f"ip route {net} 198.51.100.2", f"ip route {net} 198.51.100.18 200")
    configure(lab, "GM1", "interface Loopback0", f"ip address {LOOPBACK} 255.255.255.255")
    configure(lab, "GM1", "crypto map GM-MAP local-address Loopback0", "ip route 0.0.0.0 0.0.0.0 198.51.100.17 200")
    configure(lab, "GM1", "interface GigabitEthernet0/2", "ip address 198.51.100.18 255.255.255.252", "no shutdown")
    configure(lab, "GM1", "interface GigabitEthernet0/2", "crypto map GM-MAP")
    do(lab, "wait 60")
    return lab


def test_one_registration_serves_both_interfaces(lab: Lab) -> None:
    assert sorted(members(lab)) == ["198.51.100.6", LOOPBACK]
    assert status(lab).count("Group member             : ") == 1
    assert "Succeeded registration: 1\n       Attempted registration: 1\n" in status(lab)
    screen = do(lab, "GM1: show crypto gdoi")
    first, second = (screen.split(f"  GigabitEthernet0/{number}:\n")[1].split("\n")[1] for number in (0, 2))
    assert first == second
    assert screen.count("    IPsec SA:") == 2
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "KS1: crypto gdoi ks rekey", "wait 5")
    assert "Unicast rekey received: 1\n       Rekey ACKs sent       : 1\n" in status(lab)
    assert log(lab, "GM1").count("GM_RECV_REKEY") == 1
    assert "KS_UNSOL_ACK" not in log(lab, "KS1")


def test_traffic_moves_to_the_other_uplink_under_the_same_keys(lab: Lab) -> None:
    registered = log(lab, "GM1").count("GM_REGS_COMPL")
    before = {tek.spi for tek in member(lab).teks}
    do(lab, "link down GM1:GigabitEthernet0/0", "wait 5")
    # Sequence numbers go on, so that counters at the other end see nothing old.
    assert ping(lab, "H1", "10.1.2.10") == ping(lab, "H2", "10.1.1.10") == 5
    assert {tek.spi for tek in member(lab).teks} == before
    assert log(lab, "GM1").count("GM_CM_DETACH") == log(lab, "GM1").count("GM_UNREGISTER") + 1
    do(lab, "KS1: crypto gdoi ks rekey", "wait 5", "link up GM1:GigabitEthernet0/0", "wait 5")
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "link down GM1:GigabitEthernet0/2", "wait 5")
    assert ping(lab, "H1", "10.1.2.10") == 5
    assert log(lab, "GM1").count("GM_REGS_COMPL") == registered
    assert "PKT_REPLAY_ERR" not in log(lab, "GM2")
    # Without any of them the member is gone.
    do(lab, "link down GM1:GigabitEthernet0/0", "wait 5")
    assert not lab.routers["GM1"].service(MemberRole).memberships
    do(lab, "link up GM1:GigabitEthernet0/0", "wait 30")
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_commands_and_settings_concern_the_one_member(lab: Lab) -> None:
    answer(lab, "GM1", "clear crypto gdoi", "yes")
    assert log(lab, "GM1").count("GM_CLEAR_REGISTER") == 1
    do(lab, "wait 5")
    assert "Succeeded registration: 2" in status(lab)
    configure(lab, "GM1", "access-list 150 permit tcp any any", "crypto map GM-MAP 10 gdoi", "match address 150")
    assert log(lab, "GM1").count("GM_ACL_PERMIT") == 1
    configure(lab, "GM1", "crypto map GM-MAP 10 gdoi", "no match address")
    # Each interface registers from its own address again.
    configure(lab, "GM1", "no crypto map GM-MAP local-address Loopback0")
    assert status(lab).count("Group member             : ") == 2


def member(lab: Lab) -> GroupMember:
    (found,) = lab.routers["GM1"].service(MemberRole).distinct
    return found.member
