"""Matching a typed line against the commands of a mode."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from iosemu.cli.grammar import DEFAULT, PREFIX, Access, Grammar
from iosemu.cli.modes import Mode
from iosemu.cli.states import State
from iosemu.cli.table import Command
from iosemu.cli.tokens import NoMatchError, Token, written
from iosemu.router.names import types_of

_WORD = re.compile(r"\S+")


class Result(Enum):
    """What a line turned out to be."""

    OK = "ok"
    NO_MATCH = "invalid"
    INCOMPLETE = "incomplete"
    AMBIGUOUS = "ambiguous"


@dataclass(slots=True)
class Position:
    """Where the words so far have led: a state per word, what each word was read as, and how it is
    written. `column` is the first character that did not fit."""

    result: Result
    states: list[State]
    values: list[Any] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    negated: bool = False
    defaulted: bool = False
    column: int = 0

    @property
    def state(self) -> State:
        """The last state."""
        return self.states[-1]

    @property
    def may_end(self) -> bool:
        """Whether some command may end here."""
        return any(entry.node.ends for entry in self.state.entries)


@dataclass(frozen=True, slots=True)
class Match:
    """A complete command: what its words are bound to, and the whole line in its canonical form."""

    command: Command
    bound: dict[str, Any]
    line: str
    negated: bool
    defaulted: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A word that may come next."""

    token: Token
    help: str


def split(line: str) -> list[tuple[int, str]]:
    """The words of a line with their columns."""
    return [(match.start(), match.group()) for match in _WORD.finditer(line)]


def walk(grammar: Grammar, mode: Mode, line: str, access: Access | None = None) -> Position:
    """Follow the words of a line through a mode's commands; OK means that all of them fit, not that it is complete."""
    root: State = grammar.root(mode, False, access)
    position = Position(Result.OK, [root])
    remaining = split(line)
    while remaining:
        column, word = remaining.pop(0)
        state = position.state
        found = state.keyword(word.lower())
        if len(found) > 1:
            position.result, position.column = Result.AMBIGUOUS, column
            return position
        if not found:
            tokens, value, offset = _placeholder(state, line, column, word, remaining)
            if not tokens:
                position.result, position.column = Result.NO_MATCH, column + offset
                return position
        else:
            tokens, value = (found[0],), found[0].text
            if state is root and state.options[found[0]][0].command is PREFIX:
                position.negated, position.defaulted = True, found[0] == DEFAULT
                root = grammar.root(mode, True, access)
                position.states = [root]
                continue
        position.states.append(state.follow(tokens))
        position.values.append(value)
        position.words.append(written(tokens[0], _text_for(tokens[0], line, column, word, []), value))
        if tokens[0].takes_rest:
            break
    return position


def match(grammar: Grammar, mode: Mode, line: str, access: Access | None = None) -> tuple[Position, Match | None]:
    """Match a whole line; a Match is there exactly when the result is OK."""
    position = walk(grammar, mode, line, access)
    if position.result is not Result.OK:
        return position, None
    for index, entry in enumerate(position.state.entries):
        if entry.node.ends:
            return position, _trace(position, index)
    position.result = Result.INCOMPLETE
    return position, None


def choices(grammar: Grammar, mode: Mode, line: str, access: Access | None = None) -> tuple[Position, list[Choice]]:
    """What may follow a line of complete words."""
    position = walk(grammar, mode, line, access)
    if position.result is not Result.OK:
        return position, []
    # Who has typed a hidden command already gets help with the rest of it.
    inside = bool(position.state.entries) and all(entry.command.hidden for entry in position.state.entries)
    shown = {
        token: next((entry.node.help for entry in entries if inside or not entry.command.hidden), None)
        for token, entries in position.state.options.items()
    }
    return position, [Choice(token, text) for token, text in shown.items() if text is not None]


def _trace(position: Position, index: int) -> Match:
    """Walk back from the last node to the first."""
    command = position.state.entries[index].command
    bound: list[tuple[str, Any]] = []
    for state, value in zip(reversed(position.states), reversed(position.values), strict=False):
        entry = state.entries[index]
        if entry.node.name is not None:
            bound.append((entry.node.name, value))
        index = entry.parent
    return Match(command, dict(reversed(bound)), " ".join(position.words), position.negated, position.defaulted)


def _placeholder(
    state: State, line: str, column: int, word: str, remaining: list[tuple[int, str]]
) -> tuple[tuple[Token, ...], Any, int]:
    """The most specific placeholders that a word can be read as, its value, and the offset of what was wrong."""
    best: list[Token] = []
    value: Any = None
    offset = 0
    for token in state.placeholders:
        try:
            read = token.read(_text_for(token, line, column, word, remaining))
        except NoMatchError as error:
            offset = max(offset, min(error.offset, len(word)))
            continue
        if not best or token.rank < best[0].rank:
            best, value = [token], read
        elif token.rank == best[0].rank:
            best.append(token)
    if not best:
        return (), None, max(offset, state.known_prefix(word.lower()))
    if best[0].text == "INTERFACE" and _in_two_words(word, remaining):
        remaining.pop(0)
    return tuple(best), value, offset


def _text_for(token: Token, line: str, column: int, word: str, remaining: list[tuple[int, str]]) -> str:
    if token.takes_rest:
        return line[column:].rstrip()
    if token.text == "INTERFACE" and _in_two_words(word, remaining):
        return word + remaining[0][1]
    return word


def _in_two_words(word: str, remaining: list[tuple[int, str]]) -> bool:
    """`gi 0/0`: a type, then a number."""
    return bool(remaining) and remaining[0][1][:1].isdigit() and word.isalpha() and bool(types_of(word))
