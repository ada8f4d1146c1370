"""All commands of a program, by mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from iosemu.cli.modes import CONFIG, PRIV_EXEC, USER_EXEC, Mode
from iosemu.cli.spec import Node
from iosemu.cli.states import Entry, Root
from iosemu.cli.table import Command, CommandTable, Handler
from iosemu.cli.tokens import Token

NO, DEFAULT = Token("no"), Token("default")
# Views of restricted users are few; a bound keeps a long-lived process from collecting them.
VIEW_LIMIT = 64


def _accept(*_: object, **__: object) -> None:
    """`no` and `default` are no commands of their own."""


PREFIX = Command(Mode("", "", ""), "", (), _accept)
_PREFIXES = (
    Entry(PREFIX, Node(NO, "Negate a command or set its defaults")),
    Entry(PREFIX, Node(DEFAULT, "Set a command to its defaults")),
)


@dataclass(frozen=True)
class Access:
    """Which commands somebody may use; `key` tells two of them apart."""

    key: object
    allows: Callable[[Command], bool]


class Grammar:
    """Shared by all sessions of a process. `fallback` takes a single word that is no EXEC command."""

    def __init__(self, tables: Iterable[CommandTable]) -> None:
        self._commands: dict[str, list[Command]] = {}
        self.fallback: Handler | None = None
        for table in tables:
            self.fallback = table.fallback or self.fallback
            for command in table.commands:
                self._commands.setdefault(command.mode.name, []).append(command)
        exec_commands = self._commands.get(USER_EXEC.name, []) + self._commands.get(PRIV_EXEC.name, [])
        self._commands[PRIV_EXEC.name] = exec_commands
        self._roots: dict[tuple[str, bool], Root] = {}
        self._views: dict[tuple[str, bool, object], Root] = {}

    def commands(self, mode: Mode) -> list[Command]:
        """The commands of a mode; privileged EXEC has those of user EXEC too."""
        return self._commands.get(mode.name, [])

    def root(self, mode: Mode, negated: bool, access: Access | None = None) -> Root:
        """Where the words of a mode begin."""
        if access is None:
            found = self._roots.get((mode.name, negated))
            if found is None:
                found = self._roots[mode.name, negated] = self._make(mode, negated, self._offered(mode, negated))
            return found
        key = mode.name, negated, access.key
        if key not in self._views:
            if len(self._views) >= VIEW_LIMIT:
                self._views.clear()
            # A restricted user sees what is allowed of all EXEC commands, whatever their usual level.
            commands = self._offered(mode, negated) if mode.is_config else self.commands(PRIV_EXEC)
            self._views[key] = self._make(mode, negated, [item for item in commands if access.allows(item)])
        return self._views[key]

    def _offered(self, mode: Mode, negated: bool) -> list[Command]:
        """The commands of a mode; each mode of the configuration offers the way out too."""
        commands = self.commands(mode)
        if negated or not mode.is_config or mode.name == CONFIG.name:
            return commands
        exits = [item for item in self.commands(CONFIG) if item.in_place and item.spec == "exit"]
        return commands + [item for item in exits if all(own.spec != "exit" for own in commands)]

    @staticmethod
    def _make(mode: Mode, negated: bool, commands: list[Command]) -> Root:
        usable = [command for command in commands if not negated or command.no is not None]
        return Root(usable, negated, _PREFIXES if mode.is_config and not negated else ())
