"""The console: a session on the terminal that the program was started from."""

from __future__ import annotations

import sys

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.input.ansi_escape_sequences import REVERSE_ANSI_SEQUENCES
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output, create_output

from iosemu.cli import Session
from iosemu.features.aaa.login import arrive
from iosemu.router.clock import Clock
from iosemu.shell.terminal import HungUp, Idle, Terminal
from iosemu.shell.tty import Left, Tty

__all__ = ["Console", "Left"]


class Console:
    """One terminal on one session; prompt_toolkit reads its keys, whatever system it belongs to."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        terminal_input: Input | None = None,
        terminal_output: Output | None = None,
        can_leave: bool = False,
    ) -> None:
        self._session = session
        self._input = terminal_input or create_input()
        self._output = terminal_output or create_output()
        self._terminal = Terminal(self._send)
        self._tty = Tty(session, clock, self._terminal, leaving=can_leave)

    async def run(self) -> None:
        """Until the session ends; raises Left when the user goes elsewhere."""
        # Raw all the time, not only at prompts: what is typed while a command runs belongs to the next prompt.
        with self._input.raw_mode():
            # What was pasted at once is for this console and for the prompts before and after it, in its order.
            self._feed(get_typeahead(self._input))
            try:
                with self._input.attach(self._keys_ready):
                    await self._sessions()
            except (EOFError, PermissionError):
                # A file cannot be waited for.
                self._terminal.feed(sys.stdin.read().replace("\n", "\r"))
                self._terminal.hang_up()
                await self._sessions()
            finally:
                give_back(self._input, self._terminal.take())

    async def _sessions(self) -> None:
        """One session after the other: an idle one ends, and whoever presses Return begins the next."""
        session = self._session
        # A console that somebody has left is as it was.
        greeting = None if session.depth or session.privilege > 1 else arrive(session)
        while True:
            try:
                await self._tty.run(greeting)
            except Idle:
                session.restart()
            if not session.turned_away and session.closed:
                return
            session.closed = session.turned_away = False
            try:
                await self._press_return()
            except HungUp:
                session.closed = True
                return
            greeting = arrive(session)

    async def _press_return(self) -> None:
        hostname = self._session.router.hostname
        self._terminal.write(f"\n{hostname} con0 is now available\n\n\n\nPress RETURN to get started.\n")
        while await self._terminal.key() not in ("\r", "\n"):
            pass
        self._terminal.write("\n")

    def _keys_ready(self) -> None:
        self._feed(self._input.read_keys() + self._input.flush_keys())
        if self._input.closed:
            self._terminal.hang_up()

    def _feed(self, presses: list[KeyPress]) -> None:
        self._terminal.feed("".join(map(_characters, presses)))

    def _send(self, text: str) -> None:
        self._output.write_raw(text)
        self._output.flush()


def give_back(terminal_input: Input, keys: str) -> None:
    """Keep keys for whoever reads next."""
    presses: list[KeyPress] = []
    parser = Vt100Parser(presses.append)
    parser.feed(keys)
    parser.flush()
    store_typeahead(terminal_input, presses)


def _characters(press: KeyPress) -> str:
    """What a terminal sends for a key; some systems report only which key it was."""
    if press.data or not isinstance(press.key, Keys):
        return press.data
    return REVERSE_ANSI_SEQUENCES.get(press.key, "")
