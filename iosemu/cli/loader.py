"""Loading a saved running-config."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.cli.errors import CommandError
from iosemu.cli.grammar import Grammar
from iosemu.cli.modes import CONFIG
from iosemu.cli.session import Session
from iosemu.cli.table import Command
from iosemu.router.router import Router


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that could not be taken; `number` counts from 1. `column` is where a caret would stand, if it would."""

    number: int
    text: str
    reason: str
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """A line that was taken, with a warning; `printed` is what a console shows, `reason` the same in one line."""

    number: int
    text: str
    printed: str

    @property
    def reason(self) -> str:
        return _reason(self.printed)


Warn = Callable[[Caution], None]
Observer = Callable[[int, Command], None]
# How what is said of a line begins that was taken nevertheless.
_NOTES = ("% NOTE", "%% NOTE")
_WARNINGS = ("% WARNING", "WARNING")
# What a text may have beside printable characters: tabs, ends of lines and pages, and the delimiter of banners.
_CONTROLS = frozenset("\t\n\r\f\x03")


class NotTextError(ValueError):
    """A file is no text."""


def text_of(data: bytes) -> str:
    """The text of a file: UTF-8, with or without a mark of it, or what Windows and old terminals wrote before; raises
    NotTextError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise NotTextError from error
    if any(character < " " and character not in _CONTROLS for character in text):
        raise NotTextError
    return text


def read_as_text(data: bytes) -> str:
    """The text of a file that may be anything: what is no text has lines too, and each of them will be refused."""
    try:
        return text_of(data)
    except NotTextError:
        return data.decode("latin-1")


def load_config(
    router: Router,
    grammar: Grammar,
    text: str,
    *,
    observe: Observer | None = None,
    warn: Warn = lambda caution: None,
    commit: bool = True,
) -> list[Refusal]:
    """Apply every line, then commit once. Sub-modes follow the indentation, one blank per level. `observe` is told
    the number of each line that was taken and the command that took it, `warn` of those that were taken with a
    warning."""
    session = Session(router, grammar, privilege=15, loading=True)
    session.enter(CONFIG)
    refusals: list[Refusal] = []
    refused_depth: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if session.mode.verbatim:
            _apply(session, number, line, warn)
            continue
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if not stripped or stripped.startswith("!"):
            continue
        if indent == 0 and stripped == "end":
            break
        if refused_depth is not None and indent > refused_depth:
            refusals.append(Refusal(number, line, "the line above it was refused"))
            continue
        refused_depth = None
        refusal = _apply_indented(session, number, line, indent, warn)
        if refusal is not None:
            refusals.append(refusal)
            refused_depth = indent
        elif observe is not None and session.last_command is not None:
            observe(number, session.last_command)
    if session.mode.raw is not None:
        # Closed here, so that what is printed can be loaded again.
        refusals.append(Refusal(len(text.splitlines()), "", "the file ends within a text that has no end"))
        session.mode.raw(session.target, session.target.end)
    if commit:
        router.commit()
    return refusals


def _apply_indented(session: Session, number: int, line: str, indent: int, warn: Warn) -> Refusal | None:
    """Run a line in the mode that its indentation stands for. A line that is refused changes no mode."""
    deeper = session.levels
    session.unwind(indent + 1)
    depth = session.depth
    refusal = _apply(session, number, line, warn)
    if refusal is not None and len(deeper) > depth:
        # Some releases print what belongs to a sub-mode one blank too far to the left.
        session.levels = deeper
        if _apply(session, number, line, warn) is None:
            return None
    if refusal is not None:
        session.unwind(depth)
    return refusal


def _apply(session: Session, number: int, line: str, warn: Warn) -> Refusal | None:
    """Run a line; what it printed beside an error is no refusal."""
    if session.mode.raw is not None:
        session.mode.raw(session.target, line)
        return None
    try:
        printed = "".join(step for step in session.execute(line.rstrip()) if isinstance(step, str))
    except CommandError as error:
        if error.at is None:
            return Refusal(number, line, _reason(error.text))
        return Refusal(number, line, f"invalid input at {error.at!r}", max(line.rfind(error.at), 0))
    if printed.startswith(_WARNINGS):
        warn(Caution(number, line, printed))
        return None
    for row in printed.splitlines():
        if row.lstrip().startswith("%") and not row.startswith(_NOTES):
            if "'^' marker" in row:
                column = printed.splitlines()[0].index("^") - len(session.prompt)
                word = line[line.rfind(" ", 0, column) + 1 :].split()[:1]
                return Refusal(number, line, f"invalid input at {word[0]!r}" if word else "invalid input", column)
            return Refusal(number, line, _reason(row))
    return None


def _reason(text: str) -> str:
    reason = " ".join(text.split()).lstrip("% ")
    return reason.rstrip(".").lower() if "Incomplete" in reason else reason
