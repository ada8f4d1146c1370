"""The interactive lab console: choose a node, come back with Ctrl-]."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from iosemu.labs.lab import Lab
from iosemu.labs.runner import LAB_COMMANDS, lab_command, run_item
from iosemu.labs.topology import LabError
from iosemu.shell.console import Console, Left, give_back
from iosemu.shell.plain import Aborted

HELP = f"""\
NODE                    go to a node's console; Ctrl-] comes back
NODE: COMMAND           run one command there
nodes                   list the nodes
{LAB_COMMANDS}
exit                    end the lab
"""


@contextlib.contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Each Ctrl-C that is typed meanwhile: it ends the command that runs, not the lab."""
    typed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: typed.append(number))
    try:
        yield typed
    finally:
        signal.signal(signal.SIGINT, before)


class LabConsole:
    """Reads lab commands and opens consoles."""

    def __init__(self, lab: Lab, terminal_input: Input | None = None, terminal_output: Output | None = None) -> None:
        self._lab = lab
        self._input = terminal_input
        self._output = terminal_output
        words = [*lab.topology.nodes, "wait", "link", "power", "reset", "save", "nodes", "exit", "help"]
        self._prompts: PromptSession[str] = PromptSession(
            input=terminal_input, output=terminal_output, completer=WordCompleter(words)
        )

    async def run(self) -> None:
        """Until the user ends the lab."""
        self._print(f"Lab {self._lab.topology.name}: {', '.join(self._lab.topology.nodes)}\n{HELP}")
        while True:
            try:
                text = await self._prompts.prompt_async("lab> ")
            except KeyboardInterrupt:
                self._print("exit or Ctrl-D ends the lab\n")
                continue
            except EOFError:
                return
            # Lines that are pasted together may be for the node that the first one goes to.
            first, feed, rest = text.partition("\n")
            give_back(self._prompts.input, f"{rest}{feed}".replace("\n", "\r"))
            line = first.strip()
            if line in ("exit", "quit"):
                return
            if line:
                await self._line(line)

    async def _line(self, line: str) -> None:
        lab = self._lab
        try:
            if line in ("help", "?"):
                self._print(HELP)
            elif line == "nodes":
                rows = [f"{name:<16}{'on' if name in lab.routers else 'off'}\n" for name in lab.topology.nodes]
                self._print("".join(rows))
            elif line in lab.topology.nodes:
                await self._connect(line)
            elif line.partition(":")[0] in lab.topology.nodes:
                await self._run(run_item, line)
            else:
                await self._run(lab_command, line)
            lab.flush()
            lab.check_files()
        except LabError as error:
            self._print(f"{error}\n")

    async def _run(self, run: Callable[[Lab, str, Aborted], Awaitable[str]], line: str) -> None:
        with _interrupts() as typed:
            printed = await run(self._lab, line, lambda: bool(typed))
            self._print(f"\n{printed}" if typed else printed)

    async def _connect(self, name: str) -> None:
        session = self._lab.session(name)
        console = Console(
            session,
            self._lab.clock,
            terminal_input=self._input,
            terminal_output=self._output,
            can_leave=True,
        )
        self._print(f"Connected to {name}; Ctrl-] returns to the lab.\n")
        with contextlib.suppress(Left):
            await console.run()
        session.closed = False

    def _print(self, text: str) -> None:
        output = self._prompts.output
        output.write_raw(text.replace("\n", "\r\n"))
        output.flush()
