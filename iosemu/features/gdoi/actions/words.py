"""What EXEC commands of GDOI share: how they are declared, by the name of gkm as well, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.cli.table import Handler
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.ike.vendor import Version
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.shows.feature import has_older

QUESTION = "Are you sure you want to proceed ? [yes/no]: "
GROUP = "One group\nGroup name"
_WORDS = {"gdoi": "GDOI", "gkm": "GKM"}


def clear(table: CommandTable, words: str, helps: str) -> Callable[[Handler], Handler]:
    """Declare `clear crypto gdoi ...`."""
    head = "Reset functions\nEncryption subsystem\nClear {} state\n"
    return _declare(table, f"clear crypto {{}} {words}", head + helps)


def execute(table: CommandTable, words: str, helps: str) -> Callable[[Handler], Handler]:
    """Declare `crypto gdoi ...`."""
    return _declare(table, f"crypto {{}} {words}", f"Encryption related commands\n{{}} commands\n{helps}")


def _declare(table: CommandTable, spec: str, helps: str) -> Callable[[Handler], Handler]:
    def declare(handler: Handler) -> Handler:
        for word, name in _WORDS.items():
            table.command(PRIV_EXEC, spec.format(word), helps.format(name))(handler)
        return handler

    return declare


def check_group(ctx: Context, name: str | None) -> None:
    """A group that is named must be there."""
    if name is not None and name not in ctx.router.model.block(GdoiGroups).groups:
        raise CommandError(f"% group {name} doesn't yet exist.")


def not_primary(groups: Iterable[str]) -> str:
    """What a secondary key server says."""
    return "".join(refusal(group, "can only execute this command on Primary KS") for group in groups)


def refusal(group: str, reason: str) -> str:
    """Why a command does nothing in a group."""
    return f"ERROR for group {group}: {reason}\n"


def warnings(servers: Iterable[KeyServer], since: Version, text: str) -> str:
    """About the groups with members that are older than a version."""
    return "".join(f"WARNING for group {item.config.group}: {text}\n" for item in servers if has_older(item, since))
