"""show crypto key mypubkey."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.crypto.keys import Kind
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.store import KINDS, KeyPair

TABLE = CommandTable()
_SHOW = """Show running system information
Encryption module
Show long term public keys
Show public keys associated with this router
"""
_WORDS_PER_ROW = 8


def hex_rows(data: bytes) -> list[str]:
    """Octets as IOS prints them: eight words to a row, with a blank behind each full row."""
    digits = data.hex().upper()
    words = [digits[start : start + 8] for start in range(0, len(digits), 8)]
    rows = [words[start : start + _WORDS_PER_ROW] for start in range(0, len(words), _WORDS_PER_ROW)]
    return [" ".join(row) + (" " if len(row) == _WORDS_PER_ROW else "") for row in rows]


def _rows(ctx: Context, item: KeyPair) -> list[str]:
    rows = []
    if item.generated is not None:
        rows.append(f"% Key pair was generated at: {ctx.router.calendar.text(item.generated)}")
    kind = item.key.kind.upper()
    exportable = f" Key is {'' if item.exportable else 'not '}exportable."
    return [
        *rows,
        f"Key name: {item.label}",
        f"Key type: {kind} KEYS",
        f" Storage Device: {item.storage}",
        f" Usage: {item.usage.value}",
        exportable + (" Redundancy enabled." if item.redundancy else ""),
        " Key Data:",
        *(f"  {row}" for row in hex_rows(item.key.public.spki)),
    ]


def _show(ctx: Context, kinds: tuple[Kind, ...], label: str | None) -> str:
    found = store.pairs(ctx.router.nvram, kinds, label)
    return "".join(f"{row}\n" for item in found for row in _rows(ctx, item))


def show_rsa(ctx: Context, label: str | None = None) -> str:
    return _show(ctx, ("rsa",), label)


def show_ec(ctx: Context, label: str | None = None) -> str:
    return _show(ctx, ("ec",), label)


def show_all(ctx: Context) -> str:
    return _show(ctx, KINDS, None)


for _kind, _handler in (("rsa", show_rsa), ("ec", show_ec)):
    TABLE.command(
        PRIV_EXEC,
        f"show crypto key mypubkey {_kind} [WORD$label]",
        f"{_SHOW}Show {_kind.upper()} public keys\n{_kind.upper()} keypair label",
    )(_handler)
TABLE.command(PRIV_EXEC, "show crypto key mypubkey all", f"{_SHOW}Show all public keys")(show_all)
