"""Shows of lines that are only kept: key chains, prefix lists. They show what is configured."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.cli.kept import KeptItem
from iosemu.features.unemulated.config import KeptSections

TABLE = CommandTable()
_SHOW = "Show running system information\n"


def _items(ctx: Context, section: str, words: str) -> list[KeptItem]:
    kept = ctx.router.model.block(KeptSections).sections[section]
    return [item for item in kept.items.values() if item.line.startswith(f"{words} ")]


@TABLE.command(USER_EXEC, "show key chain [WORD$name]", f"{_SHOW}Key information\nKey chains\nName of a key-chain")
def show_key_chain(ctx: Context, name: str = "") -> str:
    rows = []
    for item in _items(ctx, "key chain", "key chain"):
        chain = item.line.split()[2]
        if name in ("", chain):
            rows.append(f"Key-chain {chain}:")
            keys = [line for line in (item.block.lines() if item.block else []) if line.startswith("key ")]
            rows += [f"    key {line.split()[1]} -- text <hidden>" for line in keys]
    return "".join(f"{row}\n" for row in rows)


@TABLE.command(
    USER_EXEC, "show ip prefix-list [WORD$name]", f"{_SHOW}IP information\nList IP prefix lists\nName of a prefix list"
)
def show_prefix_list(ctx: Context, name: str = "") -> str:
    lists: dict[str, list[str]] = {}
    for item in _items(ctx, "prefix-list", "ip prefix-list"):
        words = item.line.split()
        if name in ("", words[2]) and words[3] == "seq":
            lists.setdefault(words[2], []).append(f"   seq {' '.join(words[4:])}")
    rows = []
    for own, entries in lists.items():
        rows += [f"ip prefix-list {own}: {len(entries)} entries", *entries]
    return "".join(f"{row}\n" for row in rows)
