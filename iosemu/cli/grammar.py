"""All commands of a program, by mode and first word."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.cli.modes import PRIV_EXEC, USER_EXEC, Mode
from iosemu.cli.table import Command, CommandTable


class Grammar:
    """Shared by all sessions of a process; it never changes."""

    def __init__(self, tables: Iterable[CommandTable]) -> None:
        self._commands: dict[str, list[Command]] = {}
        for table in tables:
            for command in table.commands:
                self._commands.setdefault(command.mode.name, []).append(command)
        exec_commands = self._commands.get(USER_EXEC.name, []) + self._commands.get(PRIV_EXEC.name, [])
        self._commands[PRIV_EXEC.name] = exec_commands

    def commands(self, mode: Mode) -> list[Command]:
        """The commands of a mode; privileged EXEC has those of user EXEC too."""
        return self._commands.get(mode.name, [])
