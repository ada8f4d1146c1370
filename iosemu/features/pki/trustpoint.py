"""The lines of a trustpoint: commands that set them."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.cli.kept import declare as declare_kept
from iosemu.cli.table import Handler
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.features.accounts.config import hidden
from iosemu.features.accounts.passwords import Secret, well_formed
from iosemu.features.pki.config import CA_TRUSTPOINT, CRL, RETRY_COUNT, RETRY_PERIOD, KeyPairName, MapMatch, Trustpoint
from iosemu.features.vrf.config import check_vrf
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
# What has no effect here.
KEPT = """
enrollment mode ra
enrollment http-proxy = LINE
ocsp url = WORD
ocsp LINE
auto-trigger
storage = WORD
authorization list = WORD
authorization username = LINE
primary
root LINE
eku request LINE
on = WORD
"""
declare_kept(TABLE, CA_TRUSTPOINT, lambda ctx: ctx.target.kept, KEPT)


def _line(spec: str, helps: str, handler: Handler) -> None:
    TABLE.command(CA_TRUSTPOINT, spec, helps, no=ARGUMENTS_OPTIONAL)(handler)


def _setter(field: str) -> Handler:
    """A handler that keeps a word, or takes back what was kept."""
    default = getattr(Trustpoint(""), field)

    def handler(ctx: Context, value: object = default) -> None:
        setattr(ctx.target, field, default if ctx.negated else value)

    return handler


def _enrollment(kind: str) -> Handler:
    def handler(ctx: Context, place: str = "", pem: str = "") -> None:
        target: Trustpoint = ctx.target
        wanted = ("", "", False) if ctx.negated else (kind, place, bool(pem))
        if not ctx.negated or target.enrollment == kind:
            target.enrollment, target.place, target.pem = wanted

    return handler


_ENROLLMENT = "Enrollment parameters\n"
_line(
    "enrollment url WORD$place [pem$pem]",
    f"{_ENROLLMENT}CA server enrollment URL\nURL\nPEM encoded enrollment",
    _enrollment("url"),
)
_line(
    "enrollment terminal [pem$pem]",
    f"{_ENROLLMENT}Enroll via the terminal (cut-and-paste)\nPEM encoded enrollment",
    _enrollment("terminal"),
)
_line("enrollment selfsigned", f"{_ENROLLMENT}Generate self-signed certificate", _enrollment("selfsigned"))
_line("enrollment pkcs12", f"{_ENROLLMENT}Enroll by importing a PKCS12 file", _enrollment("pkcs12"))
_line("enrollment profile WORD$place", f"{_ENROLLMENT}Enrollment profile\nProfile label", _enrollment("profile"))
_RETRY = f"{_ENROLLMENT}Polling parameters\n"
_line("enrollment retry count <1-100>$value", f"{_RETRY}How many times\nNumber of retries", _setter("retry_count"))
_line("enrollment retry period <1-60>$value", f"{_RETRY}How long between polls\nMinutes", _setter("retry_period"))
assert (Trustpoint("").retry_count, Trustpoint("").retry_period) == (RETRY_COUNT, RETRY_PERIOD)


def serial_number(ctx: Context, none: str = "") -> None:
    ctx.target.serial_number = None if ctx.negated else not none


_line("serial-number [none$none]", "Include the router serial number\nDo not include the serial number", serial_number)
_line(
    "fqdn (none|WORD)$value",
    "Include the fully-qualified domain name\nDo not include a name\nFully-qualified domain name",
    _setter("fqdn"),
)


def ip_address(ctx: Context, address: object = None) -> None:
    ctx.target.ip_address = None if ctx.negated else str(address)


_line(
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


_line("subject-name LINE$value", "Subject name\nX.500 name", subject_name)
_line(
    "subject-alt-name LINE$value",
    "Subject alternative name\nNames to include, with commas",
    _setter("subject_alt_name"),
)


def password(ctx: Context, text: str = "") -> None:
    """The type may stand in front; IOS never prints it in the clear."""
    kind, blank, rest = text.partition(" ")
    secret = Secret(int(kind), rest) if blank and kind in ("0", "7") else Secret(0, text)
    if not ctx.negated and not well_formed(secret.kind, secret.text):
        raise CommandError(f"Invalid encrypted password: {secret.text}")
    ctx.target.password = None if ctx.negated else hidden(secret)


_line("password LINE$text", "Revocation password\nThe password, perhaps with its type in front", password)


def fingerprint(ctx: Context, value: str = "") -> None:
    digits = "".join(value.split()).upper()
    if not ctx.negated and (not digits or set(digits) - set("0123456789ABCDEF")):
        raise CommandError("% Invalid fingerprint")
    ctx.target.fingerprint = "" if ctx.negated else digits


_line("fingerprint LINE$value", "Fingerprint of the CA certificate\nHexadecimal digits", fingerprint)
_line(
    "hash (md5|sha1|sha256|sha384|sha512)$value",
    """Hash of certificate requests
    Use md5 hash algorithm
    Use sha1 hash algorithm
    Use sha256 hash algorithm
    Use sha384 hash algorithm
    Use sha512 hash algorithm""",
    _setter("hash"),
)


def rsakeypair(ctx: Context, label: str = "", bits: int = 0, encryption: int = 0) -> None:
    ctx.target.rsa_key = None if ctx.negated else KeyPairName(label, bits, encryption)


_line(
    "rsakeypair WORD$label [<360-4096>$bits [<360-4096>$encryption]]",
    """Specify rsakeypair for this identity
    RSA keypair label
    Size of the key, or of the signature key
    Size of the encryption key""",
    rsakeypair,
)
_line("eckeypair WORD$value", "Specify eckeypair for this identity\nEC keypair label", _setter("ec_key"))


def revocation_check(ctx: Context, first: str = CRL, second: str = "", third: str = "") -> None:
    methods = [word for word in (first, second, third) if word]
    ctx.target.revocation = (CRL,) if ctx.negated else tuple(dict.fromkeys(methods))


_METHODS = "Revocation check by CRL\nIgnore revocation check\nRevocation check by OCSP"
_METHOD = "(crl|none|ocsp)"
_line(
    f"revocation-check {_METHOD}$first [{_METHOD}$second [{_METHOD}$third]]",
    f"Method of revocation checking\n{_METHODS}\n{_METHODS}\n{_METHODS}",
    revocation_check,
)


def crl_optional(ctx: Context) -> None:
    """How old releases wrote `revocation-check crl none`."""
    ctx.target.revocation = (CRL,) if ctx.negated else (CRL, "none")


TABLE.command(
    CA_TRUSTPOINT,
    "crl optional",
    "CRL options\nDo not insist on a CRL",
    no="crl optional",
    hidden=True,
)(crl_optional)
_line("crl query WORD$value", "CRL options\nWhere the CRL is\nURL", _setter("crl_query"))


def crl_cache(ctx: Context) -> None:
    ctx.target.crl_cache = "" if ctx.negated else " ".join(ctx.line.split()[2:])


_line(
    "crl cache (none|delete-after <1-43200>|extend <1-1440>)",
    """CRL options
    Caching of CRLs
    Do not cache CRLs
    Delete CRLs from the cache after this time
    Minutes
    Use CRLs for this long after they have expired
    Minutes""",
    crl_cache,
)


def match_certificate(ctx: Context, map: str = "") -> None:
    target: Trustpoint = ctx.target
    wanted = MapMatch(map, " ".join(ctx.line.split()[3:]))
    target.matches = [item for item in target.matches if (map and item.map != map) or (ctx.negated and not map)]
    if ctx.negated:
        target.matches = target.matches if map else []
    else:
        target.matches.append(wanted)


_EXEMPTIONS = "(allow expired-certificate|skip (revocation-check|authorization-check)|override LINE)"
_line(
    f"match certificate WORD$map [{_EXEMPTIONS}]",
    """Match a certificate
    Certificate attributes
    Certificate map label
    Exceptional certificates
    Expired certificates
    Leave a check out
    Do not check for revocation
    Do not check authorization
    Take something else than the certificate says
    What, and instead of what""",
    match_certificate,
)


def chain_validation(ctx: Context) -> None:
    ctx.target.chain_validation = "" if ctx.negated else " ".join(ctx.line.split()[1:])


_line(
    "chain-validation (stop|continue [WORD])",
    """How far a chain is validated
    Up to this trustpoint
    Up to another trustpoint
    Parent trustpoint""",
    chain_validation,
)


def auto_enroll(ctx: Context, percent: int = 0, regenerate: str = "") -> None:
    ctx.target.auto_enroll = None if ctx.negated else percent
    ctx.target.auto_regenerate = bool(regenerate) and not ctx.negated


_line(
    "auto-enroll [<10-100>$percent] [regenerate$regenerate]",
    """Automatically enroll this router
    Percentage of the certificate's lifetime
    Make a new key pair, too""",
    auto_enroll,
)


def regenerate(ctx: Context) -> None:
    ctx.target.regenerate = not ctx.negated


_line("regenerate", "Make new keys on each re-enrollment", regenerate)


def source_interface(ctx: Context, interface: InterfaceName | None = None) -> None:
    ctx.target.source_interface = None if ctx.negated else interface


_line(
    "source interface INTERFACE$interface",
    "Source of connections to the CA\nInterface whose address is the source\nInterface name",
    source_interface,
)


def usage(ctx: Context) -> None:
    ctx.target.usage = "" if ctx.negated else " ".join(ctx.line.split()[1:])


_line(
    "usage {ike|ssl-client|ssl-server}",
    "What the certificate is for\nIKE\nSSL, as client\nSSL, as server",
    usage,
)


def vrf(ctx: Context, value: str = "") -> None:
    if not ctx.negated and not ctx.session.loading:
        check_vrf(ctx.router.model, value)
    ctx.target.vrf = "" if ctx.negated else value


_line("vrf WORD$value", "VRF to reach the CA in\nVRF name", vrf)
