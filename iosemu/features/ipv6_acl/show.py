"""show ipv6 access-list."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.acl.config import AccessList
from iosemu.features.ipv6_acl.config import Ipv6AccessLists
from iosemu.features.ipv6_acl.printer import entry_text
from iosemu.features.ipv6_acl.traffic_filter import TrafficFilterService

TABLE = CommandTable()


@TABLE.command(
    USER_EXEC,
    "show ipv6 access-list [WORD$name]",
    "Show running system information\nIPv6 information\nSummary of access lists\nAccess list name",
)
def show_access_list(ctx: Context, name: str | None = None) -> str:
    lists = ctx.router.model.block(Ipv6AccessLists).lists
    return "".join(_block(ctx, lists[key]) for key in sorted(lists) if name in (None, key))


def _block(ctx: Context, item: AccessList) -> str:
    hits = ctx.router.service(TrafficFilterService).judge.hits
    lines = [f"IPv6 access list {item.name}"]
    for entry in item.entries:
        if entry.remark is None:
            count = hits[item.name, entry.sequence]
            matches = f" ({count} match{'' if count == 1 else 'es'})" if count else ""
            lines.append(f"    {entry_text(entry)}{matches} sequence {entry.sequence}")
    return "".join(f"{line}\n" for line in lines)
