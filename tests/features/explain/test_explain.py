"""Explanations: off by default, below errors and shows when they are on, each with its source."""

from __future__ import annotations

import pytest

from iosemu.features.explain.texts import SHOWS
from tests.features.typist import new_router


def test_nothing_is_explained_by_default() -> None:
    typist = new_router()
    assert "iosemu:" not in typist.type("show ip route") + typist.type("show nonsense")
    typist.type("terminal iosemu explain on")
    assert "iosemu: Source:" in typist.type("show ip route")
    typist.type("terminal iosemu explain off")
    assert "iosemu:" not in typist.type("show ip route")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("show nonsense", "The caret stands"),
        ("show ip", "more must follow"),
        ("s", "stands for several words"),
        ("frobnicate", "taken for the name of a host"),
    ],
)
def test_errors_say_what_went_wrong(line: str, words: str) -> None:
    typist = new_router()
    plain = typist.type(line)
    typist.type("terminal iosemu explain on")
    printed = typist.type(line)
    assert printed.startswith(plain)
    added = printed.removeprefix(plain)
    assert words in added
    assert added.splitlines()[-1].startswith("iosemu: Source: concept:")


@pytest.mark.parametrize("words", SHOWS)
def test_shows_say_what_to_look_at_within_the_width_of_the_terminal(words: str) -> None:
    typist = new_router()
    typist.type("terminal iosemu explain on")
    typist.type("terminal width 60")
    added = typist.type(words).partition("iosemu: ")[2]
    assert "iosemu: Source: " in added
    assert all(len(line) <= 60 for line in added.splitlines()[1:])


def test_an_abbreviated_show_is_explained_too_and_the_longest_name_wins() -> None:
    typist = new_router()
    typist.type("terminal iosemu explain on")
    assert "RFC 6407 section 3 (GROUPKEY-PULL)" in typist.type("sh cry gdoi ks mem")
    assert "GROUPKEY-PUSH" in typist.type("sh cry gdoi")
