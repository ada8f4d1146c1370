"""Writes docs/commands.md: every command, by mode, with what it does here.

python docs/generate_commands.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "commands.md"
HEAD = """\
# Commands

Made by `python docs/generate_commands.py` from the declarations of the commands; a test fails where this page is not up
to date. *emulated*: the command does what it does on a router. *kept*: the line is accepted, kept, printed in its place
and removed by `no`, without effect (`show iosemu kept` lists such lines of a configuration); an EXEC command of this
kind says that it is not emulated. What is not listed here is absent, and answered with the error of IOS.

`(a|b)` is a choice, `[x]` optional, `{a|b}` any of them in any order; capitals and `<1-9>` are values.
"""


def rows() -> Iterator[tuple[str, str, bool, bool]]:
    """Mode, spec, whether there is a `no`, whether the command is only kept."""
    from iosemu.cli.builtin import BUILTIN
    from iosemu.features.feature import discover

    tables = [BUILTIN, *(table for feature in discover() for table in feature.tables)]
    for table in tables:
        for command in table.commands:
            if not command.hidden:
                yield command.mode.name, bare(command.spec), command.no is not None, command.kept


def bare(spec: str) -> str:
    """A spec without the names that its words are bound to."""
    return re.sub(r"\$[A-Za-z_]+", "", spec)


def page() -> str:
    """The whole page."""
    modes: dict[str, dict[str, tuple[bool, bool]]] = {}
    for mode, spec, negatable, kept in rows():
        modes.setdefault(mode, {})[spec] = negatable, kept
    emulated = sum(not kept for specs in modes.values() for _, kept in specs.values())
    total = sum(map(len, modes.values()))
    lines = [HEAD, f"{total} commands: {emulated} emulated, {total - emulated} kept.", ""]
    for mode in sorted(modes):
        lines += [f"## {mode}", "", "| command | `no` | state |", "|---|---|---|"]
        for spec, (negatable, kept) in sorted(modes[mode].items()):
            cell = spec.replace("|", "\\|")
            lines.append(f"| `{cell}` | {'yes' if negatable else ''} | {'kept' if kept else 'emulated'} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    TARGET.write_text(page())
