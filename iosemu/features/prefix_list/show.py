"""show ip prefix-list, in its forms."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.prefix_list.config import PrefixEntry, PrefixList, PrefixLists

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nList IP prefix lists\n"


@TABLE.command(
    USER_EXEC,
    "show ip prefix-list [(detail|summary)$form] [WORD$name [seq <1-4294967294>$number]]",
    f"""{_SHOW}Detail of prefix lists
    Summary of prefix lists
    Name of a prefix list
    Sequence number of an entry
    Sequence number""",
)
def show_prefix_list(ctx: Context, form: str = "", name: str = "", number: int | None = None) -> str:
    lists = ctx.router.model.block(PrefixLists).by_name
    if name and name not in lists:
        return f"%Can't find prefix-list {name}\n"
    rows = []
    for own in [name] if name else sorted(lists):
        entries = [(place, entry) for place, entry in lists[own].ordered() if number in (None, place)]
        rows += _head(own, lists[own], form)
        rows += [_row(place, entry, form) for place, entry in entries] if form != "summary" else []
    return "".join(f"{row}\n" for row in rows)


def _head(name: str, item: PrefixList, form: str) -> list[str]:
    count = len(item.entries)
    if not form:
        return [f"ip prefix-list {name}: {count} entries"]
    ranges = sum(entry.least is not None or entry.most is not None for entry in item.entries.values())
    places = sorted(item.entries) or [0]
    return [
        f"ip prefix-list {name}:",
        *([f"   Description: {item.description}"] if item.description is not None else []),
        f"   count: {count}, range entries: {ranges}, sequences: {places[0]} - {places[-1]}, refcount: 1",
    ]


def _row(place: int, entry: PrefixEntry, form: str) -> str:
    return f"   seq {place} {entry}" + (" (hit count: 0, refcount: 1)" if form == "detail" else "")
