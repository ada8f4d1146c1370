"""What an administrator can do to a group by EXEC commands: clear, remove, rekey, change directions, reset counters."""

from __future__ import annotations

import re

import pytest

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from tests.lab.driver import answer, do, log, members, ping, scenario, status

QUESTION = "Are you sure you want to proceed ? [yes/no]: "
WARNING = (
    "% The Key Server and Group Member will destroy created and downloaded policies.\n"
    "% All Group Members are required to re-register.\n\n"
)


def spis(lab: Lab, node: str = "GM1") -> set[bytes]:
    """The data SAs of a member."""
    (membership,) = lab.routers[node].service(MemberRole).memberships.values()
    return {tek.spi for tek in membership.member.teks}


def served(lab: Lab) -> set[bytes]:
    """Those of the key server."""
    return {tek.spi for tek in lab.routers["KS1"].service(ServerRole).servers["GETVPN"].teks}


@pytest.mark.parametrize("word", ["gdoi", "gkm"])
def test_a_member_forgets_and_registers_again(word: str) -> None:
    lab = scenario("01-psk-single-ks")
    line = f"clear crypto {word}"
    assert answer(lab, "GM1", line, "no") == f"{WARNING}{QUESTION}no\n"
    assert "GM_CLEAR_REGISTER" not in log(lab, "GM1")
    answer(lab, "GM1", f"{line} group GETVPN", "yes")
    assert "%GDOI-5-GM_CLEAR_REGISTER: Config: GM cleared gdoi configuration for the group GETVPN." in log(lab, "GM1")
    assert not spis(lab)
    do(lab, "wait 5")
    assert spis(lab) == spis(lab, "GM2") == served(lab)
    assert "Succeeded registration: 2" in status(lab)
    assert answer(lab, "GM1", f"{line} group NONE") == "% group NONE doesn't yet exist.\n"


def test_a_key_server_forgets_keys_and_members() -> None:
    lab = scenario("01-psk-single-ks")
    before = spis(lab)
    answer(lab, "KS1", "clear crypto gdoi", "yes")
    assert "%GDOI-5-KS_CLEAR_REGISTER: Config: KS cleared gdoi configuration for the group GETVPN." in log(lab, "KS1")
    assert members(lab) == []
    assert not served(lab)
    # The members are not told: they go on with the keys that they have, and come back before these end.
    assert ping(lab, "H1", "10.1.2.10") == 5
    assert spis(lab) == before
    do(lab, "wait 3600")
    assert sorted(members(lab)) == ["198.51.100.2", "198.51.100.6"]
    assert spis(lab) <= served(lab)
    assert ping(lab, "H1", "10.1.2.10") == 5
    line = "%GDOI-5-GM_REKEY_NOT_RECD: GM did not receive rekey from KS 192.0.2.1 in group GETVPN."
    text = log(lab, "GM1")
    assert line in text
    assert text.index(line) < text.index("%GDOI-4-GM_RE_REGISTER")


@pytest.mark.parametrize("word", ["gdoi", "gkm"])
def test_members_are_removed_and_come_back_before_their_keys_end(word: str) -> None:
    lab = scenario("01-psk-single-ks")
    before = spis(lab)
    screen = answer(lab, "KS1", f"clear crypto {word} ks members group GETVPN", "yes")
    assert "shorten all GMs' key lifetimes and cause them to re-register before keys expiry.\n" in screen
    assert screen.endswith(f"{QUESTION}yes\nSending GM-Removal message to group GETVPN...\n")
    do(lab, "wait 1")
    assert "%GDOI-4-GM_RECV_DELETE: GM received delete-msg from KS in group GETVPN. TEKs lifetime are reduced" in log(
        lab, "GM1"
    )
    for _ in range(20):
        assert ping(lab, "H1", "10.1.2.10", 1) == 1
        do(lab, "wait 10")
    assert before.isdisjoint(spis(lab))
    assert spis(lab) == spis(lab, "GM2") == served(lab)
    assert "KS_UNSOL_ACK" not in log(lab, "KS1")


def test_members_are_removed_at_once() -> None:
    lab = scenario("01-psk-single-ks")
    before = spis(lab)
    screen = answer(lab, "KS1", "clear crypto gdoi ks members now", "yes")
    assert "% This GM-Removal message will delete all GMs' keys at once and cause them to re-register.\n" in screen
    do(lab, "wait 0.1")
    assert not spis(lab)
    assert re.search(r"GM_RECV_DELETE_IMMEDIATE: .* in a randomly chosen period of \d+ sec", log(lab, "GM1"))
    do(lab, "wait 20")
    assert before.isdisjoint(spis(lab))
    assert ping(lab, "H1", "10.1.2.10") == 5


@pytest.mark.parametrize("word", ["gdoi", "gkm"])
def test_all_keys_are_made_anew_without_a_registration(word: str) -> None:
    lab = scenario("01-psk-single-ks")
    before = spis(lab)
    assert do(lab, f"KS1: clear crypto {word} ks policy") == ""
    do(lab, "wait 2")
    assert len(spis(lab)) == 2
    assert "Last rekey seq num    : 0" in status(lab)
    assert "Succeeded registration: 1" in status(lab)
    do(lab, "wait 400")
    assert before.isdisjoint(spis(lab))
    assert "doesn't yet exist" in do(lab, "KS1: clear crypto gdoi ks policy group NONE")


@pytest.mark.parametrize("word", ["gdoi", "gkm"])
def test_a_rekey_is_sent_by_hand(word: str) -> None:
    lab = scenario("01-psk-single-ks")
    (old,) = spis(lab)
    do(lab, f"KS1: crypto {word} ks rekey group GETVPN", "wait 1")
    assert len(spis(lab)) == 2
    assert "Sending Unicast Rekey for group GETVPN from address 192.0.2.1 with seq # 1" in log(lab, "KS1")
    do(lab, f"KS1: crypto {word} ks rekey replace-now", "wait 1")
    assert "Sending Unicast Rekey with policy-replace for group GETVPN" in log(lab, "KS1")
    assert len(spis(lab)) == 1
    assert old not in spis(lab)
    assert spis(lab) == spis(lab, "GM2")
    assert "% group NONE doesn't yet exist." in do(lab, f"KS1: crypto {word} ks rekey group NONE")
    assert "% No key server is configured." in do(lab, f"GM1: crypto {word} ks rekey")


def counters(lab: Lab, node: str = "GM1") -> list[int]:
    screen = do(lab, f"{node}: show crypto gdoi gm dataplane counters")
    return [int(value) for value in re.findall(r"crypt +: (\d+)", screen)]


@pytest.mark.parametrize("word", ["gdoi", "gkm"])
def test_directions_are_changed_by_hand(word: str) -> None:
    lab = scenario("01-psk-single-ks")
    ping(lab, "H1", "10.1.2.10")
    do(lab, f"GM1: clear crypto {word} gm dataplane counters")
    assert counters(lab) == [0, 0]
    # GM1 sends in clear, which GM2 refuses.
    do(lab, f"GM1: crypto {word} gm group GETVPN ipsec direction inbound only")
    assert ping(lab, "H1", "10.1.2.10") == 0
    assert counters(lab) == [0, 0]
    assert "IPSec SA Direction       : Inbound Only" in status(lab)
    # GM2 takes it, and answers with ESP.
    do(lab, f"GM2: crypto {word} gm ipsec direction inbound optional")
    assert ping(lab, "H1", "10.1.2.10") == 5
    assert counters(lab) == [0, 5]
    assert "IPSec SA Direction       : Inbound Optional" in status(lab, "GM2")
    for node in ("GM1", "GM2"):
        do(lab, f"{node}: crypto {word} gm ipsec direction both")
    assert ping(lab, "H1", "10.1.2.10") == 5
    assert counters(lab) == [5, 10]
    assert "% group NONE doesn't yet exist." in do(lab, f"GM1: crypto {word} gm group NONE ipsec direction both")
    assert "% No group member is configured." in do(lab, f"KS1: crypto {word} gm ipsec direction both")


@pytest.mark.parametrize("word", ["gdoi", "gkm"])
def test_replay_counters_begin_again(word: str) -> None:
    lab = scenario("07-tbar-recovery")
    ping(lab, "H1", "10.7.2.10")
    assert "Input Packets            : 0 " not in do(lab, "GM1: show crypto gdoi gm replay")
    do(lab, f"GM1: clear crypto {word} replay counters")
    screen = do(lab, "GM1: show crypto gdoi gm replay")
    assert "Input Packets            : 0 " in screen
    assert "Output Packets            : 0" in screen
