"""The language of spec strings, and the graph that a spec stands for.

`crypto isakmp key WORD$key address A.B.C.D$address [A.B.C.D$mask]`: lower-case words are keywords, others placeholders;
`(a|b)` is a choice, `[x]` optional, `{a|b}` any of them in any order, each once; `$name` binds a word, or the word
chosen, to a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyparsing as pp

from iosemu.cli.tokens import Token


@dataclass(slots=True, eq=False)
class Node:
    """A token with its help text and what may follow; `ends` tells that the command may end here."""

    token: Token
    help: str
    name: str | None = None
    next: list[Node] = field(default_factory=list)
    ends: bool = False


@dataclass(frozen=True)
class _Word:
    text: str
    name: str | None


@dataclass(frozen=True)
class _Group:
    """A bracketed part of a spec, or all of it. `kind` is the opening bracket; "" is a plain sequence."""

    kind: str
    items: tuple[Any, ...]
    name: str | None = None


# Alternatives with their help texts; the nodes that a part begins and ends with.
_Alternatives = tuple[tuple[_Group, tuple[str, ...]], ...]
_Part = tuple[list[Node], list[Node]]

_WORD = r"X:X:X:X::X/<0-128>|<\d+-\d+>|[^\s\[\](){}|$<>]+"
_LETTERS = "[A-Za-z_]+"
_NAME = rf"\${_LETTERS}"


@cache
def _grammar() -> pp.ParserElement:
    name = pp.Optional(pp.Regex(_NAME).set_parse_action(lambda t: t[0][1:]), default=None)
    # One element, and the first that is tried: nearly all that a spec consists of are words.
    word = pp.Regex(rf"({_WORD})(?:\$({_LETTERS}))?", as_match=True).set_parse_action(lambda t: _Word(*t[0].groups()))
    sequence = pp.Forward()
    alternatives = pp.DelimitedList(sequence, delim="|")

    def group(left: str, right: str) -> pp.ParserElement:
        body = pp.Suppress(left) + pp.Group(alternatives) + pp.Suppress(right) + name
        return body.set_parse_action(lambda t: _Group(left, tuple(t[0]), t[1]))

    item = word | group("(", ")") | group("[", "]") | group("{", "}")
    sequence <<= pp.OneOrMore(item).set_parse_action(lambda t: _Group("", tuple(t)))
    return sequence + pp.StringEnd()


def _syntax(spec: str) -> _Group:
    tree: _Group = _grammar().parse_string(spec)[0]
    return tree


def words(spec: str) -> list[str]:
    """The tokens of a spec in the order in which their help texts are given. Start-up asks for those of a thousand
    specs, whose structure is looked at when they are used."""
    return re.findall(_WORD, re.sub(_NAME, "", spec))


def _walk(group: _Group) -> Iterator[_Word]:
    for item in group.items:
        if isinstance(item, _Word):
            yield item
        else:
            yield from _walk(item)


class SpecError(ValueError):
    """A command is declared wrongly; the program cannot be built."""


def build(spec: str, helps: Iterable[str], arguments_optional: bool = False) -> list[Node]:
    """The nodes that a spec begins with. With `arguments_optional` the command may end behind any word that follows
    its leading keywords. Raises SpecError where the help texts are not one per token."""
    builder = _Builder(list(helps), spec)
    starts, ends = builder.group(_syntax(spec))
    builder.finish()
    for node in ends:
        node.ends = True
    if arguments_optional:
        _end_anywhere(starts)
    return starts


def _end_anywhere(nodes: list[Node]) -> None:
    """Walk the leading keywords; from the last of them on, everything may be the end."""
    while len(nodes) == 1 and nodes[0].token.is_keyword and len(nodes[0].next) == 1:
        if not nodes[0].next[0].token.is_keyword:
            break
        nodes = nodes[0].next
    waiting, seen = list(nodes), set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            node.ends = True
            waiting += node.next


class _Builder:
    """Turns the syntax tree into nodes. A part yields its first nodes and its last ones."""

    def __init__(self, helps: list[str], spec: str) -> None:
        self._helps = helps
        self._spec = spec
        self._used = 0

    def finish(self) -> None:
        if self._used != len(self._helps):
            raise SpecError(f"{self._spec}: {self._used} tokens, {len(self._helps)} help texts")

    def group(self, group: _Group) -> tuple[list[Node], list[Node]]:
        if group.kind == "":
            return self._sequence(group)
        if group.kind == "{":
            return self._any_order(tuple(self._prepare(item) for item in group.items), {})
        parts = [self.group(item) for item in group.items]
        starts = [node for part in parts for node in part[0]]
        ends = [node for part in parts for node in part[1]]
        if group.name is not None:
            for node in starts:
                node.name = group.name
        return starts, ends

    def _sequence(self, group: _Group) -> tuple[list[Node], list[Node]]:
        starts: list[Node] = []
        ends: list[Node] = []
        begun = False
        for item in group.items:
            optional = isinstance(item, _Group) and item.kind in "[{"
            first, last = self._word(item) if isinstance(item, _Word) else self.group(item)
            for node in ends:
                node.next += first
            if not begun:
                starts += first
            ends = ends + last if optional else last
            begun = begun or not optional
        return starts, ends

    def _word(self, word: _Word) -> tuple[list[Node], list[Node]]:
        if self._used >= len(self._helps):
            raise SpecError(f"{self._spec}: no help text for {word.text}")
        node = Node(Token(word.text), self._helps[self._used], word.name)
        self._used += 1
        return [node], [node]

    def _prepare(self, item: _Group) -> tuple[_Group, tuple[str, ...]]:
        """An alternative with its own help texts, so that it can be built once per order."""
        count = sum(1 for _ in _walk(item))
        helps = tuple(self._helps[self._used : self._used + count])
        self._used += count
        return item, helps

    def _any_order(self, items: _Alternatives, known: dict[_Alternatives, _Part]) -> _Part:
        """What may follow depends only on which alternatives are left: each such set is built once."""
        if items in known:
            return known[items]
        starts: list[Node] = []
        ends: list[Node] = []
        for index, (item, helps) in enumerate(items):
            first, last = _Builder(list(helps), self._spec).group(item)
            starts += first
            ends += last
            if len(items) > 1:
                more_starts, more_ends = self._any_order(items[:index] + items[index + 1 :], known)
                for node in last:
                    node.next += more_starts
                ends += more_ends
        known[items] = starts, list(dict.fromkeys(ends))
        return known[items]
