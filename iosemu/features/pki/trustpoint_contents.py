"""The lines of a trustpoint about what the router's certificate says, and which key it is for."""

from __future__ import annotations

from iosemu.cli import CommandError, CommandTable, Context
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.features.accounts.config import hidden
from iosemu.features.accounts.passwords import Secret, well_formed
from iosemu.features.pki.config import KeyPairName
from iosemu.features.pki.trustpoint_lines import lines_of, setter

TABLE = CommandTable()
line = lines_of(TABLE)


def serial_number(ctx: Context, none: str = "") -> None:
    ctx.target.serial_number = None if ctx.negated else not none


line("serial-number [none$none]", "Include the router serial number\nDo not include the serial number", serial_number)
line(
    "fqdn (none|WORD)$value",
    "Include the fully-qualified domain name\nDo not include a name\nFully-qualified domain name",
    setter("fqdn"),
)


def ip_address(ctx: Context, address: object = None) -> None:
    ctx.target.ip_address = None if ctx.negated else str(address)


line(
    "ip-address (none|A.B.C.D|INTERFACE)$address",
    "Include an IP address\nDo not include an address\nIP address\nInterface whose address is included",
    ip_address,
)


def subject_name(ctx: Context, value: str = "") -> None:
    if not ctx.negated:
        try:
            Name.from_text(value)
        except CryptoError:
            raise CommandError(f"% {value} is not a valid subject name") from None
    ctx.target.subject_name = "" if ctx.negated else value


line("subject-name LINE$value", "Subject name\nX.500 name", subject_name)
line(
    "subject-alt-name LINE$value",
    "Subject alternative name\nNames to include, with commas",
    setter("subject_alt_name"),
)


def password(ctx: Context, text: str = "") -> None:
    """The type may stand in front; IOS never prints it in the clear."""
    kind, blank, rest = text.partition(" ")
    secret = Secret(int(kind), rest) if blank and kind in ("0", "7") else Secret(0, text)
    if not ctx.negated and not well_formed(secret.kind, secret.text):
        raise CommandError(f"Invalid encrypted password: {secret.text}")
    ctx.target.password = None if ctx.negated else hidden(secret)


line("password LINE$text", "Revocation password\nThe password, perhaps with its type in front", password)


line(
    "hash (md5|sha1|sha256|sha384|sha512)$value",
    """Hash of certificate requests
    Use md5 hash algorithm
    Use sha1 hash algorithm
    Use sha256 hash algorithm
    Use sha384 hash algorithm
    Use sha512 hash algorithm""",
    setter("hash"),
)


def rsakeypair(ctx: Context, label: str = "", bits: int = 0, encryption: int = 0) -> None:
    ctx.target.rsa_key = None if ctx.negated else KeyPairName(label, bits, encryption)


line(
    "rsakeypair WORD$label [<360-4096>$bits [<360-4096>$encryption]]",
    """Specify rsakeypair for this identity
    RSA keypair label
    Size of the key, or of the signature key
    Size of the encryption key""",
    rsakeypair,
)
line("eckeypair WORD$value", "Specify eckeypair for this identity\nEC keypair label", setter("ec_key"))


def usage(ctx: Context) -> None:
    ctx.target.usage = "" if ctx.negated else " ".join(ctx.line.split()[1:])


line(
    "usage {ike|ssl-client|ssl-server}",
    "What the certificate is for\nIKE\nSSL, as client\nSSL, as server",
    usage,
)
