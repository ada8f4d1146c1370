"""What is printed about a line that no command takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.match import Position, Result

if TYPE_CHECKING:
    from iosemu.cli.session import Session


def failure(session: Session, position: Position, command: str, start: int = 0) -> str:
    """The text for a line that did not match; `start` is the column in which the command begins."""
    words = command.split()
    if position.result is Result.AMBIGUOUS:
        return f'% Ambiguous command:  "{command.strip()}"\n'
    if position.result is Result.INCOMPLETE:
        if len(words) == 1 and "show".startswith(words[0].lower()):
            return '% Type "show ?" for a list of subcommands\n'
        return "% Incomplete command.\n\n"
    return caret(session, start + position.column)


def caret(session: Session, column: int) -> str:
    """A caret under a column of the line that was typed behind the prompt."""
    blanks = " " * max(len(session.prompt) + column - session.scrolled, 0)
    return f"{blanks}^\n% Invalid input detected at '^' marker.\n\n"


def further(position: Position, other: Position) -> bool:
    """Whether a failure tells the user more than another one, because more of the line matched."""
    order = {Result.NO_MATCH: 0, Result.AMBIGUOUS: 1, Result.INCOMPLETE: 2}
    return (order[position.result], position.column) > (order[other.result], other.column)
