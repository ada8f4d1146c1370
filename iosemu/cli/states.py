"""The graph of a mode's commands, walked as sets: a state is every node that the words so far may have led to.

States are made when a word first leads to them and are then kept, so that matching a word that was seen before is one
look into a dictionary, whatever the number of commands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.cli.spec import Node
from iosemu.cli.table import Command
from iosemu.cli.tokens import Token


@dataclass(frozen=True, slots=True)
class Entry:
    """A node that was reached, the command it belongs to, and the index of the entry before it."""

    command: Command
    node: Node
    parent: int = -1


class State:
    """The nodes that some words have led to."""

    __slots__ = ("_followers", "_keywords", "_options", "_placeholders", "_prefixes", "entries")

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self._options: dict[Token, tuple[Entry, ...]] | None = None
        self._followers: dict[tuple[Token, ...], State] = {}
        # Typed abbreviation: the one keyword that it stands for.
        self._keywords: dict[str, Token] = {}
        self._placeholders: tuple[Token, ...] | None = None
        self._prefixes: frozenset[str] | None = None

    @property
    def options(self) -> dict[Token, tuple[Entry, ...]]:
        """What may come next."""
        if self._options is None:
            self._options = self._group()
        return self._options

    @property
    def placeholders(self) -> tuple[Token, ...]:
        """Those tokens of the options that do not stand for themselves."""
        if self._placeholders is None:
            self._placeholders = tuple(token for token in self.options if not token.is_keyword)
        return self._placeholders

    def known_prefix(self, word: str) -> int:
        """How many characters of a lower-case word some keyword begins with."""
        if self._prefixes is None:
            words = [token.lower for token in self.options if token.is_keyword]
            self._prefixes = frozenset(text[:end] for text in words for end in range(1, len(text) + 1))
        count = 0
        while count < len(word) and word[: count + 1] in self._prefixes:
            count += 1
        return count

    def keyword(self, word: str) -> list[Token]:
        """The keywords that a lower-case word may stand for; an exact one stands for itself alone, and one that no help
        shows does not make an abbreviation of another ambiguous."""
        known = self._keywords.get(word)
        if known is not None:
            return [known]
        found = [token for token in self.options if token.is_keyword and token.lower.startswith(word)]
        exact = [token for token in found if token.lower == word]
        shown = [token for token in found if any(not entry.command.hidden for entry in self.options[token])]
        found = exact or shown or found
        if len(found) == 1:
            self._keywords[word] = found[0]
        return found

    def follow(self, tokens: tuple[Token, ...]) -> State:
        """The state behind a word that was read as one of these tokens."""
        state = self._followers.get(tokens)
        if state is None:
            state = self._followers[tokens] = self._make(tokens)
        return state

    def _group(self) -> dict[Token, tuple[Entry, ...]]:
        grouped: dict[Token, dict[int, Entry]] = {}
        for index, entry in enumerate(self.entries):
            for node in entry.node.next:
                grouped.setdefault(node.token, {}).setdefault(id(node), Entry(entry.command, node, index))
        return {token: tuple(entries.values()) for token, entries in grouped.items()}

    def _make(self, tokens: tuple[Token, ...]) -> State:
        return State(tuple(entry for token in tokens for entry in self.options[token]))


class Root(State):
    """The start of a mode: first words only, because building the graph of a command takes time."""

    __slots__ = ("_negated",)

    def __init__(self, commands: Iterable[Command], negated: bool, prefixes: Iterable[Entry] = ()) -> None:
        super().__init__(())
        self._negated = negated
        grouped: dict[Token, list[Entry]] = {}
        for entry in prefixes:
            grouped[entry.node.token] = [entry]
        for command in commands:
            for word in command.first_words(negated):
                token = Token(word)
                grouped.setdefault(token, []).append(Entry(command, Node(token, command.first_help)))
        self._options = {token: tuple(entries) for token, entries in grouped.items()}

    def _make(self, tokens: tuple[Token, ...]) -> State:
        entries = []
        for token in tokens:
            for entry in self.options[token]:
                starts = entry.command.starts(self._negated) if entry.command.spec else [entry.node]
                entries += [Entry(entry.command, node) for node in starts if node.token == token]
        return State(tuple(entries))
