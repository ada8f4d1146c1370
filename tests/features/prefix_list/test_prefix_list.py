"""Prefix lists: numbers, what is refused, and what is shown."""

from __future__ import annotations

import pytest

from tests.features.typist import new_router, reloaded

LISTS = """
ip prefix-list PL description ours
ip prefix-list PL permit 10.0.0.1/8 le 24
ip prefix-list PL deny 0.0.0.0/0
ip prefix-list PL seq 7 permit 10.1.0.0/16 ge 20 le 30
"""


def test_entries_are_numbered_in_steps_of_five_and_printed_in_order() -> None:
    typist = new_router(LISTS)
    assert typist.section("ip prefix-list") == [
        "ip prefix-list PL description ours",
        "ip prefix-list PL seq 5 permit 10.0.0.0/8 le 24",
        "ip prefix-list PL seq 7 permit 10.1.0.0/16 ge 20 le 30",
        "ip prefix-list PL seq 10 deny 0.0.0.0/0",
    ]
    assert reloaded(typist).model == typist.router.model


def test_an_entry_goes_by_number_or_by_what_it_says_and_takes_an_empty_list_with_it() -> None:
    typist = new_router(LISTS)
    typist.configure("no ip prefix-list PL seq 7\nno ip prefix-list PL deny 0.0.0.0/0")
    assert len(typist.section("ip prefix-list")) == 2
    typist.configure("no ip prefix-list PL description\nno ip prefix-list PL seq 5")
    assert typist.section("ip prefix-list") == []
    assert "Can't find prefix-list PL" in typist.configure("no ip prefix-list PL")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("permit 10.0.0.0/8 ge 8", "% Invalid prefix range for 10.0.0.0/8"),
        ("permit 10.0.0.0/8 ge 24 le 16", "% Invalid prefix range for 10.0.0.0/8"),
        ("seq 5 permit 192.0.2.0/24", "%Insert failed - prefix-list entry exists"),
        ("seq 50 deny 0.0.0.0/0", "%Insert failed - prefix-list entry exists"),
    ],
)
def test_what_cannot_be_is_refused(line: str, error: str) -> None:
    typist = new_router(LISTS)
    before = typist.section("ip prefix-list")
    assert error in typist.configure(f"ip prefix-list PL {line}")
    assert typist.section("ip prefix-list") == before


def test_the_forms_of_the_show() -> None:
    typist = new_router(LISTS)
    assert typist.type("show ip prefix-list").splitlines()[:2] == [
        "ip prefix-list PL: 3 entries",
        "   seq 5 permit 10.0.0.0/8 le 24",
    ]
    summary = typist.type("show ip prefix-list summary")
    assert "   count: 3, range entries: 2, sequences: 5 - 10, refcount: 1" in summary
    assert typist.type("show ip prefix-list PL seq 7").count("seq") == 1
    typist.configure("no ip prefix-list sequence-number")
    assert "ip prefix-list PL deny 0.0.0.0/0" in typist.section("ip prefix-list")
