"""What the shows of a GET VPN print, form by form: layouts as in tests/lab/shows, where keys and SPIs are stars.

A file has the lines `== NODE: command`, each with what the screen shows. GDOI's shows are typed as `gkm` as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from tests.lab.driver import configure, do, log, ping, scenario

FOLDER = Path(__file__).parent / "shows"


def before() -> Lab:
    """Nobody has registered yet: the key server is out of reach."""
    lab = scenario("01-psk-single-ks", settle=0)
    configure(lab, "KS1", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 45")
    return lab


def registered() -> Lab:
    """Traffic, and a rekey that was asked for."""
    lab = scenario("01-psk-single-ks")
    ping(lab, "H1", "10.1.2.10")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 90")
    return lab


def rekeyed() -> Lab:
    """After a change of the KEK."""
    lab = scenario("01-psk-single-ks")
    do(lab, "KS1: clear crypto gdoi ks policy", "wait 20")
    return lab


def by_time() -> Lab:
    """Time-based replay protection."""
    lab = scenario("07-tbar-recovery")
    ping(lab, "H1", "10.7.2.10")
    return lab


def two_groups() -> Lab:
    """Two groups, one of them of counter mode."""
    lab = scenario("09-two-groups", settle=0)
    configure(lab, "KS1", "crypto ipsec transform-set DATA-TS esp-gcm 256")
    do(lab, "wait 60")
    return lab


def coop() -> Lab:
    """Two key servers, seen from the secondary one."""
    return scenario("05-coop-2ks", settle=150)


LABS = {
    "before": before,
    "registered": registered,
    "rekeyed": rekeyed,
    "by-time": by_time,
    "two-groups": two_groups,
    "coop": coop,
}


def commands(text: str) -> Iterator[tuple[str, str]]:
    for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, _, shown = block.partition("\n")
        yield head, shown


def without_keys(screen: str) -> str:
    """Hexadecimal numbers of eight digits and more, and SPIs in decimal, as stars."""
    screen = re.sub(r"\b(0x)?[0-9A-F]{8,}\b(?:\(\d+\))?", r"\1*", screen)
    return re.sub(r"^((?: +\*)+) ?\b.*$", r"\1", screen, flags=re.MULTILINE)


@pytest.mark.parametrize("name", LABS)
def test_layouts(name: str) -> None:
    lab = LABS[name]()
    text = (FOLDER / f"{name}.txt").read_text()
    shown = "".join(f"== {head}\n{without_keys(do(lab, head))}" for head, _ in commands(text))
    assert shown == text
    for head, _ in commands(text):
        if "crypto gdoi" in head:
            assert do(lab, head) == do(lab, head.replace("crypto gdoi", "crypto gkm"))


def test_what_the_crypto_engine_drops_is_counted_by_interface() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM2", "interface GigabitEthernet0/0", "no crypto map")
    ping(lab, "H2", "10.1.1.10", 3)
    screen = do(lab, "GM1: show crypto engine connections dropped-packet")
    assert "GigabitEthernet0/0         198.51.100.2             3\n" in screen


def test_a_session_that_is_being_made() -> None:
    screen = do(before(), "GM1: show crypto session")
    assert "Session status: DOWN-NEGOTIATING\n" in screen
    assert "  IKEv1 SA: local 198.51.100.2/848 remote 192.0.2.1/848 Inactive \n" in screen


def test_messages_of_members_that_are_not_ready_or_changed_by_hand() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM2", "crypto gdoi group GETVPN", "no server address ipv4 192.0.2.1")
    configure(lab, "GM2", "hostname GM2")
    line = "%GDOI-3-GM_INCOMPLETE_CFG: Registration: incomplete config for group GETVPN"
    assert log(lab, "GM2").count(line) == 1
    configure(lab, "GM2", "crypto gdoi group GETVPN", "server address ipv4 192.0.2.1")
    assert log(lab, "GM2").count("%GDOI-5-GM_ENABLE_GDOI_CM: GM enabled GDOI crypto map in group GETVPN") == 1
    assert "GM_ENABLE_GDOI_CM" not in log(lab, "GM1")
    do(lab, "GM1: crypto gdoi gm ipsec direction inbound only", "GM1: crypto gdoi gm ipsec direction both")
    line = "%GDOI-5-GM_CONV_SA_DUPLEX_LOCAL: IPSec SAs converted to Duplex in group GETVPN on a GM by a local event."
    assert log(lab, "GM1").count(line) == 1
    configure(lab, "GM1", "crypto gdoi group GETVPN", "client rekey encryption 3des-cbc")
    do(lab, "GM1: clear crypto gdoi", "wait 10")
    text = "Installation of Reg/Rekey policies from KS 192.0.2.1 for group GETVPN & gm identity 198.51.100.2"
    assert f"%GDOI-3-GM_INSTALL_POLICIES_FAIL: FAILED: {text}" in log(lab, "GM1")


def test_what_a_member_and_a_key_server_say_from_the_boot_on() -> None:
    lab = scenario("01-psk-single-ks")
    member = mnemonics(lab, "GM1")
    assert member == [
        "ISAKMP_ON_OFF: ISAKMP is OFF",
        "GDOI_ON_OFF: GDOI is OFF",
        "GM_CM_ATTACH",
        "ISAKMP_ON_OFF: ISAKMP is ON",
        "GM_REGSTER",
        "GDOI_ON_OFF: GDOI is ON",
        "SA_KEK_UPDATED",
        "SA_TEK_UPDATED",
        "GM_REGS_COMPL",
        "GM_INSTALL_POLICIES_SUCCESS",
    ]
    assert mnemonics(lab, "PE") == member[:2]
    assert mnemonics(lab, "KS1")[:5] == [*member[:2], "KS_GROUP_ADD", member[5], member[3]]
    configure(lab, "GM1", "interface GigabitEthernet0/0", "no crypto map")
    assert mnemonics(lab, "GM1")[len(member) :] == [
        "GM_CM_DETACH",
        "GM_UNREGISTER",
        "GDOI_ON_OFF: GDOI is OFF",
        "ISAKMP_ON_OFF: ISAKMP is OFF",
    ]


def mnemonics(lab: Lab, node: str) -> list[str]:
    """What GDOI and ISAKMP have logged."""
    lines = (line.split("-", 2)[2] for line in log(lab, node).splitlines() if re.match("%(GDOI|CRYPTO)", line))
    return [line if "_ON_OFF" in line else line.split(":")[0] for line in lines]


NEW_LABELS = ("Re-auth", "Group Type", "Crypto Path", "Key Management", "D3P", "Split", "CKM", "Tagging", "Version")


def test_older_releases_print_less() -> None:
    lab = scenario("05-coop-2ks", settle=150)
    new = do(lab, "KS1: show crypto gdoi").splitlines()
    configure(lab, "KS1", "version 15.1")
    old = do(lab, "KS1: show crypto gdoi").splitlines()
    assert old == [line for line in new if not any(label in line for label in NEW_LABELS)]
    coop = do(lab, "KS1: show crypto gdoi ks coop")
    assert not re.search("[Vv]ersion|Protocol|Per-user", coop)
    assert "\n\n        Peer Sessions:\n        Session 1:\n" in coop
    lab = scenario("04-multicast-rekey", settle=0)
    configure(lab, "KS1", "version 12.4")
    screen = do(lab, "KS1: show crypto gdoi")
    assert screen.splitlines()[2:8] == [
        "    Group Name               : MC-GROUP (Multicast)",
        "    Group Identity           : 404",
        "    Group Members            : 0",
        "    IPSec SA Direction       : Both",
        "    Active Group Server      : Local",
        "    Group Rekey Lifetime     : 86400 secs",
    ]
    assert screen.endswith("\n\n    Group Server list        : Local\n\n")
