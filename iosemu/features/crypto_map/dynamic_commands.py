"""`crypto dynamic-map`: entries that only answer, for peers whose addresses are not known."""

from __future__ import annotations

from iosemu.cli import CONFIG, CommandTable, Context
from iosemu.features.crypto_map.config import CRYPTO_MAP, DYNAMIC, CryptoMaps, MapEntry

TABLE = CommandTable()


@TABLE.command(
    CONFIG,
    "crypto dynamic-map WORD$name <1-65535>$sequence",
    """Encryption module
    Specify a dynamic crypto map template
    Dynamic crypto map template tag
    Sequence to insert into dynamic map entry""",
    no="crypto dynamic-map WORD$name [<1-65535>$sequence]",
)
def dynamic_map(ctx: Context, name: str, sequence: int | None = None) -> None:
    maps = ctx.router.model.block(CryptoMaps)
    if not ctx.negated:
        assert sequence is not None
        entries = maps.dynamic.setdefault(name, {})
        ctx.enter(CRYPTO_MAP, entries.setdefault(sequence, MapEntry(sequence, DYNAMIC)))
        return
    entries = maps.dynamic.get(name, {})
    if sequence is None or set(entries) <= {sequence}:
        # An entry of a crypto map may go on naming it: it serves nobody until there is one of that name again.
        maps.dynamic.pop(name, None)
    else:
        entries.pop(sequence, None)
