"""`crypto ipsec`."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_transforms import from_words
from iosemu.features.ipsec.config import (
    CRYPTO_TRANS,
    IPSEC_PROFILE,
    IpsecConfig,
    IpsecProfile,
    TransformSet,
)
from iosemu.features.ipsec.words import transform_set_names

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
    "mode (tunnel$mode|transport$mode [require$require])",
    """encapsulation mode (transport/tunnel)
    tunnel (datagram encapsulation) mode
    transport (payload encapsulation) mode
    only transport mode will do""",
    no=ARGUMENTS_OPTIONAL,
)
def mode(ctx: Context, mode: str = "tunnel", require: str | None = None) -> None:
    ctx.target.mode = "tunnel" if ctx.negated else mode
    ctx.target.require = bool(require) and not ctx.negated


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
    ctx.target.transform_sets = [] if ctx.negated else transform_set_names(ctx, names)


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


declare(
    TABLE,
    CONFIG,
    lambda ctx: ctx.router.model.block(IpsecConfig).kept,
    """
crypto ipsec ipv4-deny = (clear|drop|jump)
+crypto ipsec nat-transparency (udp-encapsulation|udp-encaps|spi-matching)
crypto ipsec optional [retry <60-86400>]
crypto ipsec ike sa-strength-enforcement
crypto ipsec security-association ecn = (discard|propagate)
crypto ipsec security-association dummy = LINE
crypto ipsec security-association multi-sn
""",
)
declare(TABLE, CRYPTO_TRANS, lambda ctx: ctx.target.kept, "esn\n")
declare(
    TABLE,
    IPSEC_PROFILE,
    lambda ctx: ctx.target.kept,
    """
description = LINE
set security-association lifetime kilobytes = (<2560-4294967295>|disable)
set security-association lifetime days = <1-30>
set security-association idle-time = <60-86400> [default]
set security-association replay LINE
set security-association dfbit = (clear|copy|set)
set security-association ecn = (discard|propagate)
set security-association level per-host
set security-association dummy LINE
set security-policy limit = <0-50000>
set pfs [(group1|group2|group5|group14|group15|group16|group19|group20|group21|group24)]
set isakmp-profile = WORD
set ikev2-profile = WORD
set identity = WORD
set mixed-mode
responder-only
redundancy = WORD [stateful]
reverse-route [LINE]
set reverse-route LINE
""",
)


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
