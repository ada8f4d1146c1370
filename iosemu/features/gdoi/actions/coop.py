"""clear crypto gdoi ks coop."""

from __future__ import annotations

from iosemu.cli import CommandTable, Context
from iosemu.features.gdoi.actions.words import GROUP, check_group, clear
from iosemu.features.gdoi.cooperation.role import CoopRole

TABLE = CommandTable()
_COOP = "Key server\nCooperative key servers\n"


@clear(TABLE, "ks coop counters [group WORD$name]", f"{_COOP}Counters of messages\n{GROUP}")
def clear_counters(ctx: Context, name: str | None = None) -> None:
    check_group(ctx, name)
    for server in ctx.router.service(CoopRole).named(name):
        server.clear_counters()


@clear(TABLE, "ks coop role [group WORD$name]", f"{_COOP}Roles, by a new election\n{GROUP}")
def clear_role(ctx: Context, name: str | None = None) -> None:
    check_group(ctx, name)
    ctx.router.service(CoopRole).clear_roles(name)
