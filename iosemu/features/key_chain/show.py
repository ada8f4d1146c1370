"""show key chain."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.accounts.passwords import decode_7
from iosemu.features.key_chain.config import Key, KeyChains
from iosemu.features.key_chain.lifetime import Lifetime, moment_text

TABLE = CommandTable()
_ALWAYS = "(always valid) - (always valid) [valid now]"


@TABLE.command(
    PRIV_EXEC,
    "show key chain [WORD$name]",
    "Show running system information\nKey information\nKey chains\nName of a key-chain",
)
def show_key_chain(ctx: Context, name: str = "") -> str:
    rows = []
    for own, chain in ctx.router.model.block(KeyChains).by_name.items():
        if name not in ("", own):
            continue
        rows.append(f"Key-chain {own}:")
        for number, key in sorted(chain.keys.items()):
            rows.append(f'    key {number} -- text "{_text(key)}"')
            for word, lifetime in (("accept", key.accept), ("send", key.send)):
                rows.append(f"        {word} lifetime {_span(ctx, lifetime)}")
    return "".join(f"{row}\n" for row in rows)


def _text(key: Key) -> str:
    """The key in the clear, as IOS shows it to those who may see the running-config."""
    if key.string is None:
        return "(unset)"
    return (decode_7(key.string.text) or "") if key.string.kind == 7 else key.string.text


def _span(ctx: Context, lifetime: Lifetime | None) -> str:
    if lifetime is None:
        return _ALWAYS
    calendar = ctx.router.calendar
    utc, local = calendar.utc().replace(tzinfo=None), calendar.local().replace(tzinfo=None)
    now = " [valid now]" if lifetime.holds(utc, local) else ""
    return f"({moment_text(lifetime.start)}) - ({lifetime.end_text}){now}"
