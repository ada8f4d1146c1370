"""Lines of IOS that have no effect here: kept as they were entered, printed in their place, removed by `no`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from iosemu.cli.context import Context
from iosemu.cli.modes import Mode
from iosemu.cli.outline import Outlined, parse
from iosemu.cli.spec import words
from iosemu.cli.table import ARGUMENTS_OPTIONAL, CommandTable, Handler
from iosemu.cli.vocabulary import help_for


@dataclass
class KeptItem:
    """One line with what stands below it. `rank` is the place of its command among those of the mode."""

    rank: int
    line: str
    block: Kept | None = None
    before: str = field(default="", compare=False)
    after: str = field(default="", compare=False)
    indent: str = field(default="", compare=False)


@dataclass
class Kept:
    """Lines by their key: the words that a later line must share to take the place of an earlier one. `text` is a body
    that is kept as it stands, such as a certificate."""

    items: dict[str, KeptItem] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def lines(self, indent: str = "") -> list[str]:
        """The lines in the order of the running-config."""
        printed = [f"{indent}{line}" for line in self.text]
        for item in sorted(self.items.values(), key=lambda item: item.rank):
            printed += [f"{indent}{item.before}"] if item.before else []
            printed.append(f"{indent}{item.indent}{item.line}")
            if item.block is not None:
                # A body of text brings its own indentation.
                printed += item.block.text or item.block.lines(f"{indent} ")
            printed += [f"{indent}{item.after}"] if item.after else []
        return printed

    def paragraphs(self) -> list[list[str]]:
        """The lines of a section: a block is a paragraph of its own, single lines stand together."""
        found: list[list[str]] = []
        together = False
        for item in sorted(self.items.values(), key=lambda item: item.rank):
            lines = Kept({item.line: item}).lines()
            if together and item.block is None:
                found[-1] += lines
            else:
                found.append(lines)
            together = item.block is None
        return found

    def remove(self, line: str) -> None:
        """Remove a line in either form, and every line that begins with these words."""
        for key, item in list(self.items.items()):
            if f"{item.line.removeprefix('no ')} ".startswith(f"{line} "):
                del self.items[key]


# Several where one command sets the lines of several objects, such as a range.
Where = Callable[[Context], "Kept | list[Kept]"]


def declare(table: CommandTable, mode: Mode, where: Where, text: str, first_rank: int = 0) -> None:
    """Declare the commands of an outline in a mode; `where` finds the object that keeps their lines."""
    for rank, outlined in enumerate(parse(text), start=first_rank):
        _declare(table, mode, where, outlined, rank)


def _declare(table: CommandTable, mode: Mode, where: Where, outlined: Outlined, rank: int) -> None:
    helps = "\n".join(help_for(word) for word in words(outlined.spec))
    inner = None
    if outlined.prompt:
        name = f"{mode.name}/{outlined.opening}"
        raw = _body_taker(outlined.end) if outlined.end else None
        inner = Mode(name, f"({outlined.prompt})", f"{outlined.header}:", mode, raw=raw, verbatim=bool(outlined.end))
        for inner_rank, child in enumerate(outlined.children):
            _declare(table, inner, lambda ctx: ctx.target.kept, child, inner_rank)
        if outlined.after.startswith("exit-"):
            # Typed in the inner mode it is found here, in the outer one: being found is what leaves the inner mode.
            table.command(mode, outlined.after, help_for(outlined.after))(_leave)
    table.command(mode, outlined.spec, helps, no=ARGUMENTS_OPTIONAL, kept=not outlined.effective)(
        _handler(outlined, rank, where, inner)
    )


@dataclass(slots=True)
class _Opened:
    """What a mode of kept lines is about; `ctx` is the context of the opening line, `end` the last line of a body."""

    kept: Kept
    ctx: Context
    end: str


def _leave(ctx: Context) -> None:
    """Leaving has happened already."""


def _body_taker(end: str) -> Callable[[_Opened, str], None]:
    def take(opened: _Opened, line: str) -> None:
        opened.kept.text.append(line)
        if line.strip() == end:
            opened.ctx.session.unwind(opened.ctx.session.depth - 1)

    return take


def _handler(outlined: Outlined, rank: int, where: Where, inner: Mode | None) -> Handler:
    def handler(ctx: Context, **_: object) -> None:
        found = where(ctx)
        for kept in found if isinstance(found, list) else [found]:
            _enter(ctx, kept, outlined, rank, inner)

    return handler


def _enter(ctx: Context, kept: Kept, outlined: Outlined, rank: int, inner: Mode | None) -> None:
    key = " ".join(ctx.line.split()[: outlined.key_words]) if outlined.key_words else ctx.line
    if ctx.negated:
        kept.remove(ctx.line)
        # A saved configuration says `no` only where that differs from what the platform does by itself.
        printed = outlined.both or outlined.on or ctx.session.loading
        if inner is None and printed and not ctx.defaulted:
            kept.items[key] = KeptItem(rank, f"no {ctx.line}")
    elif inner is not None:
        item = kept.items.get(key)
        if item is None or item.block is None or outlined.end:
            item = kept.items[key] = KeptItem(rank, ctx.line, Kept(), outlined.before, outlined.after)
        assert item.block is not None
        ctx.enter(inner, _Opened(item.block, ctx, outlined.end))
    elif outlined.on:
        kept.items.pop(key, None)
    else:
        line = f"{ctx.line} " if outlined.blank else ctx.line
        kept.items[key] = KeptItem(rank, line, indent=" " if outlined.deeper else "")
