"""show object-group, show time-range."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.acl.groups import Groups, active

TABLE = CommandTable()
_SHOW = "Show running system information\n"


@TABLE.command(USER_EXEC, "show object-group [name WORD$name]", f"{_SHOW}Object group\nBy name\nGroup name")
@TABLE.command(USER_EXEC, "show object-group WORD$name", f"{_SHOW}Object group\nGroup name", hidden=True)
def show_object_group(ctx: Context, name: str = "") -> str:
    rows = []
    for item in ctx.router.model.block(Groups).objects.items.values():
        _, kind, own = item.line.split()
        if name in ("", own):
            rows.append(f"{kind.capitalize()} object group {own}")
            for line in item.block.lines() if item.block is not None else []:
                word, _, rest = line.partition(" ")
                rows.append(f" Description {rest}" if word == "description" else f" {line}")
            rows.append("")
    return "".join(f"{row}\n" for row in rows)


@TABLE.command(USER_EXEC, "show time-range [WORD$name]", f"{_SHOW}Time range\nTime range name")
def show_time_range(ctx: Context, name: str = "") -> str:
    model, now = ctx.router.model, ctx.router.calendar.local()
    rows = []
    for item in model.block(Groups).ranges.items.values():
        own = item.line.split()[1]
        if name in ("", own):
            rows.append(f"time-range entry: {own} ({'active' if active(model, own, now) else 'inactive'})")
            rows += [f"   {line}" for line in (item.block.lines() if item.block is not None else [])]
    return "".join(f"{row}\n" for row in rows)
