"""Aliases: another first word for a command."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.modes import PRIV_EXEC, USER_EXEC, Mode

# Of lowest rank: they count only for words that would be ambiguous otherwise.
BUILT_IN = {
    "h": "help",
    "lo": "logout",
    "p": "ping",
    "r": "resume",
    "s": "show",
    "u": "undebug",
    "un": "undebug",
    "w": "where",
}


@dataclass
class Aliases:
    """Expansions by mode name and alias."""

    entries: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, mode: Mode) -> dict[str, str]:
        """The aliases of a mode; user EXEC has those of privileged EXEC."""
        name = PRIV_EXEC.name if mode is USER_EXEC else mode.name
        return {alias: text for (where, alias), text in self.entries.items() if where == name}

    def expand(self, mode: Mode, line: str) -> str:
        """A line with its first word replaced, arguments behind it."""
        if not self.entries:
            return line
        stripped = line.lstrip()
        word, blank, rest = stripped.partition(" ")
        text = self.of(mode).get(word)
        return line if text is None else f"{text}{blank}{rest}"


def expand_built_in(line: str) -> str | None:
    """A line with a built-in alias and arguments behind it in full; None when it is none."""
    word, blank, rest = line.lstrip().partition(" ")
    return f"{BUILT_IN[word]} {rest}" if blank and rest.strip() and word in BUILT_IN else None
