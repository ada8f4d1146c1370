"""Aliases and privilege levels."""

from __future__ import annotations

from tests.features.typist import Typist, new_router


def test_an_alias_stands_for_the_first_word() -> None:
    typist = new_router("alias exec c configure terminal\nalias exec sib show ip interface brief\n")
    assert typist.type("sib").startswith("Interface  ")
    assert typist.type("sib | count Interface") == "Number of lines which match regexp = 1\n"
    typist.type("c")
    assert typist.session.prompt == "Router(config)#"
    typist.type("no alias exec c")
    assert "alias exec sib show ip interface brief" in typist.type("do show running-config")
    assert "alias exec c " not in typist.type("do show running-config")


def test_an_alias_of_configuration_mode() -> None:
    typist = new_router("alias configure lo0 interface Loopback0\n")
    typist.configure("lo0\ndescription made by an alias")
    assert " description made by an alias" in typist.section("interface Loopback0")


def test_built_in_aliases_rank_lowest() -> None:
    typist = new_router()
    assert typist.type("s") == '% Ambiguous command:  "s"\n'
    assert typist.type("p 10.0.0.1").startswith("Type escape sequence to abort.")
    assert "  p                     ping\n" in typist.type("show aliases")


def restricted(text: str, level: int) -> Typist:
    typist = new_router(text)
    typist.session.privilege = level
    return typist


def test_a_command_that_was_moved_down_can_be_used_and_nothing_else() -> None:
    typist = restricted("privilege exec level 5 show running-config\nprivilege exec level 5 configure terminal\n", 5)
    assert typist.session.prompt == "Router#"
    assert typist.type("show running-config").startswith("Building configuration...")
    assert "Translating" in typist.type("reload")
    assert typist.type("show startup-config").splitlines()[1] == "% Invalid input detected at '^' marker."
    assert "running-config" in typist.session.help("show r")
    assert "startup-config" not in typist.session.help("show ")
    assert typist.type("show privilege") == "Current privilege level is 5\n"


def test_a_command_that_was_moved_up_is_gone_below() -> None:
    typist = restricted("privilege exec level 15 ping\n", 1)
    assert "Invalid input" in typist.type("ping 10.0.0.1")
    assert "ping" not in typist.session.help("")


def test_level_zero_has_five_commands() -> None:
    typist = restricted("", 0)
    words = [line.split()[0] for line in typist.session.help("").splitlines()[1:] if line.strip()]
    assert words == ["disable", "enable", "exit", "help", "logout"]


def test_privilege_lines_are_printed_and_reset() -> None:
    typist = new_router()
    typist.configure("privilege exec level 7 clear logging\nprivilege configure level 7 hostname")
    lines = typist.type("show running-config").splitlines()
    assert "privilege exec level 7 clear logging" in lines
    assert "privilege configure level 7 hostname" in lines
    typist.configure("privilege exec reset clear logging\nno privilege configure level 7 hostname")
    assert "privilege" not in typist.type("show running-config")
