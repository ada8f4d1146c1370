"""terminal iosemu explain."""

from __future__ import annotations

import textwrap

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.explain.texts import explanation

TABLE = CommandTable()


@TABLE.command(
    USER_EXEC,
    "terminal iosemu explain (on|off)$state",
    """Set terminal line parameters
    What only this emulator has
    Explain errors and shows
    Explain
    Do not explain""",
)
def explain(ctx: Context, state: str) -> None:
    ctx.session.explainer = _explain if state == "on" else None


def _explain(line: str, printed: str, mode: str, width: int) -> str:
    """The explanation, wrapped to the terminal."""
    lines = explanation(line, printed, mode).splitlines()
    wrapped = [part for item in lines for part in textwrap.wrap(item, width or 80, subsequent_indent="  ")]
    return "".join(f"{part}\n" for part in wrapped)
