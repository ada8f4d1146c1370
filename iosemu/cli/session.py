"""Somebody on a line of a router: who it is, in which mode, and how the terminal is set."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iosemu.cli.aliases import Aliases
from iosemu.cli.dispatch import dispatch, run_exec, scope
from iosemu.cli.grammar import Access, Grammar
from iosemu.cli.help import complete, help_text
from iosemu.cli.interaction import Interaction, with_postscript
from iosemu.cli.modes import PRIV_EXEC, USER_EXEC, Mode
from iosemu.cli.modifiers import PIPED, modifier_help
from iosemu.cli.privilege import PrivilegeLevels, access_of
from iosemu.cli.prompting import PromptStyle
from iosemu.cli.seat import CONSOLE, Seat
from iosemu.cli.table import Command

if TYPE_CHECKING:
    from iosemu.router.router import Router

DEFAULT_HISTORY = 10
# What these print is shown screen by screen.
PAGED = (*PIPED, "help")

# Called with the canonical line ("" when it was no command), what was printed, the prompt of the mode in which the line
# was typed, and the width of the terminal; returns what to print behind the output.
Explainer = Callable[[str, str, str, int], str]
# Whether somebody may run a command.
Authorizer = Callable[["Session", Command], bool]


@dataclass(frozen=True, slots=True)
class Level:
    """A mode on the stack with the object it is about."""

    mode: Mode
    target: Any


class Session:
    """Somebody who types, or a saved configuration that is read (`loading`): it commits nothing, logs nothing, and is
    restricted by nothing."""

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
                self.router.tell_configured("console", self.actor)

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
        mode, text = scope(self.mode, text)
        if "|" in text:
            return modifier_help(text.rpartition("|")[2], self.terminal_width)
        return help_text(self.grammar, mode, text, self.terminal_width, self.access)

    def complete(self, text: str) -> str | None:
        """The text with its last word completed by Tab; None when there is nothing to complete."""
        mode, rest = scope(self.mode, text)
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
        interaction = dispatch(self, text)
        yield from interaction if self.explainer is None else self._explained(interaction, self.explainer)

    def execute_exec(self, text: str) -> Interaction:
        """Run a line as an EXEC command, whatever the mode."""
        if text.strip() and not text.lstrip().startswith("!"):
            self.history.append(text.strip())
            yield from run_exec(self, text, text)

    def _explained(self, interaction: Interaction, explainer: Explainer) -> Interaction:
        """What a command prints, with an explanation behind it."""
        prompt = self.mode.prompt
        return with_postscript(
            interaction, lambda printed: explainer(self.last_line, printed, prompt, self.terminal_width)
        )
