"""debug and undebug."""

from __future__ import annotations

import pytest

from iosemu.router.clock import VirtualClock
from tests.features.typist import boot, connect, new_router

NETWORK = "interface GigabitEthernet0/0\n ip address 10.0.0.{} 255.255.255.0\n"


def test_flags_are_set_listed_and_cleared() -> None:
    typist = new_router()
    assert typist.type("debug ip icmp") == "ICMP packet debugging is on\n"
    assert typist.type("debug crypto gdoi gm rekey event") == "Crypto GDOI debugging is on\n"
    assert typist.type("show debugging") == (
        "Generic IP:\n  ICMP packet debugging is on\nCryptographic Subsystem:\n  Crypto GDOI debugging is on\n\n"
    )
    assert typist.type("no debug ip icmp") == "ICMP packet debugging is off\n"
    assert typist.type("undebug all") == "All possible debugging has been turned off\n"
    assert typist.type("show debugging") == "\n"


@pytest.mark.parametrize("line", ["u all", "un all", "no debug all"])
def test_everything_goes_off_in_many_spellings(line: str) -> None:
    typist = new_router()
    typist.type("debug all")
    assert typist.type(line) == "All possible debugging has been turned off\n"
    assert typist.router.debugging.active == set()


def test_icmp_debugging_prints_what_comes_back() -> None:
    clock = VirtualClock(seed=1)
    left, right = boot(clock, NETWORK.format(1), "A"), boot(clock, NETWORK.format(2), "B")
    connect(left, "Gi0/0", right, "Gi0/0")
    clock.run_until(5)
    left.type("ping 10.0.0.2")
    assert "ICMP:" not in left.type("show logging")
    left.type("debug ip icmp")
    left.type("ping 10.0.0.2")
    assert left.type("show logging | count ICMP: echo reply rcvd, src 10.0.0.2") == (
        "Number of lines which match regexp = 5\n"
    )
