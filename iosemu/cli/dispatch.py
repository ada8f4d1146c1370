"""A typed line on its way to the handler of its command."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from iosemu.cli.aliases import expand_built_in
from iosemu.cli.context import Context, Several
from iosemu.cli.errors import CommandError
from iosemu.cli.failures import caret, failure, further
from iosemu.cli.interaction import Interaction, rewritten
from iosemu.cli.match import Match, Position, Result, match
from iosemu.cli.modes import PRIV_EXEC, USER_EXEC, Mode
from iosemu.cli.modifiers import ModifierError, parse, split

if TYPE_CHECKING:
    from iosemu.cli.session import Level, Session

KEPT_NOTICE = "iosemu: kept and printed, without effect here\n"
NOT_AUTHORIZED = "Command authorization failed.\n\n"


def scope(mode: Mode, text: str) -> tuple[Mode, str]:
    """The mode whose commands a line is to be one of, and the line without a `do` in front: what stands behind that is
    an EXEC command, and so is each line of a shell."""
    stripped = text.lstrip()
    if mode.shell is not None:
        return PRIV_EXEC, text
    if mode.is_config and stripped[:3].lower() == "do ":
        return PRIV_EXEC, stripped[3:].lstrip()
    return mode, text


def dispatch(session: Session, text: str) -> Interaction:
    """Run a line in the mode that the session is in."""
    mode, command = scope(session.mode, text)
    if session.mode.is_config and mode is session.mode:
        yield from _run_config(session, text)
    else:
        yield from run_exec(session, command, text)


def run_exec(session: Session, command: str, text: str) -> Interaction:
    """Run an EXEC command with its output modifier; `text` is the line as it was typed, which ends with the command."""
    mode = PRIV_EXEC if session.privilege > 1 else USER_EXEC
    head, bar, tail = split(command)
    start = len(text) - len(command)
    position, found = match(session.grammar, mode, head, session.access)
    if found is None and position.result is Result.AMBIGUOUS:
        head = expand_built_in(head) or head
        position, found = match(session.grammar, mode, head, session.access)
    if found is None:
        yield from _unknown(session, position, command, start)
        return
    modifier = None
    if bar:
        try:
            modifier = parse(tail)
        except ModifierError as error:
            yield error.text or caret(session, start + len(head) + 1 + (error.offset or 0))
            return
    if session.preface is not None:
        yield session.preface(session.router)
    output = _call(session, found, None, text)
    yield from output if modifier is None else rewritten(output, partial(modifier.apply, flash=session.router.flash))


def _run_config(session: Session, text: str) -> Interaction:
    """Run a line in the current mode, else in the innermost mode around it that has such a command."""
    best: Position | None = None
    levels = session.levels
    for depth in range(len(levels), 0, -1):
        position, found = match(session.grammar, levels[depth - 1].mode, text, session.access)
        if found is not None:
            if not found.command.in_place:
                session.unwind(depth)
            yield from _configure(session, found, levels[depth - 1], text)
            return
        if best is None or further(position, best):
            best = position
    assert best is not None
    yield failure(session, best, text)


def _configure(session: Session, found: Match, level: Level, text: str) -> Interaction:
    """Call a handler for all that its mode is about, and make the router follow."""
    many = isinstance(level.target, Several) and not found.command.in_place
    targets = level.target.targets if many else (level.target,)
    for target in targets:
        yield from _call(session, found, target, text, last=target is targets[-1])
    if not session.loading:
        session.router.history.entered(session.user, session.seat.name, text.strip())
        session.note_change()
        session.router.commit()


def _call(session: Session, found: Match, target: Any, text: str, last: bool = True) -> Interaction:
    context = Context(session.router, session, target, found.negated, found.defaulted, found.line)
    command = found.command
    session.last_command, session.last_line = command, found.line
    if session.authorizer is not None and not session.authorizer(session, command):
        yield NOT_AUTHORIZED
        return
    try:
        result = command.handler(context, **found.bound)
        if isinstance(result, str):
            yield result
        elif result is not None:
            yield from result
        elif last and command.kept and command.mode.is_config and not session.loading:
            yield KEPT_NOTICE
    except CommandError as error:
        if session.loading:
            raise
        yield f"{error.text}\n" if error.at is None else caret(session, max(text.rfind(error.at), 0))
    except OSError as error:
        # The host's disk may refuse whatever a command reads or writes.
        yield f"%Error ({error.strerror})\n"


def _unknown(session: Session, position: Position, command: str, start: int) -> Interaction:
    """A single word may be more than a mistake: the grammar's fallback takes it."""
    words = command.split()
    fallback = session.grammar.fallback
    alone = len(words) == 1 and not session.mode.is_config
    if position.result is not Result.NO_MATCH or not alone or fallback is None:
        yield failure(session, position, command, start)
        return
    try:
        result = fallback(Context(session.router, session), words[0])
        if result is not None and not isinstance(result, str):
            yield from result
    except CommandError:
        yield failure(session, position, command, start)
