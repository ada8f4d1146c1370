"""`file prompt`: how much is asked before a file is changed."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
ALERT = "alert"


@dataclass
class FilePrompt:
    """How much is asked before files are touched. `alert` asks before something is overwritten, `quiet` never asks,
    `noisy` asks all that IOS can ask."""

    level: str = ALERT


@TABLE.command(
    CONFIG,
    "file prompt [(alert|noisy|quiet)$level]",
    """Adjust file system parameters
    Set level of prompting for file operations
    Prompt only for destructive file operations
    Confirm all file operation parameters
    Seldom prompt for file operations""",
    no=ARGUMENTS_OPTIONAL,
)
def file_prompt(ctx: Context, level: str = ALERT) -> None:
    ctx.router.model.block(FilePrompt).level = ALERT if ctx.negated else level


def _lines(router: Router) -> list[Lines]:
    level = router.model.block(FilePrompt).level
    return [] if level == ALERT else [[f"file prompt {level}"]]


SECTION = Section(Place.ARCHIVE, _lines)
