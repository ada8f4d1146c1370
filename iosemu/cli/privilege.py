"""Privilege levels: which commands a level may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.grammar import Access
from iosemu.cli.modes import PRIV_EXEC, USER_EXEC
from iosemu.cli.table import Command

ALL = 15


@dataclass
class PrivilegeLevels:
    """Which privilege level may use which commands, as `privilege` lines say: mode and leading words, with the level
    that the commands are moved to."""

    rules: dict[tuple[str, str], int] = field(default_factory=dict)

    def level_of(self, command: Command) -> int:
        """The lowest level that may use a command: that of the longest rule, else its own."""
        mode = PRIV_EXEC.name if command.mode.name == USER_EXEC.name else command.mode.name
        words = command.keywords
        rules = [
            (len(rule.split()), level)
            for (where, rule), level in self.rules.items()
            if where == mode and words[: len(rule.split())] == tuple(rule.split())
        ]
        return max(rules)[1] if rules else command.level


def access_of(levels: PrivilegeLevels, level: int) -> Access | None:
    """The access of a privilege level, None for the highest."""
    if level >= ALL:
        return None
    key = level, tuple(sorted(levels.rules.items()))
    return Access(key, lambda command: levels.level_of(command) <= level)
