"""The time of day, typed."""

from __future__ import annotations

import pytest

from tests.features.typist import new_router


def test_the_clock_is_set_in_either_order_and_logged() -> None:
    typist = new_router()
    assert typist.type("show clock") == "*10:00:00.000 UTC Mon Jan 5 2026\n"
    typist.type("clock set 10:20:30 7 Aug 2025")
    assert typist.type("show clock detail") == "*10:20:30.000 UTC Thu Aug 7 2025\nNo time source\n"
    typist.type("clock set 1:02:03 feb 28 2030")
    typist.clock.run_until(86400)
    assert typist.type("show clock") == "*01:02:03.000 UTC Fri Mar 1 2030\n"
    assert (
        "%SYS-6-CLOCKUPDATE: System clock has been updated from 10:20:30 UTC Thu Aug 7 2025 to 01:02:03 UTC Thu Feb 28"
        " 2030, configured from console by console." in typist.type("show logging")
    )


def test_a_time_zone_moves_the_shown_time() -> None:
    typist = new_router("clock timezone IST 5 30\n")
    assert typist.type("show clock") == "*15:30:00.000 IST Mon Jan 5 2026\n"
    typist.configure("clock timezone EST -5")
    assert typist.type("show clock") == "*05:00:00.000 EST Mon Jan 5 2026\n"
    assert "clock timezone EST -5 0" in typist.type("show running-config").splitlines()
    typist.configure("no clock timezone")
    assert "clock timezone" not in typist.type("show running-config")


@pytest.mark.parametrize("line", ["clock set 25:00:00 1 Jan 2026", "clock set 10:00:00 31 Feb 2026", "clock set now"])
def test_an_impossible_time_is_refused(line: str) -> None:
    typist = new_router()
    assert "% Invalid input detected at '^' marker." in typist.type(line)
    assert typist.type("show clock") == "*10:00:00.000 UTC Mon Jan 5 2026\n"


def test_a_reload_is_scheduled_shown_and_cancelled() -> None:
    typist = new_router()
    typist.type("write memory")
    assert typist.type("show reload") == "No reload is scheduled.\n"
    text = (
        "Reload scheduled for 10:05:00 UTC Mon Jan 5 2026 (in 5 minutes) by console\nReload reason: maintenance night\n"
    )
    assert typist.type("reload in 5 maintenance night") == f"Proceed with reload? [confirm]\n{text}"
    assert typist.type("show reload") == text
    assert "--- SHUTDOWN ABORTED ---" in typist.type("reload cancel")
    assert typist.type("reload cancel") == "%No reload is scheduled.\n"
    assert "(in 13 hours and 30 minutes)" in typist.type("reload at 23:30")
    typist.clock.run_until(13.5 * 3600 + 1)
    assert "%SYS-5-RELOAD: Reload requested by console. Reload Reason: Reload Command." in typist.type("show logging")
    assert "Invalid input" in typist.type("reload in x")
