"""The `rekey` lines of `server local`."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandTable, Context
from iosemu.crypto.keys import Kind
from iosemu.features.gdoi.configuration.config import (
    DEFAULT_RETRANSMIT,
    LOCAL_SERVER,
)
from iosemu.features.gdoi.configuration.redundancy_commands import NO_HIERARCHY

TABLE = CommandTable()
_REKEY = "Rekey parameters\n"


@TABLE.command(
    LOCAL_SERVER,
    "rekey algorithm (3des-cbc$cipher|des-cbc$cipher|aes$cipher [(128|192|256)$bits])",
    _REKEY
    + """Rekey encryption algorithm
    Three key triple DES in CBC mode
    DES in CBC mode
    AES in CBC mode
    128 bit keys
    192 bit keys
    256 bit keys""",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_algorithm(ctx: Context, cipher: str = "3des-cbc", bits: str = "128") -> None:
    ctx.target.rekey_algorithm = "3des-cbc" if ctx.negated else f"aes {bits}" if cipher == "aes" else cipher


@TABLE.command(
    LOCAL_SERVER,
    "rekey sig-hash algorithm (sha|sha256|sha384|sha512)$name",
    _REKEY
    + """Hash of the signatures
    Hash algorithm
    SHA-1
    SHA-256
    SHA-384
    SHA-512""",
    no=ARGUMENTS_OPTIONAL,
)
def sig_hash(ctx: Context, name: str = "sha") -> None:
    ctx.target.sig_hash = "sha" if ctx.negated else name


@TABLE.command(
    LOCAL_SERVER,
    "rekey lifetime (seconds <300-2592000>$seconds|days <1-30>$days)",
    _REKEY + "Lifetime of the rekey key\nTime-based lifetime\nSeconds\nTime-based lifetime in days\nDays",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_lifetime(ctx: Context, seconds: int | None = None, days: int | None = None) -> None:
    ctx.target.rekey_lifetime = None if ctx.negated else seconds if days is None else days * 86400


@TABLE.command(
    LOCAL_SERVER,
    "rekey retransmit <10-60>$interval [(number <1-10>$number|periodic$periodic)]",
    _REKEY
    + """Retransmission of rekeys
    Seconds between retransmissions
    Number of retransmissions
    Number
    Remind those who do not acknowledge for as long as the keys live""",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_retransmit(
    ctx: Context,
    interval: int = DEFAULT_RETRANSMIT[0],
    number: int = DEFAULT_RETRANSMIT[1],
    periodic: str | None = None,
) -> None:
    ctx.target.retransmit = DEFAULT_RETRANSMIT if ctx.negated else (interval, number)
    ctx.target.retransmit_periodic = bool(periodic) and not ctx.negated


@TABLE.command(
    LOCAL_SERVER,
    "rekey address ipv4 WORD$acl",
    _REKEY + "Source and destination of multicast rekeys\nIPv4 address\nExtended access list",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_address(ctx: Context, acl: str | None = None) -> None:
    ctx.target.rekey_acl = None if ctx.negated else acl


@TABLE.command(
    LOCAL_SERVER,
    "rekey authentication mypubkey (rsa|ec)$kind WORD$label",
    _REKEY + "Authentication of rekeys\nSign with a key of this router\nRSA key\nElliptic curve key\nKey label",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_authentication(ctx: Context, kind: Kind = "rsa", label: str | None = None) -> None:
    ctx.target.signing_kind = "rsa" if ctx.negated else kind
    ctx.target.signing_label = None if ctx.negated else label


@TABLE.command(
    LOCAL_SERVER,
    "rekey transport unicast",
    _REKEY + "Transport of rekeys\nOne message per member",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_transport(ctx: Context) -> None:
    ctx.target.unicast = not ctx.negated


@TABLE.command(
    LOCAL_SERVER,
    "rekey acknowledgement (cisco|interoperable|any)$style",
    _REKEY + "Acknowledgement of rekeys\nAmong routers of one make\nAs RFC 8263 says\nEither of them",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_acknowledgement(ctx: Context, style: str = "cisco") -> None:
    ctx.target.acknowledgement = "cisco" if ctx.negated else style


@TABLE.command(
    LOCAL_SERVER,
    "rekey lkh",
    _REKEY + "A hierarchy of keys, so that single members can be shut out",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_lkh(ctx: Context) -> str | None:
    ctx.target.lkh = not ctx.negated
    return NO_HIERARCHY if ctx.target.lkh and ctx.target.redundancy is not None else None
