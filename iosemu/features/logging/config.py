"""`logging` lines."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

LEVELS = (
    "emergencies",
    "alerts",
    "critical",
    "errors",
    "warnings",
    "notifications",
    "informational",
    "debugging",
)
DEBUGGING = 7
DEFAULT_BUFFER = 4096


@dataclass
class LoggingConfig:
    """`console` is the level up to which the console shows messages, None when it shows none."""

    buffer_size: int = DEFAULT_BUFFER
    console: int | None = DEBUGGING


def _paragraphs(router: Router) -> list[Lines]:
    config = router.model.block(LoggingConfig)
    lines = [f"logging buffered {config.buffer_size}"] if config.buffer_size != DEFAULT_BUFFER else []
    if config.console is None:
        lines.append("no logging console")
    elif config.console != DEBUGGING:
        lines.append(f"logging console {LEVELS[config.console]}")
    return [lines]


SECTION = Section(Place.LOGGING, _paragraphs)
