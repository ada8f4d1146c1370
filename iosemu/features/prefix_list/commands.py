"""`ip prefix-list`."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.cli import CONFIG, CommandError, CommandTable, Context
from iosemu.features.prefix_list.config import PrefixEntry, PrefixList, PrefixLists

TABLE = CommandTable()
_IP = "Global IP configuration subcommands\nBuild a prefix list\n"
_NAME = f"{_IP}Name of a prefix list\n"


@TABLE.command(
    CONFIG,
    "ip prefix-list sequence-number",
    f"{_IP}Include/exclude sequence numbers in NVGEN",
    no="ip prefix-list sequence-number",
    kept=True,
)
def sequence_number(ctx: Context) -> None:
    ctx.router.model.block(PrefixLists).numbered = not ctx.negated or ctx.defaulted


@TABLE.command(
    CONFIG,
    "ip prefix-list WORD$name description LINE$text",
    f"{_NAME}Prefix-list specific description\nUp to 80 characters describing this prefix-list",
    no="ip prefix-list WORD$name description",
    kept=True,
)
def describe(ctx: Context, name: str, text: str | None = None) -> None:
    lists = ctx.router.model.block(PrefixLists).by_name
    if not ctx.negated:
        lists.setdefault(name, PrefixList()).description = text
    elif name in lists:
        lists[name].description = None
        _drop_if_empty(lists, name)


@TABLE.command(
    CONFIG,
    "ip prefix-list WORD$name [seq <1-4294967294>$number] (permit|deny)$action A.B.C.D/nn$prefix "
    "{ge <1-32>$least|le <1-32>$most}",
    f"""{_NAME}Sequence number of an entry
    Sequence number
    Specify packets to forward
    Specify packets to reject
    IP prefix <network>/<length>, e.g., 35.0.0.0/8
    Minimum prefix length to be matched
    Minimum prefix length
    Maximum prefix length to be matched
    Maximum prefix length""",
    no="ip prefix-list WORD$name [seq <1-4294967294>$number]",
    kept=True,
)
def prefix_list(
    ctx: Context,
    name: str,
    number: int | None = None,
    action: str = "",
    prefix: IPv4Network | None = None,
    least: int | None = None,
    most: int | None = None,
) -> None:
    lists = ctx.router.model.block(PrefixLists).by_name
    entry = None if prefix is None else _entry(action == "permit", prefix, least, most)
    if ctx.negated:
        _remove(lists, name, number, entry)
        return
    assert entry is not None
    item = lists.get(name) or PrefixList()
    same = next((place for place, other in item.entries.items() if other == entry), None)
    if same is not None and number in (None, same):
        return
    if same is not None or number in item.entries:
        raise CommandError("%Insert failed - prefix-list entry exists")
    item.entries[item.next_number() if number is None else number] = entry
    lists[name] = item


def _entry(permit: bool, prefix: IPv4Network, least: int | None, most: int | None) -> PrefixEntry:
    """An entry whose lengths can be met."""
    limits = [value for value in (least, most) if value is not None]
    if any(value <= prefix.prefixlen for value in limits) or limits != sorted(limits):
        raise CommandError(f"% Invalid prefix range for {prefix}, make sure: len < ge-value <= le-value")
    return PrefixEntry(permit, prefix, least, most)


def _remove(lists: dict[str, PrefixList], name: str, number: int | None, entry: PrefixEntry | None) -> None:
    item = lists.get(name)
    if item is None:
        raise CommandError(f"%Can't find prefix-list {name}")
    if number is None and entry is None:
        del lists[name]
        return
    doomed = [place for place, other in item.entries.items() if number in (None, place) and entry in (None, other)]
    if not doomed:
        raise CommandError(f"%Can't find specified entry in prefix-list {name}")
    for place in doomed:
        del item.entries[place]
    _drop_if_empty(lists, name)


def _drop_if_empty(lists: dict[str, PrefixList], name: str) -> None:
    if not lists[name].entries and lists[name].description is None:
        del lists[name]
