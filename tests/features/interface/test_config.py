"""`interface` and the lines below it, typed and printed back."""

from __future__ import annotations

import pytest

from tests.features.typist import Typist, new_router, reloaded

ONE = """
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
interface GigabitEthernet0/1
 no ip address
 shutdown
"""


@pytest.fixture
def router() -> Typist:
    return new_router(ONE)


def test_the_lines_of_an_interface_are_printed_in_the_order_of_ios(router: Typist) -> None:
    router.configure("""
        interface gi0/1
        crypto map NOWHERE
        speed auto
        duplex auto
        ip tcp adjust-mss 1360
        ip mtu 1400
        no ip redirects
        ip access-group 101 in
        ip address 10.1.0.1 255.255.255.0
        ip address 10.1.1.1 255.255.255.0 secondary
        bandwidth 2048
        mtu 1450
        description a  b
    """)
    lines = router.section("interface GigabitEthernet0/1")
    assert [line for line in lines if "crypto" not in line] == [
        "interface GigabitEthernet0/1",
        " description a  b",
        " mtu 1450",
        " bandwidth 2048",
        " ip address 10.1.0.1 255.255.255.0",
        " ip address 10.1.1.1 255.255.255.0 secondary",
        " no ip redirects",
        " ip access-group 101 in",
        " ip mtu 1400",
        " ip tcp adjust-mss 1360",
        " shutdown",
        " duplex auto",
        " speed auto",
    ]


@pytest.mark.parametrize("typed", ["g0/0", "gi 0/0", "Gig0/0", "GigabitEthernet 0/0", "GIGABITETHERNET0/0"])
def test_an_interface_is_found_by_every_spelling(router: Typist, typed: str) -> None:
    router.type("configure terminal")
    assert router.type(f"interface {typed}") == ""
    assert router.session.prompt == "Router(config-if)#"
    assert router.session.target.name.number == "0/0"


def test_hardware_that_is_not_there_gets_the_caret_under_its_number(router: Typist) -> None:
    router.type("configure terminal")
    typed = "interface GigabitEthernet0/7"
    caret, message, *_ = router.type(typed).splitlines()
    assert (router.session.prompt + typed)[caret.index("^") :] == "0/7"
    assert message == "% Invalid input detected at '^' marker."


def test_loopbacks_come_and_go_but_hardware_stays(router: Typist) -> None:
    router.configure("interface lo0\nip address 10.255.0.1 255.255.255.255\nip access-group X in")
    assert "interface Loopback0" in router.type("show running-config")
    router.configure("no interface lo0")
    assert "Loopback0" not in router.type("show running-config")
    assert "Loopback0" not in router.type("show ip interface brief")
    router.configure("interface lo0")
    assert router.section("interface Loopback0") == ["interface Loopback0", " no ip address"]
    assert router.configure("no interface gi0/0") == "% Removal of physical interfaces is not permitted.\n"


def test_default_interface_forgets_everything_about_it(router: Typist) -> None:
    router.configure("interface gi0/0\nduplex auto\nip access-group X in\ndescription x")
    printed = router.configure("default interface gi0/0")
    assert printed == "Interface GigabitEthernet0/0 set to default configuration\n"
    assert router.section("interface GigabitEthernet0/0") == ["interface GigabitEthernet0/0", " no ip address"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ip address 10.0.0.0 255.255.255.0", "Bad mask 0xFFFFFF00 for address 10.0.0.0"),
        ("ip address 10.9.0.255 255.255.255.0", "Bad mask 0xFFFFFF00 for address 10.9.0.255"),
        ("ip address 10.9.0.1 255.0.255.0", "Bad mask 0xFF00FF00 for address 10.9.0.1"),
        ("ip address 10.9.0.1 0.0.0.255", "Bad mask 0x000000FF for address 10.9.0.1"),
        ("ip address 10.0.0.77 255.255.255.128", "% 10.0.0.0 overlaps with GigabitEthernet0/0"),
        ("ip address 224.0.0.5 255.255.255.0", "Not a valid host address - 224.0.0.5"),
        ("ip address 10.9.0.1 255.255.255.0 secondary", "% Primary address must be configured first"),
    ],
)
def test_addresses_that_cannot_be(router: Typist, line: str, error: str) -> None:
    assert router.configure(f"interface gi0/1\nno shutdown\n{line}") == f"{error}\n"
    assert router.section("interface GigabitEthernet0/1")[1] == " no ip address"


def test_an_interface_that_is_shut_down_may_overlap_until_it_comes_up(router: Typist) -> None:
    assert router.configure("interface gi0/1\nip address 10.0.0.9 255.255.255.0") == ""
    printed = router.configure("interface gi0/1\nno shutdown")
    assert "% 10.0.0.0 overlaps with GigabitEthernet0/0" in printed
    assert "GigabitEthernet0/1: incorrect IP address assignment" in printed
    assert " shutdown" in router.section("interface GigabitEthernet0/1")


def test_secondary_addresses_go_before_the_primary_one(router: Typist) -> None:
    router.configure("interface gi0/0\nip address 10.7.0.1 255.255.255.0 secondary")
    printed = router.configure("interface gi0/0\nno ip address 10.0.0.1 255.255.255.0")
    assert printed == "% Must delete secondary before deleting primary\n"
    router.configure("interface gi0/0\nno ip address 10.7.0.1 255.255.255.0 secondary")
    assert router.configure("interface gi0/0\nno ip address 10.0.0.1 255.255.255.0") == ""
    assert router.section("interface GigabitEthernet0/0")[1] == " no ip address"


def test_a_sub_interface_needs_its_tag_first(router: Typist) -> None:
    router.type("configure terminal")
    router.type("interface gi0/1.10")
    assert router.session.prompt == "Router(config-subif)#"
    assert "only allowed if that" in router.type("ip address 10.10.0.1 255.255.255.0")
    assert router.type("encapsulation dot1q 10") == ""
    assert router.type("ip address 10.10.0.1 255.255.255.0") == ""
    router.type("interface gi0/1.11")
    assert "already configured on GigabitEthernet0/1.10" in router.type("encapsulation dot1q 10")
    router.type("end")
    assert router.section("interface GigabitEthernet0/1.10") == [
        "interface GigabitEthernet0/1.10",
        " encapsulation dot1Q 10",
        " ip address 10.10.0.1 255.255.255.0",
    ]
    router.configure("no interface gi0/1.10")
    assert "0/1.10" not in router.type("show running-config")


def test_what_was_typed_survives_a_reload(router: Typist) -> None:
    router.configure("""
        interface gi0/1
        no shutdown
        mtu 1400
        ip mtu 1300
        description x
        interface gi0/1.5
        encapsulation dot1Q 5
        ip address 10.5.0.1 255.255.255.0
        interface lo3
        ip address 10.3.0.1 255.255.255.255
        bandwidth 77
    """)
    assert reloaded(router).model == router.router.model
