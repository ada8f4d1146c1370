"""`crypto ipsec`."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_transforms import from_words
from iosemu.features.ipsec.config import (
    CRYPTO_TRANS,
    DEFAULT_LIFETIME,
    IPSEC_PROFILE,
    IpsecConfig,
    IpsecProfile,
    TransformSet,
)

TABLE = CommandTable()
_HEAD = "Encryption module\nConfigure IPSEC policy\n"
_HMACS = ("esp-md5-hmac", "esp-sha-hmac", "esp-sha256-hmac", "esp-sha384-hmac", "esp-sha512-hmac")
_SIZED = "(esp-aes|esp-gcm|esp-gmac)$cipher [(128|192|256)$bits]"
_TRANSFORMS = f"({_SIZED}|(esp-des|esp-3des|esp-null)$cipher) [({'|'.join(_HMACS)})$hmac]"
_TRANSFORM_HELP = """ESP transform using AES cipher
ESP transform using GCM cipher
ESP transform using GMAC cipher
128 bit keys
192 bit keys
256 bit keys
ESP transform using DES cipher (56 bits)
ESP transform using 3DES(EDE) cipher (168 bits)
ESP transform w/o cipher
ESP transform using HMAC-MD5 auth
ESP transform using HMAC-SHA auth
ESP transform using HMAC-SHA256 auth
ESP transform using HMAC-SHA384 auth
ESP transform using HMAC-SHA512 auth"""


@TABLE.command(
    CONFIG,
    f"crypto ipsec transform-set WORD$name {_TRANSFORMS}",
    _HEAD + "Define transform and settings\nTransform set tag\n" + _TRANSFORM_HELP,
    no="crypto ipsec transform-set WORD$name",
)
def transform_set(ctx: Context, name: str, cipher: str = "", bits: str | None = None, hmac: str | None = None) -> None:
    sets = ctx.router.model.block(IpsecConfig).transform_sets
    if ctx.negated:
        sets.pop(name, None)
        return
    try:
        transform = from_words(tuple(word for word in (cipher, bits, hmac) if word))
    except CryptoError as error:
        raise CommandError(f"% Invalid transform proposal - {error}") from error
    found = sets.setdefault(name, TransformSet(name, transform))
    found.transform = transform
    ctx.enter(CRYPTO_TRANS, found)


@TABLE.command(
    CRYPTO_TRANS,
    "mode (tunnel|transport)$mode",
    """encapsulation mode (transport/tunnel)
    tunnel (datagram encapsulation) mode
    transport (payload encapsulation) mode""",
    no=ARGUMENTS_OPTIONAL,
)
def mode(ctx: Context, mode: str = "tunnel") -> None:
    ctx.target.mode = "tunnel" if ctx.negated else mode


@TABLE.command(
    CONFIG,
    "crypto ipsec profile WORD$name",
    _HEAD + "Configure an ipsec policy profile\nProfile Name",
    no="crypto ipsec profile WORD$name",
)
def profile(ctx: Context, name: str) -> None:
    profiles = ctx.router.model.block(IpsecConfig).profiles
    if ctx.negated:
        profiles.pop(name, None)
    else:
        ctx.enter(IPSEC_PROFILE, profiles.setdefault(name, IpsecProfile(name)))


@TABLE.command(
    IPSEC_PROFILE,
    "set transform-set LINE$names",
    """Set values for encryption/decryption
    Specify list of transform sets in priority order
    Proposal tags""",
    no=ARGUMENTS_OPTIONAL,
)
def set_transform_set(ctx: Context, names: str = "") -> None:
    known = ctx.router.model.block(IpsecConfig).transform_sets
    wanted = [] if ctx.negated else names.split()
    for name in wanted:
        if name not in known:
            raise CommandError(f'ERROR: transform set with tag "{name}" does not exist.')
    ctx.target.transform_sets = wanted


@TABLE.command(
    IPSEC_PROFILE,
    "set security-association lifetime seconds <120-2592000>$seconds",
    """Set values for encryption/decryption
    Security association parameters
    security association lifetime
    Time-based key duration in seconds
    Security association duration in seconds""",
    no=ARGUMENTS_OPTIONAL,
)
def set_lifetime(ctx: Context, seconds: int | None = None) -> None:
    ctx.target.lifetime = None if ctx.negated else seconds


@TABLE.command(
    CONFIG,
    "crypto ipsec security-association lifetime seconds <120-86400>$seconds",
    _HEAD
    + """Security association parameters
    security association lifetime
    Time-based key duration in seconds
    Security association duration in seconds""",
    no=ARGUMENTS_OPTIONAL,
)
def global_lifetime(ctx: Context, seconds: int = DEFAULT_LIFETIME) -> None:
    ctx.router.model.block(IpsecConfig).lifetime = DEFAULT_LIFETIME if ctx.negated else seconds


_OPTIONS = {
    "crypto ipsec df-bit": "Handling of encapsulated DF bit",
    "crypto ipsec fragmentation": "Handling of fragmentation of near-MTU sized packets",
}


def _option(words: str) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        options = ctx.router.model.block(IpsecConfig).options
        options[:] = [line for line in options if not line.startswith(words)]
        if not ctx.negated:
            options.append(f"{words} {rest}".strip())

    return handler


for _words, _text in _OPTIONS.items():
    TABLE.command(CONFIG, f"{_words} WORD$rest", f"{_HEAD}{_text}\nSetting", no=ARGUMENTS_OPTIONAL)(_option(_words))


@TABLE.command(
    PRIV_EXEC,
    "show crypto ipsec transform-set",
    "Show running system information\nEncryption module\nShow IPSEC policy\nCrypto transform sets",
)
def show_transform_set(ctx: Context) -> str:
    sets = ctx.router.model.block(IpsecConfig).transform_sets
    lines = []
    for item in sets.values():
        lines.append(f"Transform set {item.name}: {{ {item.transform.display()}  }} ")
        lines += [f"   will negotiate = {{ {item.mode.capitalize()},  }}, ", ""]
    return "".join(f"{line}\n" for line in lines)
