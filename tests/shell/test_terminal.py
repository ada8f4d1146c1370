"""A terminal: line ends, waiting, and where the cursor is."""

from __future__ import annotations

import asyncio

import pytest

from iosemu.shell.terminal import HungUp, Idle, Terminal


@pytest.mark.parametrize(
    ("chunks", "keys"),
    [
        (["a\rb"], "a\rb"),
        (["a\nb\n"], "a\nb\n"),
        (["a\r\nb\r\0c"], "a\rb\rc"),
        (["a\r", "\nb"], "a\rb"),
        (["a\r", "\0", "\n\n"], "a\r\n"),
        (["\r\r\n\n"], "\r\r\n"),
    ],
)
def test_each_enter_counts_once(chunks: list[str], keys: str) -> None:
    terminal = Terminal(lambda text: None)
    for chunk in chunks:
        terminal.feed(chunk)
    assert asyncio.run(terminal.read()) == keys


def test_a_reader_waits_gives_up_or_learns_that_nobody_is_there() -> None:
    async def run() -> None:
        terminal = Terminal(lambda text: None)
        with pytest.raises(Idle):
            await terminal.read(0.01)
        waiting = asyncio.create_task(terminal.key())
        await asyncio.sleep(0)
        terminal.feed("xy")
        assert await waiting == "x"
        assert await terminal.read() == "y"
        terminal.hang_up()
        with pytest.raises(HungUp):
            await terminal.read()

    asyncio.run(run())


def test_an_abort_forgets_what_was_typed_before_it() -> None:
    terminal = Terminal(lambda text: None)
    terminal.feed("abc")
    assert not terminal.aborted("\x03\x1e")
    terminal.feed("\x03rest")
    assert terminal.aborted("\x03\x1e")
    assert asyncio.run(terminal.read()) == "rest"


def test_the_column_is_known() -> None:
    sent: list[str] = []
    terminal = Terminal(sent.append)
    terminal.write("R1#show")
    assert terminal.column == 7
    terminal.draw("\b \b")
    assert terminal.column == 6
    terminal.new_row()
    terminal.new_row()
    terminal.write("a\nbc")
    assert (terminal.column, "".join(sent)) == (2, "R1#show\b \b\r\na\r\nbc")
