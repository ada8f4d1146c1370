"""`ip access-list`, `access-list`, and the lists as a whole. The entries of named lists are in `entries`."""

from __future__ import annotations

from typing import Any

from iosemu.cli import CONFIG, PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.features.acl import entries
from iosemu.features.acl.access_group import AccessGroupService
from iosemu.features.acl.config import AccessList, AccessLists, Entry
from iosemu.features.acl.entries import EXTENDED, STANDARD

TABLE = CommandTable()
STANDARD_NUMBERS = (*range(1, 100), *range(1300, 2000))
EXTENDED_NUMBERS = (*range(100, 200), *range(2000, 2700))
_NUMBERS = "(<1-99>|<1300-1999>|<100-199>|<2000-2699>)$number"
_NUMBERS_HELP = """IP standard access list
IP standard access list (expanded range)
IP extended access list
IP extended access list (expanded range)"""
_NAMED_SPEC = "ip access-list (standard|extended)$kind WORD$name"


@TABLE.command(
    CONFIG,
    _NAMED_SPEC,
    """Global IP configuration subcommands
    Named access-list
    Standard Access List
    Extended Access List
    Access-list name or number""",
    no=_NAMED_SPEC,
)
def ip_access_list(ctx: Context, kind: str, name: str) -> None:
    lists = ctx.router.model.block(AccessLists)
    extended = kind == "extended"
    if ctx.negated:
        lists.lists.pop(name, None)
        return
    if name.isdecimal() and int(name) not in (EXTENDED_NUMBERS if extended else STANDARD_NUMBERS):
        raise CommandError("% Invalid access list name.")
    found = lists.get(name, extended)
    if found.extended != extended:
        raise CommandError("% A named access list with this name already exists")
    ctx.enter(EXTENDED if extended else STANDARD, found)


@TABLE.command(
    CONFIG,
    "ip access-list resequence WORD$name <1-2147483647>$start <1-2147483647>$step",
    """Global IP configuration subcommands
    Named access-list
    Resequence Access List
    Access-list name or number
    Starting Sequence Number
    Step to increment the sequence number""",
)
def resequence(ctx: Context, name: str, start: int, step: int) -> None:
    found = ctx.router.model.block(AccessLists).lists.get(name)
    if found is None:
        raise CommandError("% Access list does not exist")
    found.resequence(start, step)


@TABLE.command(
    CONFIG,
    "ip reflexive-list timeout <1-2147483>$seconds",
    """Global IP configuration subcommands
    Reflexive access list
    Maximum time to live without traffic
    Number of seconds""",
    no="ip reflexive-list timeout [<1-2147483>$seconds]",
)
def reflexive_timeout(ctx: Context, seconds: int | None = None) -> None:
    ctx.router.model.block(AccessLists).reflexive_timeout = None if ctx.negated else seconds


def _numbered(ctx: Context, number: int) -> AccessList:
    return ctx.router.model.block(AccessLists).get(str(number), number in EXTENDED_NUMBERS)


def _entry(ctx: Context, number: int, action: str, **words: Any) -> None:
    if ctx.negated:
        # The numbered form has always removed the whole list, whatever entry is named.
        ctx.router.model.block(AccessLists).lists.pop(str(number), None)
    else:
        # First the entry: a port that does not exist must not leave an empty list behind.
        added = entries.entry(action, words)
        entries.check(ctx, added)
        _numbered(ctx, number).add(added)


for _numbers, _help, _bodies in (
    ("(<1-99>|<1300-1999>)$number", "Standard list\nStandard list (expanded range)", (entries.STANDARD_BODY,)),
    ("(<100-199>|<2000-2699>)$number", "Extended list\nExtended list (expanded range)", entries.EXTENDED_BODIES),
):
    for _body in _bodies:
        _spec = f"access-list {_numbers} (permit|deny)$action {_body.spec}"
        TABLE.command(
            CONFIG,
            _spec,
            f"Add an access list entry\n{_help}\nSpecify packets to forward\nSpecify packets to reject\n{_body.helps}",
            no=_spec,
        )(_entry)


@TABLE.command(
    CONFIG,
    f"access-list {_NUMBERS} remark LINE$text",
    f"Add an access list entry\n{_NUMBERS_HELP}\nAccess list entry comment\nComment up to 100 characters",
    no=f"access-list {_NUMBERS} [remark LINE$text]",
)
def remark(ctx: Context, number: int, text: str = "") -> None:
    if not ctx.negated:
        _numbered(ctx, number).add(Entry(0, remark=text))
    elif text:
        lists = ctx.router.model.block(AccessLists).lists
        found = lists.get(str(number))
        if found is not None and found.remove(Entry(0, remark=text)) and not found.entries:
            del lists[str(number)]
    else:
        ctx.router.model.block(AccessLists).lists.pop(str(number), None)


def clear_counters(ctx: Context, name: str | None = None) -> None:
    hits = ctx.router.service(AccessGroupService).judge.hits
    for key in [key for key in hits if name in (None, key[0])]:
        del hits[key]


TABLE.command(
    PRIV_EXEC,
    "clear access-list counters [WORD$name]",
    "Reset functions\nClear access list statistical information\nClear access list counters\nACL name",
)(clear_counters)
TABLE.command(
    PRIV_EXEC,
    "clear ip access-list counters [WORD$name]",
    "Reset functions\nIP\nClear access list statistical information\nClear access list counters\nACL name",
)(clear_counters)
