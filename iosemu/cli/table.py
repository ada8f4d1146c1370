"""Declarations of commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import Parameter, signature
from itertools import takewhile
from typing import TYPE_CHECKING

from iosemu.cli.modes import USER_EXEC, Mode
from iosemu.cli.spec import Node, SpecError, build, words

if TYPE_CHECKING:
    from iosemu.cli.interaction import Interaction

Handler = Callable[..., "str | Interaction | None"]
# The negated form takes the same words, and may end behind the leading keywords.
ARGUMENTS_OPTIONAL = "?"


@dataclass(slots=True, eq=False)
class Command:
    """One declared command. The graph is built when a first word reaches it: parsing specs is slow.

    A command of an outer mode that is typed in an inner one leaves the inner mode first, unless it is `in_place`.
    """

    mode: Mode
    spec: str
    helps: tuple[str, ...]
    handler: Handler
    no: str | None = None
    hidden: bool = False
    in_place: bool = False
    own_level: int | None = None
    kept: bool = False
    _starts: list[Node] | None = field(default=None, repr=False)
    _no_starts: list[Node] | None = field(default=None, repr=False)

    def first_words(self, negated: bool) -> set[str]:
        """The words that the command, or its negated form, may begin with, as the spec has them."""
        if negated and self.no not in (None, ARGUMENTS_OPTIONAL):
            assert self.no is not None
            return {_first_of(self.spec), _first_of(self.no)}
        return {_first_of(self.spec)}

    @property
    def keywords(self) -> tuple[str, ...]:
        """The leading words of the spec that stand for themselves."""
        plain = takewhile(lambda word: word.islower() and not set(word) & set("[](){}|<>$"), self.spec.split())
        return tuple(plain)

    @property
    def level(self) -> int:
        """The lowest privilege level that may use the command."""
        if self.own_level is not None:
            return self.own_level
        return 1 if self.mode is USER_EXEC else 15

    @property
    def first_help(self) -> str:
        """The help text of the first word."""
        return self.helps[0]

    def starts(self, negated: bool) -> list[Node]:
        """The nodes that the command, or its negated form, begins with."""
        if negated:
            if self._no_starts is None:
                self._no_starts = self._build_no()
            return self._no_starts
        if self._starts is None:
            self._starts = build(self.spec, self.helps)
        return self._starts

    def _build_no(self) -> list[Node]:
        if self.no == ARGUMENTS_OPTIONAL:
            return build(self.spec, self.helps, arguments_optional=True)
        assert self.no is not None
        texts = dict(zip(words(self.spec), self.helps, strict=True))
        try:
            short = build(self.no, [texts[word] for word in words(self.no)])
        except KeyError as error:
            raise SpecError(f"no {self.no}: the command has no word {error}") from error
        # Whatever can be entered can have a `no` in front; what the short form leaves out makes no difference.
        return short if self.no == self.spec else short + build(self.spec, self.helps)


def _first_of(spec: str) -> str:
    return spec.split(None, 1)[0].partition("$")[0]


class CommandTable:
    """The commands of one feature."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.fallback: Handler | None = None

    def command(
        self,
        mode: Mode,
        spec: str,
        helps: str,
        *,
        no: str | None = None,
        hidden: bool = False,
        in_place: bool = False,
        level: int | None = None,
        kept: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a command; `helps` has one line per token of `spec`.

        The handler is called as `handler(ctx, **bound)`. `no` is the spec of the negated form: `ARGUMENTS_OPTIONAL`,
        a spec of its own made of the same words, or None when there is no negated form. `level` is the lowest
        privilege level where that is not the usual one of the mode; `kept` tells that the command has no effect here.
        """
        lines = tuple(line.strip() for line in helps.strip().splitlines())

        def declare(handler: Handler) -> Handler:
            self.commands.append(Command(mode, spec, lines, handler, no, hidden, in_place, level, kept))
            return handler

        return declare

    def check(self) -> None:
        """Build every graph; raises SpecError for the first wrong declaration, or where a command may end before all
        that its handler must have is bound."""
        for command in self.commands:
            for negated in (False, True) if command.no is not None else (False,):
                missing = _unbound(command.starts(negated), _required(command.handler))
                if missing:
                    raise SpecError(f"{'no ' if negated else ''}{command.spec}: may end without {sorted(missing)}")


def _required(handler: Handler) -> frozenset[str]:
    """The names that a handler must be called with."""
    parameters = list(signature(handler).parameters.values())[1:]
    wanted = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return frozenset(item.name for item in parameters if item.default is Parameter.empty and item.kind in wanted)


def _unbound(starts: list[Node], required: frozenset[str]) -> frozenset[str]:
    """Which of the required names are still unbound where the command may end first; empty when none ever is."""
    waiting = [(node, required) for node in starts]
    seen = set()
    while waiting:
        node, missing = waiting.pop()
        missing -= {node.name} if node.name else set()
        if (id(node), missing) in seen:
            continue
        seen.add((id(node), missing))
        if node.ends and missing:
            return missing
        waiting += [(following, missing) for following in node.next]
    return frozenset()
