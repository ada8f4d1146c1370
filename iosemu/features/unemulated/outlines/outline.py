"""A section of the running-config whose lines are kept."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.router.running_config import Place


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline of commands without effect, and where their lines are printed. `text` is an outline as `cli.outline`
    describes it; `order` ranks the sections of one place."""

    name: str
    place: Place
    text: str
    order: int = 50
