"""Sender IDs of counter modes: `identifier` and `group size` of `server local`."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.gdoi.configuration.config import (
    LOCAL_SERVER,
    SERVER_ID,
)

TABLE = CommandTable()
SMALL_KSSID = 127


@TABLE.command(LOCAL_SERVER, "identifier", "Numbers of this key server in sender IDs", no=ARGUMENTS_OPTIONAL)
def identifier(ctx: Context) -> None:
    if ctx.negated:
        ctx.target.identifier = None
        return
    ctx.target.identifier = ctx.target.identifier or []
    ctx.enter(SERVER_ID, ctx.target)


@TABLE.command(
    SERVER_ID,
    "range <0-511>$first - <0-511>$last",
    "A range of KSSIDs\nFirst number\nUp to\nLast number",
    no="range <0-511>$first - <0-511>$last",
)
def identifier_range(ctx: Context, first: int, last: int) -> None:
    _assign(ctx, first, last)


@TABLE.command(SERVER_ID, "value <0-511>$number", "One KSSID\nNumber", no="value <0-511>$number")
def identifier_value(ctx: Context, number: int) -> None:
    _assign(ctx, number, number)


def _assign(ctx: Context, first: int, last: int) -> None:
    if last < first:
        raise CommandError("% Invalid range: the last KSSID is lower than the first one.\n")
    if last > SMALL_KSSID and ctx.target.group_size != "large" and not ctx.session.loading:
        raise CommandError(f"% KSSIDs above {SMALL_KSSID} need group size large.\n")
    ranges = [item for item in ctx.target.identifier or [] if item != (first, last)]
    ctx.target.identifier = ranges if ctx.negated else sorted([*ranges, (first, last)])


@TABLE.command(
    LOCAL_SERVER,
    "group size (small$size (8|12|16)$bits|(medium|large)$size)",
    """Number of senders with counter mode
    Size of the group
    Small group
    8 bit sender IDs
    12 bit sender IDs
    16 bit sender IDs
    24 bit sender IDs
    32 bit sender IDs""",
    no=ARGUMENTS_OPTIONAL,
)
def group_size(ctx: Context, size: str | None = None, bits: str | None = None) -> None:
    highest = max((last for _, last in ctx.target.identifier or ()), default=0)
    if highest > SMALL_KSSID and (ctx.negated or size != "large") and not ctx.session.loading:
        raise CommandError(f"% KSSIDs above {SMALL_KSSID} need group size large.\n")
    ctx.target.group_size = None if ctx.negated else " ".join(word for word in (size, bits) if word)
