"""Line blocks: ranges, order, and what a session on the console takes from its line."""

from __future__ import annotations

import pytest

from tests.features.typist import Typist, new_router


def lines(typist: Typist) -> list[str]:
    text = typist.type("show running-config | begin ^line").splitlines()
    return text[1 : text.index("!")]


def test_every_router_has_its_lines() -> None:
    assert lines(new_router()) == ["line con 0", "line aux 0", "line vty 0 4"]


def test_a_range_is_split_where_a_part_of_it_is_set() -> None:
    typist = new_router("line vty 0 4\n login\n")
    typist.configure("line vty 2\nlength 0")
    assert lines(typist) == [
        "line con 0", "line aux 0", "line vty 0 1", " login", "line vty 2", " login", " length 0", "line vty 3 4",
        " login",
    ]  # fmt: skip
    typist.configure("line vty 0 15\nno login\ntransport input ssh")
    assert lines(typist)[-3:] == ["line vty 5 15", " no login", " transport input ssh"]
    assert lines(typist).count(" transport input ssh") == 4


def test_removed_lines_that_every_router_has_stay_without_settings() -> None:
    typist = new_router("line vty 0 4\n login\nline vty 5 15\n login\n")
    typist.configure("no line vty 0 15")
    assert lines(typist) == ["line con 0", "line aux 0", "line vty 0 4"]


def test_settings_are_printed_in_the_order_of_ios() -> None:
    typist = new_router()
    typist.configure(
        "line con 0\nstopbits 1\nlogging synchronous\nprivilege level 15\nexec-timeout 0 0\nexec-timeout 5"
    )
    assert lines(typist)[:5] == [
        "line con 0", " exec-timeout 5", " privilege level 15", " logging synchronous", " stopbits 1",
    ]  # fmt: skip


def test_a_session_begins_as_its_line_says() -> None:
    typist = new_router("line con 0\n length 0\n width 132\n history size 2\n privilege level 15\n")
    again = Typist(typist.router, typist.clock, privilege=1)
    assert again.session.prompt == "Router#"
    assert "Length: 0 lines, Width: 132 columns" in again.type("show terminal")
    again.type("show clock")
    assert again.type("show history") == "  show clock\n  show history\n"


@pytest.mark.parametrize("line", ["line vty 4 0", "line con 1", "line vty x", "line con 0 3"])
def test_a_line_that_cannot_be_is_refused(line: str) -> None:
    typist = new_router()
    assert "% Invalid input detected at '^' marker." in typist.configure(line)
    assert lines(typist) == ["line con 0", "line aux 0", "line vty 0 4"]


def test_clearing_the_console_line_ends_its_session() -> None:
    typist = new_router()
    assert typist.type("clear line vty 0") == "[confirm]\n [OK]\n"
    assert not typist.session.closed
    typist.type("clear line 0")
    assert typist.session.closed


def test_protocols_are_written_out_and_others_refused() -> None:
    typist = new_router()
    typist.configure("line vty 0 4\ntransport input tel ss")
    assert " transport input telnet ssh" in typist.section("line vty 0 4")
    assert "^" in typist.configure("line vty 0 4\ntransport input smtp")
    assert " transport input telnet ssh" in typist.section("line vty 0 4")
