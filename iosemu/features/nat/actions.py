"""clear ip nat."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.nat.service import NatService

TABLE = CommandTable()
_CLEAR = "Reset functions\nIP\nClear NAT"


@TABLE.command(
    PRIV_EXEC, "clear ip nat translation *", f"{_CLEAR}\nClear dynamic translation\nDelete all dynamic translations"
)
def clear_translations(ctx: Context) -> None:
    ctx.router.service(NatService).clear()


@TABLE.command(PRIV_EXEC, "clear ip nat statistics", f"{_CLEAR}\nClear translation statistics")
def clear_statistics(ctx: Context) -> None:
    engine = ctx.router.service(NatService).engine
    engine.hits = engine.misses = engine.expired = 0
