"""`crypto pki` is written `crypto ca` too, as it was in its early days; only the new spelling is listed by help."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import CONFIG, PRIV_EXEC, CommandTable
from iosemu.cli.modes import Mode
from iosemu.cli.table import Handler

NEW, OLD = "crypto pki", "crypto ca"
# What is done at once can be typed in either mode.
EITHER = (CONFIG, PRIV_EXEC)
YES = ("yes", "y")


def declare(
    table: CommandTable, modes: Mode | tuple[Mode, ...], spec: str, helps: str, *, no: str | None = None
) -> Callable[[Handler], Handler]:
    """Declare a command whose spec contains `crypto pki` under both spellings. There is a negated form in configuration
    modes alone."""

    def declared(handler: Handler) -> Handler:
        for mode in modes if isinstance(modes, tuple) else (modes,):
            for spelling in (NEW, OLD):
                short = no.replace(NEW, spelling) if no is not None and mode.is_config else None
                own = spec.replace(NEW, spelling)
                table.command(mode, own, helps, no=short, hidden=spelling == OLD)(handler)
        return handler

    return declared


def pki_helps(*texts: str) -> str:
    """The help texts of a command that begins with `crypto pki`."""
    return "\n".join(("Encryption module", "Public Key components", *texts))


def show_helps(*texts: str) -> str:
    """The help texts of a command that begins with `show crypto pki`."""
    return "\n".join(("Show running system information", pki_helps(*texts)))
