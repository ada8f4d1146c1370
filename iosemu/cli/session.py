"""One line with somebody on it: modes, privilege, and every typed line on its way to a handler."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iosemu.cli.aliases import Aliases, expand_built_in
from iosemu.cli.context import Context, Several
from iosemu.cli.errors import CommandError
from iosemu.cli.grammar import Access, Grammar
from iosemu.cli.help import columns, complete, help_text
from iosemu.cli.interaction import Interaction
from iosemu.cli.match import Match, Position, Result, match
from iosemu.cli.modes import CONFIG, PRIV_EXEC, USER_EXEC, Mode
from iosemu.cli.modifiers import FILTERS, Modifier, ModifierError, Redirection
from iosemu.cli.modifiers import HELP as MODIFIER_HELP
from iosemu.cli.modifiers import parse as parse_modifier
from iosemu.cli.privilege import PrivilegeLevels, access_of
from iosemu.cli.prompting import PromptStyle
from iosemu.cli.seat import CONSOLE, Seat
from iosemu.cli.table import Command

if TYPE_CHECKING:
    from iosemu.router.router import Router

DEFAULT_HISTORY = 10
PIPED = ("show", "more", "dir")
PAGED = (*PIPED, "help")
KEPT_NOTICE = "iosemu: kept and printed, without effect here\n"


# Called with the canonical line ("" when it was no command), what was printed, the mode, and the terminal's width.
Explainer = Callable[[str, str, str, int], str]
Authorizer = Callable[["Session", Command], bool]
NOT_AUTHORIZED = "Command authorization failed.\n\n"


@dataclass(frozen=True, slots=True)
class Level:
    """A mode on the stack with the object it is about."""

    mode: Mode
    target: Any


class Session:
    """`loading` suppresses commits and log messages."""

    def __init__(
        self, router: Router, grammar: Grammar, *, seat: Seat = CONSOLE, privilege: int = 1, loading: bool = False
    ) -> None:
        self.router = router
        self.grammar = grammar
        self.seat = seat
        self.privilege = privilege
        self.loading = loading
        self.closed = False
        # Somebody came and did not get in.
        self.turned_away = False
        self.user: str | None = None
        # The commands of a parser view; None where the privilege level decides.
        self.view: Access | None = None
        self.view_name: str | None = None
        # Asked before each command, when there is somebody to ask.
        self.authorizer: Authorizer | None = None
        # Emulated seconds of the last key.
        self.last_input = router.clock.now()
        # How many characters of the last line were hidden at the left edge of the terminal.
        self.scrolled = 0
        # The current directory of flash:, without a leading slash.
        self.directory = ""
        self.last_command: Command | None = None
        self.editing = True
        # Printed before the output of an EXEC command.
        self.preface: Callable[[Router], str] | None = None
        # Adds to what a command has printed.
        self.explainer: Explainer | None = None
        self.last_line = ""
        # Whether log messages are copied to this line; the console prints them anyway.
        self.monitoring = False
        self.terminal_length = 24
        self.terminal_width = 80
        self.histories: dict[bool, deque[str]] = {
            False: deque(maxlen=DEFAULT_HISTORY),
            True: deque(maxlen=DEFAULT_HISTORY),
        }
        self._levels: list[Level] = []

    @property
    def mode(self) -> Mode:
        """The current mode."""
        if self._levels:
            return self._levels[-1].mode
        return PRIV_EXEC if self.privilege > 1 else USER_EXEC

    @property
    def target(self) -> Any:
        """The object that the current mode is about."""
        return self._levels[-1].target if self._levels else None

    @property
    def depth(self) -> int:
        """How many configuration modes are open; 1 is global configuration."""
        return len(self._levels)

    @property
    def levels(self) -> list[Level]:
        """The open configuration modes, outermost first; a copy."""
        return list(self._levels)

    @levels.setter
    def levels(self, levels: list[Level]) -> None:
        self._levels = list(levels)

    @property
    def prompt(self) -> str:
        """The prompt of the current mode."""
        return self.router.model.block(PromptStyle).prompt(self.mode, self.router.hostname, self.seat)

    @property
    def access(self) -> Access | None:
        """Which commands the privilege level allows; a saved configuration is never restricted."""
        if self.view is not None:
            return self.view
        return None if self.loading else access_of(self.router.model.block(PrivilegeLevels), self.privilege)

    @property
    def paged(self) -> bool:
        """Whether what the last command prints is shown screen by screen."""
        return self.last_line.split(" ", 1)[0] in PAGED

    @property
    def actor(self) -> str:
        """Who sits here, as log messages put it."""
        return self.seat.taken_by(self.user)

    @property
    def history(self) -> deque[str]:
        """EXEC and configuration modes have a history each."""
        return self.histories[self.mode.is_config]

    def enter(self, mode: Mode, target: Any = None) -> None:
        """Go one mode deeper."""
        self._levels.append(Level(mode, target))

    def leave(self) -> None:
        """Go up one mode; from EXEC that ends the session."""
        if not self._levels:
            self.closed = True
        elif sum(level.mode.is_config for level in self._levels) == 1:
            self.end()
        else:
            self._levels.pop()

    def unwind(self, depth: int) -> None:
        """Leave all modes that are deeper than `depth`."""
        del self._levels[depth:]

    def end(self) -> None:
        """Leave configuration altogether, or the shell that took the place of EXEC."""
        shells = [level for level in self._levels if level.mode.shell is not None]
        if self.mode.shell is not None:
            self._levels.clear()
        elif self._levels:
            self._levels = shells
            if not self.loading:
                self.router.syslog.log("SYS", 5, "CONFIG_I", f"Configured from console by {self.actor}")

    def restart(self) -> None:
        """Be as nobody has logged in yet: somebody else may be next."""
        self._levels.clear()
        self.privilege = 1
        self.user = self.view = self.view_name = self.authorizer = None

    def touch(self) -> None:
        """Note that somebody has typed."""
        self.last_input = self.router.clock.now()

    def resize_history(self, lines: int) -> None:
        """Keep another number of lines; 0 keeps none."""
        self.histories = {config: deque(old, maxlen=lines) for config, old in self.histories.items()}

    def note_change(self) -> None:
        """Remember who changed the configuration, and when."""
        self.router.history.changed(self.router.calendar.utc(), self.user)

    def help(self, text: str) -> str:
        """What `?` prints behind the text typed so far."""
        mode, text = self._scope(text)
        if "|" in text:
            return _modifier_help(text.rpartition("|")[2], self.terminal_width)
        return help_text(self.grammar, mode, text, self.terminal_width, self.access)

    def complete(self, text: str) -> str | None:
        """The text with its last word completed by Tab; None when there is nothing to complete."""
        mode, rest = self._scope(text)
        completed = complete(self.grammar, mode, rest, self.access)
        return None if completed is None else text[: len(text) - len(rest)] + completed

    def execute(self, text: str, remember: bool = True) -> Interaction:
        """Run a typed line; the result yields what is printed and asked, and must be driven to its end."""
        if self.mode.verbatim and self.mode.raw is not None:
            self.mode.raw(self.target, text)
            return
        if self.mode.shell is not None:
            yield from self.mode.shell(self, self.target, text)
            return
        line = text.strip()
        if not line or line.startswith("!"):
            return
        if remember and not self.loading:
            self.history.append(line)
        if not self.loading:
            text = self.router.model.block(Aliases).expand(self.mode, text)
        self.last_line = ""
        interaction = self._dispatch(text)
        yield from interaction if self.explainer is None else self._explained(interaction, self.explainer)

    def _explained(self, interaction: Interaction, explainer: Explainer) -> Interaction:
        """Add an explanation to what a command prints."""
        self.last_line = ""
        mode = self.mode.prompt
        printed = []
        answer: str | None = None
        try:
            while True:
                step = interaction.send(answer)
                if isinstance(step, str):
                    printed.append(step)
                answer = yield step
        except StopIteration:
            yield explainer(self.last_line, "".join(printed), mode, self.terminal_width)

    def _dispatch(self, text: str) -> Interaction:
        mode, command = self._scope(text)
        if mode is not self.mode:
            yield from self._run_exec(command, text)
        elif self.mode.is_config:
            yield from self._run_config(text)
        else:
            yield from self._run_exec(text, text)

    def execute_exec(self, text: str) -> Interaction:
        """Run a line as an EXEC command, whatever the mode."""
        if text.strip() and not text.lstrip().startswith("!"):
            self.history.append(text.strip())
            yield from self._run_exec(text, text)

    def _scope(self, text: str) -> tuple[Mode, str]:
        """`do` in front of a line means the EXEC commands, and so does every line of a shell."""
        stripped = text.lstrip()
        if self.mode.shell is not None:
            return PRIV_EXEC, text
        if self.mode.is_config and stripped[:3].lower() == "do ":
            return PRIV_EXEC, stripped[3:].lstrip()
        return self.mode, text

    def _run_exec(self, command: str, text: str) -> Interaction:
        mode = PRIV_EXEC if self.privilege > 1 else USER_EXEC
        head, bar, tail = self._split_modifier(command)
        shift = len(text) - len(command)
        position, found = match(self.grammar, mode, head, self.access)
        if found is None and position.result is Result.AMBIGUOUS:
            head = expand_built_in(head) or head
            position, found = match(self.grammar, mode, head, self.access)
        if found is None:
            yield from self._unknown(position, command, shift)
            return
        modifier: Modifier | Redirection | None = None
        if bar:
            try:
                modifier = parse_modifier(tail)
            except ModifierError as error:
                column = shift + len(head) + 1 + (error.offset or 0)
                yield error.text or self._caret(column)
                return
        if self.preface is not None:
            yield self.preface(self.router)
        output = self._call(found, None, text)
        yield from self._filtered(output, modifier) if modifier else output

    def _split_modifier(self, command: str) -> tuple[str, str, str]:
        first = command.split(None, 1)[0].lower() if command.split() else ""
        if first and any(word.startswith(first) for word in PIPED):
            return command.partition("|")
        return command, "", ""

    def _run_config(self, text: str) -> Interaction:
        """The current mode first, then its parents up to global configuration."""
        best: Position | None = None
        for depth in range(len(self._levels), 0, -1):
            level = self._levels[depth - 1]
            position, found = match(self.grammar, level.mode, text, self.access)
            if found is not None:
                if not found.command.in_place:
                    self.unwind(depth)
                many = isinstance(level.target, Several) and not found.command.in_place
                targets = level.target.targets if many else (level.target,)
                for target in targets:
                    yield from self._call(found, target, text, last=target is targets[-1])
                if not self.loading:
                    self.router.history.entered(self.user, self.seat.name, text.strip())
                    self.note_change()
                    self.router.commit()
                return
            if best is None or _further(position, best):
                best = position
        assert best is not None
        yield self._failure(best, text, 0)

    def _call(self, found: Match, target: Any, text: str, last: bool = True) -> Interaction:
        context = Context(self.router, self, target, found.negated, found.defaulted, found.line)
        self.last_command, self.last_line = found.command, found.line
        if self.authorizer is not None and not self.authorizer(self, found.command):
            yield NOT_AUTHORIZED
            return
        try:
            result = found.command.handler(context, **found.bound)
            if isinstance(result, str):
                yield result
            elif result is not None:
                yield from result
            if result is None and last and found.command.kept and found.command.mode.is_config and not self.loading:
                yield KEPT_NOTICE
        except CommandError as error:
            if self.loading:
                raise
            yield f"{error.text}\n" if error.at is None else self._caret(max(text.rfind(error.at), 0))

    def _filtered(self, output: Interaction, modifier: Modifier | Redirection) -> Interaction:
        """Collect what a command prints and filter it as a whole; its waits and questions pass."""
        collected = []
        answer: str | None = None
        try:
            while True:
                step = output.send(answer)
                answer = None
                if isinstance(step, str):
                    collected.append(step)
                else:
                    answer = yield step
        except StopIteration:
            text = "".join(collected)
            if isinstance(modifier, Redirection):
                yield modifier.apply(text, self.router.flash)
            else:
                yield modifier.apply(text)

    def _unknown(self, position: Position, command: str, shift: int) -> Interaction:
        """A single word may be more than a mistake: the grammar's fallback takes it."""
        words = command.split()
        fallback = self.grammar.fallback
        alone = len(words) == 1 and not self.mode.is_config
        if position.result is not Result.NO_MATCH or not alone or fallback is None:
            yield self._failure(position, command, shift)
            return
        try:
            result = fallback(Context(self.router, self), words[0])
            if result is not None and not isinstance(result, str):
                yield from result
        except CommandError:
            yield self._failure(position, command, shift)

    def _failure(self, position: Position, command: str, shift: int) -> str:
        words = command.split()
        if position.result is Result.AMBIGUOUS:
            return f'% Ambiguous command:  "{command.strip()}"\n'
        if position.result is Result.INCOMPLETE:
            if len(words) == 1 and "show".startswith(words[0].lower()):
                return '% Type "show ?" for a list of subcommands\n'
            return "% Incomplete command.\n\n"
        return self._caret(shift + position.column)

    def _caret(self, column: int) -> str:
        blanks = " " * max(len(self.prompt) + column - self.scrolled, 0)
        return f"{blanks}^\n% Invalid input detected at '^' marker.\n\n"


def run(session: Session, text: str) -> Iterator[str]:
    """Run a line that neither waits nor asks; yields what it prints."""
    for step in session.execute(text):
        if isinstance(step, str):
            yield step


def start_configuration(session: Session) -> None:
    """Enter global configuration."""
    session.enter(CONFIG)


def _further(position: Position, other: Position) -> bool:
    """Which failure tells the user more: the one that matched more of the line."""
    order = {Result.NO_MATCH: 0, Result.AMBIGUOUS: 1, Result.INCOMPLETE: 2}
    return (order[position.result], position.column) > (order[other.result], other.column)


def _modifier_help(tail: str, width: int) -> str:
    """Help behind a bar: the modifiers, or what follows one."""
    word = tail.strip().lower()
    matching = [name for name, _ in MODIFIER_HELP if name.startswith(word)]
    if not matching:
        return "% Unrecognized command\n"
    if word and tail.endswith(" "):
        return "  LINE  Regular Expression\n\n" if matching[0] in FILTERS else "  LINE  URL of a file\n\n"
    if word:
        return "".join(name.ljust(max(map(len, matching)) + 2) for name in matching) + "\n\n"
    return columns(list(MODIFIER_HELP), width)
