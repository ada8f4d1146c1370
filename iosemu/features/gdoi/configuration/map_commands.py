"""The line of a `gdoi` entry of a crypto map that names its group."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.crypto_map.config import CRYPTO_MAP, CryptoMaps
from iosemu.features.gdoi.configuration.config import GdoiGroups

TABLE = CommandTable()


@TABLE.command(
    CRYPTO_MAP,
    "set group WORD$name",
    "Set values for encryption/decryption\nSpecify group\nGroup name",
    no=ARGUMENTS_OPTIONAL,
)
def set_group(ctx: Context, name: str | None = None) -> None:
    groups = ctx.router.model.block(GdoiGroups).groups
    if not ctx.negated and name not in groups:
        raise CommandError(f"% group {name} doesn't yet exist.")
    ipv6 = _is_ipv6(ctx)
    if name in groups and groups[name].ipv6 != ipv6:
        own, other = ("IPv6", "IPv4") if ipv6 else ("IPv4", "IPv6")
        text = f"Group {name} is an {other} group and Crypto map is for {own}.\nPlease set an {own} group."
        raise CommandError(text)
    ctx.target.group = None if ctx.negated else name


def _is_ipv6(ctx: Context) -> bool:
    """Whether the entry that the mode is about belongs to an IPv6 map."""
    maps = ctx.router.model.block(CryptoMaps).maps.values()
    return any(item.ipv6 for item in maps if any(entry is ctx.target for entry in item.entries.values()))
