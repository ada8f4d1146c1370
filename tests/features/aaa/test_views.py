"""Parser views show their commands and no others."""

from __future__ import annotations

from tests.features.typist import new_router, reloaded

VIEW = """aaa new-model
enable secret 0 root
parser view NOC
 secret 0 noc
 commands exec include show version
 commands exec include all show ip
 commands exec include configure terminal
 commands configure include hostname
"""


def test_a_view_has_its_commands_alone() -> None:
    typist = new_router(VIEW)
    assert typist.type("enable view NOC", "wrong") == "Password: \n% Authentication failed\n\n"
    typist.type("enable view NOC", "noc")
    assert typist.type("show parser view") == "Current view is 'NOC'\n"
    assert "uptime" in typist.type("show version")
    assert "Codes:" in typist.type("show ip route")
    assert "Invalid input" in typist.type("show running-config")
    assert "reload" not in typist.session.help("")
    typist.type("configure terminal")
    typist.type("hostname VIEWED")
    assert "Invalid input" in typist.type("interface Loopback0")
    typist.type("end")
    assert typist.router.hostname == "VIEWED"
    typist.type("enable view", "root")
    assert typist.type("show parser view") == "Current view is 'root'\n"
    assert "Building" in typist.type("show running-config")


def test_a_view_needs_aaa_and_a_secret_and_is_printed() -> None:
    assert "%  AAA must be configured." in new_router().configure("parser view X")
    typist = new_router("aaa new-model\n")
    assert "%Password not set for the view X" in typist.configure("parser view X\ncommands exec include show clock")
    typist.configure("parser view X\nsecret 5 $1$abcd$8cTMDWAGIb1yA9rX3ICjq.\ncommands exec exclude show clock")
    assert typist.section("parser view")[0] == "parser view X"
    assert typist.section("parser view")[-1] == " commands exec exclude show clock"
    assert reloaded(typist).model == typist.router.model
