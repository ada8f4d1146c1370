"""`line` blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

ORDER = ("con", "aux", "vty")


@dataclass
class LineConfig:
    """One block; `settings` keeps the lines in the order of entry."""

    kind: str
    first: int
    last: int | None = None
    settings: list[str] = field(default_factory=list)

    @property
    def opening(self) -> str:
        """The line that opens the block."""
        return f"line {self.kind} {self.first}" + ("" if self.last is None else f" {self.last}")


@dataclass
class LinesConfig:
    """All blocks by their opening line."""

    blocks: dict[str, LineConfig] = field(default_factory=dict)


def _paragraphs(router: Router) -> list[Lines]:
    blocks = router.model.block(LinesConfig).blocks.values()
    ordered = sorted(blocks, key=lambda block: (ORDER.index(block.kind), block.first))
    return [[line for block in ordered for line in (block.opening, *(f" {item}" for item in block.settings))]]


SECTION = Section(Place.LINE, _paragraphs)
