"""How `show crypto gdoi` commands are declared, and what they show of."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.cli.table import Handler
from iosemu.features.gdoi.configuration.config import GdoiGroup, GdoiGroups
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.role import MemberRole

_HEAD = "Show running system information\nEncryption module\n"
_SPELLINGS = {"gdoi": "Show GDOI\n", "gkm": "Show GKM\n"}


def show(table: CommandTable, words: str, helps: str) -> Callable[[Handler], Handler]:
    """Declare `show crypto gdoi WORDS`, which `gkm` introduces as well."""

    def declare(handler: Handler) -> Handler:
        for spelling, help_text in _SPELLINGS.items():
            table.command(PRIV_EXEC, f"show crypto {spelling} {words}".rstrip(), _HEAD + help_text + helps)(handler)
        return handler

    return declare


def text_of(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def served_groups(ctx: Context) -> list[GdoiGroup]:
    return [group for group in ctx.router.model.block(GdoiGroups).groups.values() if group.local is not None]


def memberships_of(ctx: Context) -> list[Membership]:
    return ctx.router.service(MemberRole).distinct
