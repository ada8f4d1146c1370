"""show route-map: route maps are only kept, and shown as they are configured."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.cli.kept import KeptItem
from iosemu.features.unemulated.config import KeptSections

TABLE = CommandTable()


@TABLE.command(
    USER_EXEC, "show route-map [WORD$name]", "Show running system information\nroute-map information\nroute-map name"
)
def show_route_map(ctx: Context, name: str = "") -> str:
    kept = ctx.router.model.block(KeptSections).sections["route-map"]
    items = [item for item in kept.items.values() if item.line.split()[0] == "route-map"]
    shown = [row for item in items if name in ("", item.line.split()[1]) for row in _rows(item)]
    if name and not shown:
        return f"route-map {name} not found\n"
    return "".join(f"{row}\n" for row in shown)


def _rows(item: KeptItem) -> list[str]:
    _, name, action, sequence = (*item.line.split(), "permit", "10")[:4]
    lines = [line.split() for line in (item.block.lines() if item.block else [])]
    rows = [f"route-map {name}, {action}, sequence {sequence}"]
    for word in ("match", "set"):
        rows.append(f"  {word.capitalize()} clauses:")
        rows += [f"    {_clause(words[1:])}" for words in lines if words[0] == word]
    return [*rows, "  Policy routing matches: 0 packets, 0 bytes"]


def _clause(words: list[str]) -> str:
    """IOS puts a colon between what is asked and the names of the lists."""
    if words[:3] == ["ip", "address", "prefix-list"]:
        return f"ip address prefix-lists: {' '.join(words[3:])}"
    if words[:2] == ["ip", "address"]:
        return f"ip address (access-lists): {' '.join(words[2:])}"
    return " ".join(words)
