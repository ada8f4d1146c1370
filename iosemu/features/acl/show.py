"""show access-lists."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.acl.access_group import AccessGroupService
from iosemu.features.acl.config import AccessList, AccessLists
from iosemu.features.acl.printer import entry_text

TABLE = CommandTable()


def show_access_lists(ctx: Context, name: str | None = None) -> str:
    lists = ctx.router.model.block(AccessLists).lists
    service = ctx.router.service(AccessGroupService)
    found = [lists[key] for key in sorted(lists) if name in (None, key)]
    return "".join(_block(item, service) for item in found)


def _block(item: AccessList, service: AccessGroupService) -> str:
    lines = [f"{'Extended' if item.extended else 'Standard'} IP access list {item.name}"]
    for entry in item.entries:
        if entry.remark is None:
            hits = service.judge.hits[item.name, entry.sequence]
            suffix = f" ({hits} match{'' if hits == 1 else 'es'})" if hits else ""
            lines.append(f"    {entry.sequence} {_shown(item, entry_text(entry, item.extended))}{suffix}")
    return "\n".join(lines) + "\n"


def _shown(item: AccessList, text: str) -> str:
    """Standard lists spell the wildcard out."""
    words = text.split()
    if not item.extended and len(words) > 2 and words[2][0].isdecimal():
        return f"{words[0]} {words[1]}, wildcard bits {' '.join(words[2:])}"
    return text


TABLE.command(
    USER_EXEC, "show access-lists [WORD$name]", "Show running system information\nList access lists\nACL name"
)(show_access_lists)
TABLE.command(
    USER_EXEC,
    "show ip access-lists [WORD$name]",
    "Show running system information\nIP information\nList IP access lists\nACL name",
)(show_access_lists)
