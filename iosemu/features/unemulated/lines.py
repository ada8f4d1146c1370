"""Single lines without effect, global and under an interface; their order is that of entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF, InterfaceConfig
from iosemu.features.unemulated.table import (
    BOTH_FORMS,
    DEFAULT_ON,
    GLOBAL_LINES,
    REPEATED_INTERFACE_LINES,
    SINGLE_INTERFACE_LINES,
    TRAILING_BLANK,
    Group,
)
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Section

TABLE = CommandTable()
HELP = "Accepted and kept, without effect here"


@dataclass
class KeptLines:
    """Lines by the name of their group, and by interface."""

    groups: dict[str, list[str]] = field(default_factory=dict)
    interfaces: dict[str, list[str]] = field(default_factory=dict)

    def forget_interface(self, name: InterfaceName) -> None:
        """Nothing is kept for an interface that was removed."""
        self.interfaces.pop(str(name), None)


def _keep(lines: list[str], words: str, rest: str, ctx: Context, single: bool = False) -> None:
    """Enter a line, in the place of its other form; a single-valued line takes the place of any with the same words.
    What a saved configuration says is kept even where it says what is the default anyway."""
    line = f"{words} {rest}".strip()
    entered = f"no {line}" if ctx.negated else line
    family = f"{words} " if single else f"{line} "
    same = [
        index
        for index, item in enumerate(lines)
        if item in (line, f"no {line}")
        or ((single or ctx.negated) and f"{item.removeprefix('no ')} ".startswith(family))
    ]
    at = same[0] if same else len(lines)
    for index in reversed(same):
        del lines[index]
    printed = line.startswith(BOTH_FORMS) or line.startswith(DEFAULT_ON) == ctx.negated
    if not ctx.defaulted and (printed or ctx.session.loading):
        lines.insert(at, entered)


def _global_handler(group: Group, words: str) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        _keep(ctx.router.model.block(KeptLines).groups.setdefault(group.name, []), words, rest, ctx)

    return handler


def _interface_handler(words: str, single: bool) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        target: InterfaceConfig = ctx.target
        kept = ctx.router.model.block(KeptLines).interfaces.setdefault(str(target.name), [])
        _keep(kept, words, rest, ctx, single)

    return handler


def _declare() -> None:
    for group in GLOBAL_LINES:
        for words in group.prefixes:
            helps = "\n".join([HELP] * (len(words.split()) + 1))
            TABLE.command(CONFIG, f"{words} [LINE$rest]", helps, no=ARGUMENTS_OPTIONAL)(_global_handler(group, words))
    for prefixes, single in ((SINGLE_INTERFACE_LINES, True), (REPEATED_INTERFACE_LINES, False)):
        for words in prefixes:
            helps = "\n".join([HELP] * (len(words.split()) + 1))
            TABLE.command(CONFIG_IF, f"{words} [LINE$rest]", helps, no=ARGUMENTS_OPTIONAL)(
                _interface_handler(words, single)
            )


_declare()


def _section(group: Group) -> Section:
    def paragraphs(router: Router) -> list[Lines]:
        kept = router.model.block(KeptLines).groups.get(group.name, [])
        return [[f"{line} " if line in TRAILING_BLANK else line for line in kept]]

    return Section(group.place, paragraphs, group.order)


def _interface_lines(model: Model, name: str) -> list[str]:
    return [f" {line}" for line in model.block(KeptLines).interfaces.get(name, [])]


LINE_SECTIONS = tuple(_section(group) for group in GLOBAL_LINES)
CONTRIBUTION = Contribution("interface", 50, _interface_lines)
