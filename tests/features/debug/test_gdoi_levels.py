"""`debug crypto gdoi` by side, feature, level and peer; the traces of events that are kept all the time."""

from __future__ import annotations

import pytest

from iosemu.features.debug.gdoi import covers
from iosemu.labs.lab import Lab
from tests.features.typist import new_router
from tests.lab.driver import do, log
from tests.lab.test_basic_lab import boot


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


def debug_lines(lab: Lab, node: str) -> list[str]:
    return [line for line in log(lab, node).splitlines() if "GDOI:" in line and not line.startswith("%")]


def test_only_what_is_wanted_is_printed() -> None:
    lab = boot()
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


def test_traces_need_no_debugging() -> None:
    lab = boot()
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
