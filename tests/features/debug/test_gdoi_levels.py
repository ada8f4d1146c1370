"""`debug crypto gdoi` by side, feature, level and peer; the traces of events that are kept all the time."""

from __future__ import annotations

import pytest

from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.features.debug.gdoi import covers
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from tests.features.typist import new_router
from tests.lab.driver import basic, configure, do, log, scenario


@pytest.mark.parametrize(
    ("flag", "feature", "level", "wanted"),
    [
        ("crypto gdoi", "KS COOP", "EVT", True),
        ("crypto gdoi gm rekey event", "GM REKEY", "EVT", True),
        ("crypto gdoi gm rekey event", "GM REKEY", "ERR", False),
        ("crypto gdoi gm rekey all-levels", "GM REKEY", "ERR", True),
        ("crypto gdoi gm rekey event", "KS REKEY", "EVT", False),
        ("crypto gdoi ks all-features error", "KS REKEY", "ERR", True),
        ("crypto gdoi infra detail", "INFRA", "DET", True),
        ("crypto gdoi gm infrastructure detail", "INFRA", "DET", True),
        ("crypto gdoi condition peer 192.0.2.1", "INFRA", "DET", False),
        ("crypto isakmp", "INFRA", "DET", False),
    ],
)
def test_what_a_flag_covers(flag: str, feature: str, level: str, wanted: bool) -> None:
    assert covers(flag, feature, level) is wanted


def test_flags_are_listed_and_taken_back() -> None:
    typist = new_router()
    answer = "GDOI GM Rekey Event debug level: ( Event )\n"
    assert typist.type("debug crypto gdoi gm rekey event") == answer
    typist.type("debug crypto gdoi ks coop")
    shown = typist.type("show debugging")
    assert shown.count("GDOI KS Coop All Levels debug level: ( All Levels )") == 1
    assert answer in shown
    typist.type("undebug crypto gdoi gm rekey")
    assert "Rekey" not in typist.type("show debugging")
    assert typist.type("debug crypto gdoi condition peer ipv4 192.0.2.1") == "GDOI Condition: peer 192.0.2.1\n"
    typist.type("no debug crypto gdoi")
    assert typist.router.debugging.active == set()


def test_older_forms_stand_for_several_flags() -> None:
    typist = new_router()
    active = typist.router.debugging.active
    typist.type("debug crypto gdoi event")
    assert active == {
        "crypto gdoi gm all-features event",
        "crypto gdoi ks all-features event",
        "crypto gdoi infra event",
    }
    typist.type("undebug crypto gdoi event")
    assert active == set()
    typist.type("debug crypto gdoi replay")
    assert active == {"crypto gdoi gm replay all-levels", "crypto gdoi ks replay all-levels"}
    typist.type("debug crypto gdoi ks")
    typist.type("undebug crypto gdoi gm")
    assert active == {"crypto gdoi ks replay all-levels", "crypto gdoi ks all-features all-levels"}
    typist.type("undebug crypto gdoi ks")
    assert active == set()


def debug_lines(lab: Lab, node: str) -> list[str]:
    return [line for line in log(lab, node).splitlines() if "GDOI:" in line and not line.startswith("%")]


def test_only_what_is_wanted_is_printed() -> None:
    lab = basic()
    do(lab, "GM1: debug crypto gdoi gm registration event", "KS1: debug crypto gdoi ks all-features event")
    do(lab, "KS1: debug crypto gdoi condition peer ipv4 203.0.113.10", "wait 30")
    found = debug_lines(lab, "GM1")
    assert found
    assert all("GDOI:GM REGISTRATION:EVT:" in line for line in found)
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert debug_lines(lab, "GM1") == found
    served = debug_lines(lab, "KS1")
    assert len(served) == 1
    assert "GM 203.0.113.10 registered" in served[0]


def secrets(lab: Lab, node: str) -> set[str]:
    """The keys of the groups of a router, in hexadecimal digits."""
    router = lab.routers[node]
    keks: list[Kek] = []
    teks: list[Tek] = []
    for server in router.service(ServerRole).servers.values():
        keks, teks = keks + server.keks, teks + server.teks
    for membership in router.service(MemberRole).memberships.values():
        keks, teks = keks + membership.member.held.keks, teks + membership.member.teks
    found = [octets for kek in keks for octets in (kek.key, kek.iv)]
    found += [octets for tek in teks for octets in (tek.encryption_key, tek.integrity_key, tek.salt)]
    return {octets.hex() for octets in found if octets}


def test_packets_are_dumped_without_keys() -> None:
    lab = scenario("05-coop-2ks", settle=0)
    for node in ("KS1", "KS2", "GM1"):
        do(lab, f"{node}: debug crypto gdoi")
    do(lab, "wait 150", "KS1: crypto gdoi ks rekey", "wait 10", "KS1: clear crypto gdoi ks policy", "wait 10")
    member, server = debug_lines(lab, "GM1"), debug_lines(lab, "KS1")
    packets = "\n".join(line for line in member if ":PKT:" in line)
    assert "GDOI:GM REGISTRATION:PKT:(GETVPN:0):Sent GROUPKEY-PULL to 192.0.2." in packets
    assert ":  KD payload, " in packets
    assert "SA KEK: SPI 0x" in packets
    assert "KEY_LIFETIME 86" in packets
    assert "GDOI:GM REKEY:PKT:(GETVPN:0):Received GROUPKEY-PUSH from 192.0.2.1" in packets
    served = "\n".join(line for line in server if ":PKT:" in line)
    assert "GDOI:KS REKEY:PKT:(GETVPN:0):Sent GROUPKEY-PUSH to the members" in served
    assert "GDOI:KS COOP:PKT:(GETVPN:0):Sent ANNOUNCEMENT to 192.0.2.5" in served
    assert "keys of generation" in served
    for node in ("KS1", "KS2", "GM1"):
        text = log(lab, node).lower()
        assert secrets(lab, node)
        assert not [secret for secret in secrets(lab, node) if secret in text]
    assert any("GDOI:KS REKEY:DET:(GETVPN:0):GM " in line and "acknowledged rekey seq 1" in line for line in server)
    assert "Sent GROUPKEY" not in do(lab, "GM1: show monitor event-trace gdoi all")


def test_terse_tells_what_matters() -> None:
    lab = basic()
    do(lab, "GM1: debug crypto gdoi gm all-features terse", "wait 30", "KS1: crypto gdoi ks rekey", "wait 10")
    configure(lab, "GM1", "interface GigabitEthernet0/0", "no crypto map")
    assert [line.partition("GDOI:")[2] for line in debug_lines(lab, "GM1")] == [
        "GM REKEY:TER:(GETVPN:0):New KEK in use",
        "GM REKEY:TER:(GETVPN:0):New TEK in use",
        "GM REKEY:TER:(GETVPN:0):New TEK in use",
        "GM CLEANUP:TER:(GETVPN:0):Group left, SAs deleted",
    ]


def test_traces_need_no_debugging() -> None:
    lab = basic()
    do(lab, "wait 30", "KS1: crypto gdoi ks rekey", "wait 10")
    shown = do(lab, "GM1: show monitor event-trace gdoi rekey all")
    assert "GDOI rekey trace:" in shown
    assert "Received rekey seq 1 from" in shown
    assert "Registered with KS" in do(lab, "GM1: show monitor event-trace gdoi registration all")
    assert "Received rekey" not in do(lab, "GM1: show monitor event-trace gdoi rekey latest")
    assert "Received rekey" not in do(lab, "GM1: show monitor event-trace gdoi registration all")
    do(lab, "GM1: monitor event-trace gdoi rekey clear", "GM1: monitor event-trace gdoi rekey disable")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert "Received rekey" not in do(lab, "GM1: show monitor event-trace gdoi all")
    assert debug_lines(lab, "GM1") == []
    do(lab, "GM1: monitor event-trace gdoi rekey enable", "GM1: monitor event-trace gdoi rekey size 1")
    do(lab, "KS1: crypto gdoi ks rekey", "KS1: crypto gdoi ks rekey", "wait 10")
    assert do(lab, "GM1: show monitor event-trace gdoi rekey all").count("Received rekey") == 1
