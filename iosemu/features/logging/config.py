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
    """Each level is the one up to which a destination takes messages, None when it takes none."""

    buffer_size: int = DEFAULT_BUFFER
    buffered: int | None = DEBUGGING
    console: int | None = DEBUGGING
    monitor: int | None = DEBUGGING


def level_line(destination: str, level: int | None) -> list[str]:
    """The line of a destination, where it is not the default."""
    if level is None:
        return [f"no logging {destination}"]
    return [] if level == DEBUGGING else [f"logging {destination} {LEVELS[level]}"]


def _paragraphs(router: Router) -> list[Lines]:
    config = router.model.block(LoggingConfig)
    if config.buffered is None:
        lines = ["no logging buffered"]
    elif config.buffer_size == DEFAULT_BUFFER:
        lines = level_line("buffered", config.buffered)
    else:
        level = "" if config.buffered == DEBUGGING else f" {LEVELS[config.buffered]}"
        lines = [f"logging buffered {config.buffer_size}{level}"]
    return [lines + level_line("console", config.console) + level_line("monitor", config.monitor)]


SECTION = Section(Place.LOGGING, _paragraphs)
