"""debug and undebug."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from iosemu.labs.topology import load_topology
from iosemu.router.clock import VirtualClock
from tests.features.typist import Typist, boot, connect, new_router

LAB = Path(__file__).resolve().parents[3] / "examples" / "getvpn-basic"

NETWORK = "interface GigabitEthernet0/0\n ip address 10.0.0.{} 255.255.255.0\n"


def test_flags_are_set_listed_and_cleared() -> None:
    typist = new_router()
    assert typist.type("debug ip icmp") == "ICMP packet debugging is on\n"
    assert typist.type("debug crypto gdoi") == "Crypto GDOI debugging is on\n"
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


def test_isakmp_and_gdoi_debugging_print_messages_and_events_and_no_secret() -> None:
    clock = VirtualClock(seed=1)
    lab = Lab(load_topology(LAB), clock)
    asyncio.run(lab.boot())
    member = Typist(lab.routers["GM1"], clock)
    member.type("debug crypto isakmp")
    member.type("debug crypto gdoi")
    clock.run_until(60)
    text = member.type("show logging")
    assert "ISAKMP-PAK: (0):sending packet to 192.0.2.1 my_port 848 peer_port 848" in text
    assert "ISAKMP-PAK: (0):received packet from 192.0.2.1 my_port 848 peer_port 848" in text
    assert "GDOI:INFRA:(0): event RegistrationComplete" in text
    secrets = re.findall(r"crypto isakmp key (\S+)", member.type("show running-config"))
    assert secrets
    assert not any(secret in text for secret in secrets)
