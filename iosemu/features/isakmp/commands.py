"""`crypto isakmp`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, CommandError, CommandTable, Context
from iosemu.features.accounts.master_key import stored
from iosemu.features.isakmp.config import CONFIG_ISAKMP, IsakmpConfig, PolicyConfig
from iosemu.features.isakmp.keys import ANYBODY, HOST_MASK, PresharedKey
from iosemu.features.isakmp.service import IsakmpService

TABLE = CommandTable()
_HEAD = "Encryption module\nConfigure ISAKMP policy\n"


@TABLE.command(
    CONFIG,
    "crypto isakmp policy <1-10000>$priority",
    _HEAD + "Set policy for an ISAKMP protection suite\nPriority of protection suite",
    no="crypto isakmp policy <1-10000>$priority",
)
def policy(ctx: Context, priority: int) -> None:
    policies = ctx.router.model.block(IsakmpConfig).policies
    if ctx.negated:
        policies.pop(priority, None)
    else:
        ctx.enter(CONFIG_ISAKMP, policies.setdefault(priority, PolicyConfig(priority)))


def encryption(ctx: Context, cipher: str = "des", bits: str | None = None) -> None:
    ctx.target.encryption = ("des", 0) if ctx.negated else (cipher, int(bits or 128) if cipher == "aes" else 0)


for _word in ("encryption", "encr"):
    TABLE.command(
        CONFIG_ISAKMP,
        f"{_word} (des$cipher|3des$cipher|aes$cipher [(128|192|256)$bits])",
        """Set encryption algorithm for protection suite
        DES - Data Encryption Standard (56 bit keys)
        Three key triple DES
        AES - Advanced Encryption Standard
        128 bit keys
        192 bit keys
        256 bit keys""",
        no=ARGUMENTS_OPTIONAL,
        hidden=_word == "encr",
    )(encryption)


@TABLE.command(
    CONFIG_ISAKMP,
    "hash (md5|sha|sha256|sha384|sha512)$name",
    """Set hash algorithm for protection suite
    Message Digest 5
    Secure Hash Standard
    Secure Hash Standard 2 (256 bit)
    Secure Hash Standard 2 (384 bit)
    Secure Hash Standard 2 (512 bit)""",
    no=ARGUMENTS_OPTIONAL,
)
def hash_algorithm(ctx: Context, name: str = "sha") -> None:
    ctx.target.hash = "sha" if ctx.negated else name


@TABLE.command(
    CONFIG_ISAKMP,
    "authentication (pre-share|rsa-sig|rsa-encr|ecdsa-sig)$method",
    """Set authentication method for protection suite
    Pre-Shared Key
    Rivest-Shamir-Adleman Signature
    Rivest-Shamir-Adleman Encryption
    Elliptic Curve Digital Signature Algorithm""",
    no=ARGUMENTS_OPTIONAL,
)
def authentication(ctx: Context, method: str = "rsa-sig") -> None:
    ctx.target.authentication = "rsa-sig" if ctx.negated else method


@TABLE.command(
    CONFIG_ISAKMP,
    "group (1|2|5|14|15|16|19|20|21|24)$number",
    """Set the Diffie-Hellman group
    Diffie-Hellman group 1 (768 bit)
    Diffie-Hellman group 2 (1024 bit)
    Diffie-Hellman group 5 (1536 bit)
    Diffie-Hellman group 14 (2048 bit)
    Diffie-Hellman group 15 (3072 bit)
    Diffie-Hellman group 16 (4096 bit)
    Diffie-Hellman group 19 (256 bit ecp)
    Diffie-Hellman group 20 (384 bit ecp)
    Diffie-Hellman group 21 (521 bit ecp)
    Diffie-Hellman group 24 (2048 bit, 256 bit subgroup)""",
    no=ARGUMENTS_OPTIONAL,
)
def group(ctx: Context, number: str = "1") -> None:
    ctx.target.group = 1 if ctx.negated else int(number)


@TABLE.command(
    CONFIG_ISAKMP,
    "lifetime <60-86400>$seconds",
    "Set lifetime for ISAKMP security association\nlifetime in seconds",
    no=ARGUMENTS_OPTIONAL,
)
def lifetime(ctx: Context, seconds: int = 86400) -> None:
    ctx.target.lifetime = 86400 if ctx.negated else seconds


@TABLE.command(
    CONFIG,
    "crypto isakmp key [(0|6)$kind] WORD$key address A.B.C.D$address [A.B.C.D$mask] [no-xauth$no_xauth]",
    _HEAD
    + """Set pre-shared key for remote peer
    Specifies an UNENCRYPTED password will follow
    Specifies an ENCRYPTED password will follow
    The UNENCRYPTED (cleartext) user password
    define shared key with IP address
    Peer IP address
    Peer IP subnet mask
    Bypasses XAuth for this peer""",
    no="crypto isakmp key [(0|6)$kind] WORD$key address A.B.C.D$address [A.B.C.D$mask] [no-xauth$no_xauth]",
)
def preshared_key(
    ctx: Context,
    key: str,
    address: IPv4Address,
    kind: str = "0",
    mask: IPv4Address | None = None,
    no_xauth: str | None = None,
) -> None:
    mask = mask if mask is not None else ANYBODY if address == ANYBODY else HOST_MASK
    keys = ctx.router.model.block(IsakmpConfig).keys
    kind, key = stored(ctx.router, kind, key)
    others = [item for item in keys if (item.address, item.mask) != (address, mask)]
    if ctx.negated:
        keys[:] = others
    elif len(others) < len(keys) and not any(item.key == key for item in keys if item not in others):
        raise CommandError(f"A pre-shared key for address mask {address} {mask} already exists!\n")
    else:
        keys[:] = [*others, PresharedKey(key, address, mask, kind, bool(no_xauth))]


@TABLE.command(CONFIG, "crypto isakmp enable", _HEAD + "Enable ISAKMP", no=ARGUMENTS_OPTIONAL)
def enable(ctx: Context) -> None:
    ctx.router.model.block(IsakmpConfig).enabled = not ctx.negated or ctx.defaulted


@TABLE.command(PRIV_EXEC, "clear crypto isakmp", "Reset functions\nEncryption subsystem\nClear ISAKMP database")
def clear_isakmp(ctx: Context) -> None:
    ctx.router.service(IsakmpService).clear()
