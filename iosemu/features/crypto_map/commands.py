"""`crypto map`, globally and under an interface."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.features.crypto_map.config import CRYPTO_MAP, FAIL_CLOSE, CryptoMap, CryptoMaps, FailClose, MapEntry
from iosemu.features.interface.config import CONFIG_IF
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_HEAD = "Encryption module\nEnter a crypto map\nIPv6 crypto map\nCrypto map tag\n"
_MAP = "crypto map [ipv6$family] WORD$name"
_KINDS = (
    "(gdoi$kind|ipsec-manual$kind|ipsec-isakmp$kind [(dynamic|profile)$further WORD$further_name [discover$discover]])"
)


@TABLE.command(
    CONFIG,
    f"{_MAP} <1-65535>$sequence {_KINDS}",
    _HEAD
    + """Sequence to insert into crypto map entry
    GDOI crypto map
    IPSEC w/manual keying
    IPSEC w/ISAKMP
    Enable dynamic crypto map support
    Enable crypto map as a crypto-profile
    Name of the dynamic map or the profile
    Enable dynamic peer discovery""",
    no=f"{_MAP} [<1-65535>$sequence]",
)
def crypto_map(
    ctx: Context, name: str, sequence: int | None = None, kind: str = "gdoi", family: str | None = None, **further: str
) -> str | None:
    maps = ctx.router.model.block(CryptoMaps)
    if ctx.negated:
        _remove(maps, name, sequence)
        return None
    assert sequence is not None
    item = maps.maps.setdefault(name, CryptoMap(name, ipv6=bool(family)))
    if item.ipv6 != bool(family):
        raise CommandError(f"% Crypto map {name} is for the other IP version.")
    new = sequence not in item.entries
    entry = item.entries.setdefault(sequence, MapEntry(sequence))
    words = [kind, *(further[key] for key in ("further", "further_name", "discover") if key in further)]
    if not new and entry.kind != " ".join(words):
        raise CommandError(f"Attempt to change type of existing crypto map is not allowed.\n{entry.kind} is its type.")
    entry.kind = " ".join(words)
    if entry.dynamic_name is not None:
        # All that there is to say stands in the dynamic map.
        return None
    ctx.enter(CRYPTO_MAP, entry)
    if not new or ctx.session.loading:
        return None
    return _note(kind)


def _note(kind: str) -> str:
    missing = "valid\n        group has" if kind == "gdoi" else "peer\n        and a valid access list have"
    return f"% NOTE: This new crypto map will remain disabled until a {missing} been configured.\n"


@TABLE.command(
    CONFIG,
    f"{_MAP} gdoi fail-close",
    _HEAD + "GDOI crypto map\nWhat may pass in clear before the first registration",
    no=f"{_MAP} gdoi fail-close",
)
def fail_close(ctx: Context, name: str, family: str | None = None) -> None:
    item = _map(ctx, name, bool(family))
    if ctx.negated:
        item.fail_close = None
    else:
        item.fail_close = item.fail_close or FailClose()
        ctx.enter(FAIL_CLOSE, item.fail_close)


@TABLE.command(
    FAIL_CLOSE,
    "match address WORD$name",
    "Match values\nWhat may pass in clear\nAccess-list name or number, of deny entries",
    no=ARGUMENTS_OPTIONAL,
)
def fail_close_match(ctx: Context, name: str | None = None) -> None:
    ctx.target.acl = None if ctx.negated else name


@TABLE.command(FAIL_CLOSE, "activate", "Drop everything else until the first registration", no=ARGUMENTS_OPTIONAL)
def fail_close_activate(ctx: Context) -> None:
    ctx.target.active = not ctx.negated


declare(
    TABLE,
    CONFIG,
    lambda ctx: _map_of_line(ctx).kept,
    """
crypto map WORD client accounting list = WORD
crypto map WORD client authentication list = WORD
crypto map WORD client configuration address (initiate|respond)
crypto map WORD isakmp authorization list = WORD
crypto map WORD isakmp-profile = WORD
crypto map WORD redundancy replay-interval = inbound <0-1000> outbound <1000-10000>
""",
)
declare(
    TABLE,
    CRYPTO_MAP,
    lambda ctx: ctx.target.kept,
    """
set security-association ecn = (discard|propagate)
set security-association dummy LINE
set ikev2-profile = WORD
set identity = WORD
set ip access-group LINE
set nat LINE
set session-key LINE
set reverse-route distance = <1-255>
set reverse-route tag = <1-4294967295>
set reverse-route gateway = A.B.C.D
qos pre-classify
""",
)


def _map_of_line(ctx: Context) -> CryptoMap:
    """The map that a line about a whole map names."""
    name = ctx.line.split()[2:3]
    return _map(ctx, name[0], False) if name else CryptoMap("")


def _map(ctx: Context, name: str, ipv6: bool) -> CryptoMap:
    """A map by its name, made where it is new; `no` makes none."""
    maps = ctx.router.model.block(CryptoMaps).maps
    if ctx.negated:
        return maps.get(name, CryptoMap(name))
    return maps.setdefault(name, CryptoMap(name, ipv6=ipv6))


def _remove(maps: CryptoMaps, name: str, sequence: int | None) -> None:
    item = maps.maps.get(name)
    if item is None:
        return
    # What concerns the whole map keeps it alive without entries.
    whole = item.local_address is not None or item.fail_close is not None or bool(item.kept.items)
    last = sequence is None or (set(item.entries) <= {sequence} and not whole)
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
    f"{_MAP} local-address INTERFACE$interface",
    _HEAD + "Interface to use for local address for this crypto map\nInterface name",
    no=f"{_MAP} local-address [INTERFACE$interface]",
)
def local_address(ctx: Context, name: str, interface: InterfaceName | None = None, family: str | None = None) -> None:
    item = _map(ctx, name, bool(family))
    item.local_address = None if ctx.negated else interface


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
    _apply(ctx, name, ipv6=False)


@TABLE.command(
    CONFIG_IF,
    "ipv6 crypto map WORD$name",
    "IPv6 interface subcommands\nEncryption/Decryption commands\nAssign a Crypto Map\nCrypto Map tag",
    no=ARGUMENTS_OPTIONAL,
)
def apply_map6(ctx: Context, name: str | None = None) -> None:
    _apply(ctx, name, ipv6=True)


def _apply(ctx: Context, name: str | None, *, ipv6: bool) -> None:
    maps = ctx.router.model.block(CryptoMaps)
    if ctx.negated:
        maps.of_family(ipv6).pop(ctx.target.name, None)
        return
    found = maps.maps.get(name or "")
    if found is None:
        raise CommandError(f'ERROR: Crypto Map with tag "{name}" does not exist.')
    if found.ipv6 != ipv6:
        raise CommandError(f"% Crypto map {name} is for the other IP version.")
    maps.of_family(ipv6)[ctx.target.name] = found.name
