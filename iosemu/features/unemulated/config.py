"""The kept lines of global configuration, section by section, and those of an interface."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import CONFIG, CommandTable, Context
from iosemu.cli.kept import Kept, Where, declare
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.unemulated.outlines import OUTLINES
from iosemu.features.unemulated.outlines.interface import INTERFACE
from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Section

TABLE = CommandTable()


@dataclass
class KeptSections:
    """Kept lines by the name of their section."""

    sections: dict[str, Kept] = field(default_factory=lambda: {outline.name: Kept() for outline in OUTLINES})


def _where(outline: Outline) -> Where:
    def where(ctx: Context) -> Kept:
        return ctx.router.model.block(KeptSections).sections[outline.name]

    return where


def _section(outline: Outline) -> Section:
    def paragraphs(router: Router) -> list[Lines]:
        return router.model.block(KeptSections).sections[outline.name].paragraphs()

    return Section(outline.place, paragraphs, outline.order)


for _outline in OUTLINES:
    declare(TABLE, CONFIG, _where(_outline), _outline.text)
declare(TABLE, CONFIG_IF, lambda ctx: ctx.target.kept, INTERFACE)

SECTIONS = tuple(_section(outline) for outline in OUTLINES)
