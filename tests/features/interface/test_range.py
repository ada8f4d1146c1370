"""Ranges of interfaces: one line for all of them."""

from __future__ import annotations

import pytest

from tests.features.typist import new_router

ROUTER = "".join(f"interface GigabitEthernet0/{number}\n shutdown\n" for number in range(4))


def test_every_line_counts_for_every_interface() -> None:
    typist = new_router(ROUTER)
    typist.type("configure terminal")
    typist.type("interface range g0/0 - 1 , Gi0/3,Loopback10-12")
    assert typist.session.prompt == "Router(config-if-range)#"
    assert typist.type("ip inspect FW in").count("without effect") == 1
    assert [typist.type(line) for line in ("description many", "no shutdown", "exit")] == ["", "", ""]
    assert typist.session.prompt == "Router(config)#"
    typist.type("end")
    for name in ("GigabitEthernet0/0", "GigabitEthernet0/1", "GigabitEthernet0/3", "Loopback10", "Loopback12"):
        lines = typist.section(f"interface {name}")
        assert {" description many", " ip inspect FW in"} <= set(lines)
        assert " shutdown" not in lines
    assert " shutdown" in typist.section("interface GigabitEthernet0/2")


def test_what_one_refuses_the_others_take() -> None:
    typist = new_router(ROUTER)
    printed = typist.configure("interface range Gi0/0 - 1\nno shutdown\nip address 10.0.0.1 255.255.255.0")
    assert printed == "% 10.0.0.0 overlaps with GigabitEthernet0/0\n"


def test_a_range_is_removed_or_reset() -> None:
    typist = new_router(ROUTER)
    typist.configure("interface range Loopback1 - 3\ndescription x\nno interface range Loopback1 - 2")
    assert typist.section("interface Loopback") == ["interface Loopback3", " description x", " no ip address"]
    assert typist.configure("default interface range Gi0/0 - 1").count("set to default configuration") == 2
    assert "not permitted" in typist.configure("no interface range Gi0/0 - 1")


@pytest.mark.parametrize(
    "text", ["Gi0/0 - 9", "Gi9/0", "Foo1 - 2", "Loopback5 - 1", "Loopback1 - 99999", ",", "Lo1 - x"]
)
def test_what_is_no_range_makes_nothing(text: str) -> None:
    typist = new_router(ROUTER)
    before = typist.type("show running-config | section ^interface")
    assert "% Invalid input" in typist.configure(f"interface range {text}")
    assert typist.type("show running-config | section ^interface") == before
