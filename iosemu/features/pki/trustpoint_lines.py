"""How the lines of a trustpoint are declared."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandTable, Context
from iosemu.cli.table import Handler
from iosemu.features.pki.config import CA_TRUSTPOINT, Trustpoint


def lines_of(table: CommandTable) -> Callable[[str, str, Handler], None]:
    """What declares a line by its spec, its help texts and its handler; `no` may end behind the keywords."""

    def line(spec: str, helps: str, handler: Handler) -> None:
        table.command(CA_TRUSTPOINT, spec, helps, no=ARGUMENTS_OPTIONAL)(handler)

    return line


def setter(field: str) -> Handler:
    """A handler that keeps a word in a field, or takes back what was kept."""
    default = getattr(Trustpoint(""), field)

    def handler(ctx: Context, value: object = default) -> None:
        setattr(ctx.target, field, default if ctx.negated else value)

    return handler
