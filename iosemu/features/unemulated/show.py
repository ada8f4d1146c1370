"""show iosemu kept: which lines of the running-config have no effect."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.cli.loader import load_config
from iosemu.cli.table import Command
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()


@TABLE.command(
    PRIV_EXEC,
    "show iosemu kept",
    """Show running system information
    This emulator
    Configuration lines that are kept without effect""",
)
def show_kept(ctx: Context) -> str:
    lines = kept_lines(ctx)
    if not lines:
        return "Every line of the running-config has an effect.\n"
    return "".join(f"{line}\n" for line in ["Lines that are kept and printed, without effect here:", "", *lines])


def kept_lines(ctx: Context) -> list[str]:
    """The kept lines, each below the lines that open its block; found by reading the running-config once more."""
    text = print_running_config(ctx.router)
    source = text.splitlines()
    found: list[str] = []
    shown: list[str] = []

    def observe(number: int, command: Command) -> None:
        line = source[number - 1]
        depth = len(line) - len(line.lstrip())
        del shown[depth:]
        shown.extend([""] * (depth - len(shown)) + [line])
        if command.kept:
            found.extend(item for item in shown if item)
            shown[:] = [""] * len(shown)

    load_config(Router(ctx.router.clock, ctx.router.plugins), ctx.session.grammar, text, observe=observe, commit=False)
    return found
