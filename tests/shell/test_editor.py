"""The line editor: keys in, a plain terminal's screen out."""

from __future__ import annotations

from typing import Any

import pyte
import pytest

from iosemu.shell.editor import Event, LineEditor
from iosemu.shell.typed_line import LIMIT


class Typed:
    """An editor with a terminal behind it."""

    def __init__(self, prompt: str = "R1#", *, width: int = 80, **options: Any) -> None:
        self.editor = LineEditor(prompt, width=width, **options)
        self.screen = pyte.Screen(width or 200, 4)
        self.stream = pyte.Stream(self.screen)
        self.sent = self.editor.redraw()
        self.stream.feed(self.sent)

    def type(self, *chunks: str) -> Typed:
        for chunk in chunks:
            printed, rest = self.editor.feed(chunk)
            assert rest == ""
            self.sent += printed
            self.stream.feed(printed)
        return self

    @property
    def row(self) -> str:
        """The row that the cursor is in, as it is seen."""
        return self.screen.display[self.screen.cursor.y].rstrip()


@pytest.mark.parametrize(
    ("keys", "text", "cursor"),
    [
        ("show clock", "show clock", 10),
        ("clock\x01show ", "show clock", 5),
        ("show clock\x02\x02\x7f", "show clck", 7),
        ("abc\x02\x04", "ab", 2),
        ("one two three\x17", "one two ", 8),
        ("one two\x01\x1bf\x1bf\x1bb", "one two", 4),
        ("one two\x1bb\x0b", "one ", 4),
        ("one two\x1bb\x15", "two", 0),
        ("one two\x18", "", 0),
        ("one two\x01\x1bd", " two", 0),
        ("hsow\x01\x06\x14", "show", 2),
        ("shwo\x14", "show", 4),
        ("r1 lab\x01\x1bc\x1bu", "R1 LAB", 6),
        ("ABC DEF\x01\x1bl", "abc DEF", 3),
        ("one\x15two\x15\x19\x19", "twotwo", 6),
        ("one\x15two\x15\x19\x1by", "one", 3),
        ("one\x15two\x15\x19\x1by\x1by", "two", 3),
        ("a\x1b[Db\x1b[C\x1b[Hc\x1b[Fd", "cbad", 4),
        ("a\x1bOAb", "ab", 2),
        ("is it\x16?", "is it?", 6),
        ("is it\x1bq\t", "is it\t", 6),
        ("a\x00b", "ab", 2),
        ("ab\x01\x1b[3~", "b", 0),
    ],
)
def test_keys_edit_the_line(keys: str, text: str, cursor: int) -> None:
    at_once, one_by_one = Typed(helping=True).type(keys), Typed(helping=True).type(*keys)
    for typed in (at_once, one_by_one):
        assert (typed.editor.text, typed.editor.cursor) == (text, cursor)
        assert typed.row == f"R1#{text}".rstrip()
        if "\t" not in text:
            assert typed.screen.cursor.x == 3 + cursor


def test_only_characters_and_backspaces_are_printed() -> None:
    typed = Typed().type("show clock", "\x7f", "\x01", "x")
    assert typed.sent == "R1#show clock\b \b" + "\b" * 9 + "xshow cloc" + "\b" * 9


@pytest.mark.parametrize("keys", ["\x10", "\x0e", "\x1c", "\x1bz", "\x1b[Z", "\x19", "\x14"])
def test_what_cannot_be_done_rings_the_bell(keys: str) -> None:
    assert Typed().type(keys).sent == "R1#\a"


def test_the_history_is_walked_and_what_was_typed_comes_back() -> None:
    typed = Typed(history=("show clock", "show version")).type("half", "\x10")
    assert typed.row == "R1#show version"
    typed.type("\x1b[A")
    assert typed.row == "R1#show clock"
    typed.type("\x0e", "\x0e")
    assert typed.row == "R1#half"


def test_a_long_line_scrolls_by_ten_with_a_mark_at_the_edge() -> None:
    text = "".join(chr(ord("a") + n // 10) for n in range(100))
    typed = Typed(width=40).type(*text)
    assert typed.editor.offset == 70
    assert typed.row == "R1#$" + text[71:]
    typed.type("\x01")
    assert typed.row == "R1#" + text[:35] + "$"
    assert typed.screen.cursor.x == 3
    typed.type(*"\x06" * 36)
    assert typed.row == "R1#" + text[:35] + text[35]
    typed.type("\x06")
    assert typed.row == "R1#$" + text[11:45] + "$"


def test_a_terminal_without_an_edge_shows_the_whole_line() -> None:
    for width in (0, 511, 512):
        assert Typed(width=width).type("x" * 150).sent == "R1#" + "x" * 150


def test_a_line_has_an_end() -> None:
    typed = Typed(width=0).type("x" * LIMIT)
    assert typed.type("y").editor.text == "x" * LIMIT
    assert typed.sent.endswith("\a")


def test_without_editing_few_keys_work() -> None:
    typed = Typed(editing=False).type("one two", "\x1b[D", "\x17", "x", "\x01")
    assert typed.editor.text == "one x"
    assert typed.sent.endswith("\a")


def test_what_is_not_echoed_leaves_no_trace() -> None:
    typed = Typed("Password: ", echo=False).type("sec", "ret\x7f")
    assert (typed.editor.text, typed.sent) == ("secre", "Password: ")


def test_an_event_stops_the_editor_and_leaves_the_other_keys() -> None:
    editor = LineEditor("R1#", helping=True)
    assert editor.feed("show ?clock\rnext") == ("show ", "clock\rnext")
    assert editor.event is Event.HELP
    assert editor.feed("clock\rnext") == ("clock", "next")
    assert (editor.event, editor.text) == (Event.ENTER, "show clock")


def test_the_line_is_shown_again_on_demand() -> None:
    assert Typed().type("abc\x02", "\x12").sent == "R1#abc\b\r\nR1#abc\b"
