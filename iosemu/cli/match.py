"""Matching a typed line against the commands of a mode."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from iosemu.cli.grammar import Grammar
from iosemu.cli.modes import Mode
from iosemu.cli.spec import Node
from iosemu.cli.table import Command
from iosemu.cli.tokens import NoMatchError, Token
from iosemu.router.names import types_of

_WORD = re.compile(r"\S+")
NO, DEFAULT = Token("no"), Token("default")


class Result(Enum):
    """What a line turned out to be."""

    OK = "ok"
    NO_MATCH = "invalid"
    INCOMPLETE = "incomplete"
    AMBIGUOUS = "ambiguous"


@dataclass(slots=True)
class Candidate:
    """A command that the words so far may belong to."""

    command: Command
    node: Node
    bound: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Position:
    """Where the words so far have led. `column` is the first character that did not fit."""

    result: Result
    candidates: list[Candidate] = field(default_factory=list)
    negated: bool = False
    defaulted: bool = False
    column: int = 0
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A node that may come next, or None for the words `no` and `default`."""

    token: Token
    help: str
    candidates: tuple[Candidate, ...]


def split(line: str) -> list[tuple[int, str]]:
    """The words of a line with their columns."""
    return [(match.start(), match.group()) for match in _WORD.finditer(line)]


def walk(grammar: Grammar, mode: Mode, line: str) -> Position:
    """Follow the words of a line through a mode's commands; OK means that all of them fit, not that it is complete."""
    position = Position(Result.OK)
    remaining = split(line)
    first = True
    while remaining:
        column, word = remaining.pop(0)
        nodes = _first(grammar, mode, position, word) if first else _next(position.candidates)
        chosen, rest_column, ambiguous = _choose(nodes, line, column, word, remaining)
        if ambiguous:
            return Position(Result.AMBIGUOUS, column=column)
        if not chosen:
            return Position(Result.NO_MATCH, column=rest_column)
        if first and chosen[0].command is _PREFIX:
            position.negated = True
            position.defaulted = chosen[0].node.token is DEFAULT
            continue
        first = False
        position.candidates = chosen
        if chosen[0].node.token.takes_rest:
            break
    return position


def match(grammar: Grammar, mode: Mode, line: str) -> Position:
    """Match a whole line: OK with one candidate, whose command may end."""
    position = walk(grammar, mode, line)
    if position.result is not Result.OK:
        return position
    complete = [candidate for candidate in position.candidates if candidate.node.ends]
    if not complete:
        position.result = Result.INCOMPLETE
    position.candidates = complete[:1]
    return position


def choices(grammar: Grammar, mode: Mode, line: str) -> tuple[Position, list[Choice]]:
    """What may follow a line of complete words."""
    position = walk(grammar, mode, line)
    if position.result is not Result.OK:
        return position, []
    candidates = _next(position.candidates) if position.candidates else _all_first(grammar, mode, position)
    grouped: dict[Token, list[Candidate]] = {}
    for candidate in candidates:
        grouped.setdefault(candidate.node.token, []).append(candidate)
    return position, [Choice(token, group[0].node.help, tuple(group)) for token, group in grouped.items()]


def _accept(*_: Any, **__: Any) -> None:
    """`no` and `default` are no commands of their own."""


_PREFIX = Command(Mode("", "", ""), "no", ("",), _accept)
_PREFIX_NODES = (
    Node(NO, "Negate a command or set its defaults"),
    Node(DEFAULT, "Set a command to its defaults"),
)


def _prefixes(mode: Mode, position: Position) -> list[Candidate]:
    if not mode.is_config or position.negated:
        return []
    return [Candidate(_PREFIX, node) for node in _PREFIX_NODES]


def _usable(grammar: Grammar, mode: Mode, position: Position) -> Iterable[tuple[Command, str]]:
    for command in grammar.commands(mode):
        if not position.negated:
            yield command, command.first_word
        elif command.no is not None:
            yield command, command.first_no_word


def _first(grammar: Grammar, mode: Mode, position: Position, word: str) -> list[Candidate]:
    """Candidates for the first word. Graphs are built only for commands that the word may mean."""
    lower = word.lower()
    usable = list(_usable(grammar, mode, position))
    numeric = lower[0].isdigit()
    wanted = [command for command, first in usable if first.startswith(lower) or (numeric and first[0] == "<")]
    found = [Candidate(command, node) for command in wanted for node in command.starts(position.negated)]
    if not found:
        # Nothing fits: plain nodes are enough to find the column of the caret.
        found = [Candidate(command, Node(Token(first), "")) for command, first in usable]
    return found + _prefixes(mode, position)


def _all_first(grammar: Grammar, mode: Mode, position: Position) -> list[Candidate]:
    plain = [
        Candidate(command, Node(Token(first), command.first_help))
        for command, first in _usable(grammar, mode, position)
        if not command.hidden
    ]
    return plain + _prefixes(mode, position)


def _next(candidates: list[Candidate]) -> list[Candidate]:
    return [
        Candidate(candidate.command, node, candidate.bound) for candidate in candidates for node in candidate.node.next
    ]


def _choose(
    candidates: list[Candidate], line: str, column: int, word: str, remaining: list[tuple[int, str]]
) -> tuple[list[Candidate], int, bool]:
    """The candidates that a word selects, the column of the caret when there is none, and whether it is ambiguous."""
    matched: list[tuple[Candidate, Any]] = []
    offset = 0
    for candidate in candidates:
        text = _text_for(candidate.node.token, line, column, word, remaining)
        try:
            matched.append((candidate, candidate.node.token.read(text)))
        except NoMatchError as error:
            offset = max(offset, min(error.offset, len(word)))
    if not matched:
        return [], column + offset, False
    best = _most_specific(matched, word)
    keywords = {candidate.node.token.text for candidate, _ in best if candidate.node.token.is_keyword}
    if len(keywords) > 1:
        return [], column, True
    if best[0][0].node.token.text == "INTERFACE" and _in_two_words(word, remaining):
        remaining.pop(0)
    return [_bind(candidate, value) for candidate, value in best], column, False


def _most_specific(matched: list[tuple[Candidate, Any]], word: str) -> list[tuple[Candidate, Any]]:
    exact = [pair for pair in matched if pair[0].node.token.text.lower() == word.lower()]
    if exact:
        return exact
    rank = min(candidate.node.token.rank for candidate, _ in matched)
    return [pair for pair in matched if pair[0].node.token.rank == rank]


def _text_for(token: Token, line: str, column: int, word: str, remaining: list[tuple[int, str]]) -> str:
    if token.takes_rest:
        return line[column:].rstrip()
    if token.text == "INTERFACE" and _in_two_words(word, remaining):
        return word + remaining[0][1]
    return word


def _in_two_words(word: str, remaining: list[tuple[int, str]]) -> bool:
    """`gi 0/0`: a type, then a number."""
    return bool(remaining) and remaining[0][1][:1].isdigit() and word.isalpha() and bool(types_of(word))


def _bind(candidate: Candidate, value: Any) -> Candidate:
    if candidate.node.name is None:
        return candidate
    bound = {**candidate.bound, candidate.node.name: value}
    return Candidate(candidate.command, candidate.node, bound)
