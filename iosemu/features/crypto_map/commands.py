"""`crypto map`, globally and under an interface; show crypto map."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.features.crypto_map.config import CRYPTO_MAP, CryptoMap, CryptoMaps, MapEntry
from iosemu.features.gdoi.config import GdoiGroups
from iosemu.features.interface.config import CONFIG_IF
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_HEAD = "Encryption module\nEnter a crypto map\nCrypto map tag\n"
NOTE = "% NOTE: This new crypto map will remain disabled until a valid\n        group has been configured.\n"


@TABLE.command(
    CONFIG,
    "crypto map WORD$name <1-65535>$sequence gdoi",
    _HEAD + "Sequence to insert into crypto map entry\nGDOI crypto map",
    no="crypto map WORD$name [<1-65535>$sequence [gdoi]]",
)
def crypto_map(ctx: Context, name: str, sequence: int | None = None) -> str | None:
    maps = ctx.router.model.block(CryptoMaps)
    if ctx.negated:
        _remove(maps, name, sequence)
        return None
    assert sequence is not None
    item = maps.maps.setdefault(name, CryptoMap(name))
    new = sequence not in item.entries
    ctx.enter(CRYPTO_MAP, item.entries.setdefault(sequence, MapEntry(sequence)))
    return NOTE if new and not ctx.session.loading else None


def _remove(maps: CryptoMaps, name: str, sequence: int | None) -> None:
    item = maps.maps.get(name)
    if item is None:
        return
    last = sequence is None or set(item.entries) <= {sequence}
    if last and (used := maps.interfaces(name)):
        names = ", ".join(interface.short for interface in used)
        raise CommandError(
            f"% Crypto-map {name} is in use by interface(s): {names}.\n  Please remove the crypto map first."
        )
    if last:
        del maps.maps[name]
    elif sequence is not None:
        item.entries.pop(sequence, None)


@TABLE.command(
    CONFIG,
    "crypto map WORD$name local-address INTERFACE$interface",
    _HEAD + "Interface to use for local address for this crypto map\nInterface name",
    no="crypto map WORD$name local-address [INTERFACE$interface]",
)
def local_address(ctx: Context, name: str, interface: InterfaceName | None = None) -> None:
    item = ctx.router.model.block(CryptoMaps).maps.setdefault(name, CryptoMap(name))
    item.local_address = None if ctx.negated else interface


@TABLE.command(
    CRYPTO_MAP,
    "set group WORD$name",
    "Set values for encryption/decryption\nSpecify group\nGroup name",
    no=ARGUMENTS_OPTIONAL,
)
def set_group(ctx: Context, name: str | None = None) -> None:
    if not ctx.negated and name not in ctx.router.model.block(GdoiGroups).groups:
        raise CommandError(f"% group {name} doesn't yet exist.")
    ctx.target.group = None if ctx.negated else name


@TABLE.command(
    CRYPTO_MAP,
    "match address WORD$name",
    "Match values\nMatch address of packets to encrypt\nAccess-list name or number",
    no=ARGUMENTS_OPTIONAL,
)
def match_address(ctx: Context, name: str | None = None) -> None:
    ctx.target.local_acl = None if ctx.negated else name


@TABLE.command(
    CRYPTO_MAP, "description LINE$text", "Description of the crypto map statement policy\nText", no=ARGUMENTS_OPTIONAL
)
def description(ctx: Context, text: str | None = None) -> None:
    ctx.target.description = None if ctx.negated else text


@TABLE.command(
    CONFIG_IF,
    "crypto map WORD$name",
    "Encryption/Decryption commands\nAssign a Crypto Map\nCrypto Map tag",
    no=ARGUMENTS_OPTIONAL,
)
def apply_map(ctx: Context, name: str | None = None) -> None:
    maps = ctx.router.model.block(CryptoMaps)
    if ctx.negated:
        maps.applied.pop(ctx.target.name, None)
    elif name not in maps.maps:
        raise CommandError(f'ERROR: Crypto Map with tag "{name}" does not exist.')
    else:
        assert name is not None
        maps.applied[ctx.target.name] = name


@TABLE.command(PRIV_EXEC, "show crypto map", "Show running system information\nEncryption module\nCrypto maps")
def show_crypto_map(ctx: Context) -> str:
    maps = ctx.router.model.block(CryptoMaps)
    groups = ctx.router.model.block(GdoiGroups).groups
    lines = []
    for item in maps.maps.values():
        for sequence in sorted(item.entries):
            entry = item.entries[sequence]
            lines.append(f'Crypto Map IPv4 "{item.name}" {sequence} gdoi')
            lines.append(f"\tGroup Name: {entry.group or ''}")
            group = groups.get(entry.group or "")
            if group is not None:
                lines += [f"\t{line}" for line in (*group.identity_lines(), *group.server_lines())]
            lines += [f"\tDownloaded ACL merged behind local access-list {entry.local_acl}"] if entry.local_acl else []
        lines.append(f"\tInterfaces using crypto map {item.name}:")
        lines += [f"\t\t{interface}" for interface in maps.interfaces(item.name)]
        lines.append("")
    return "".join(f"{line}\n" for line in lines)
