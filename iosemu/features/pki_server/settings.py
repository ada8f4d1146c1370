"""The lines of a certificate server."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.cli.kept import declare as declare_kept
from iosemu.cli.table import Handler
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import EXTENDED_USAGES
from iosemu.features.accounts.config import hidden
from iosemu.features.accounts.passwords import Secret, well_formed
from iosemu.features.pki_server.config import (
    CS_SERVER,
    FILE_KINDS,
    LIFETIMES,
    MINIMUM,
    CertificateServer,
    Location,
)
from iosemu.features.pki_server.messages import log
from iosemu.features.pki_server.service import CertificateServerService

TABLE = CommandTable()
SHORTEST_PASSWORD = 8
LOCKED = '% The server\'s configuration is locked  (enter "shut" to unlock it)'
MOVED = "% Server database url was changed. You need to move the\n% existing database to the new location.\n"
# What has no effect here.
declare_kept(
    TABLE,
    CS_SERVER,
    lambda ctx: ctx.target.kept,
    "database username = LINE\nserial-number LINE\nredundancy\n",
)


def _line(spec: str, helps: str, kept: bool = False) -> Callable[[Handler], Handler]:
    """A line that only a server may get that is shut down; `kept` tells that it has no effect here."""

    def declared(handler: Handler) -> Handler:
        def unlocked(ctx: Context, **bound: object) -> object:
            if not ctx.session.loading and ctx.router.service(CertificateServerService).running(ctx.target.name):
                raise CommandError(LOCKED)
            return handler(ctx, **bound)

        TABLE.command(CS_SERVER, spec, helps, no=ARGUMENTS_OPTIONAL, kept=kept)(unlocked)  # type: ignore[arg-type]
        return handler

    return declared


_DATABASE = "Certificate Server database config parameters\n"


@_line(
    "database level (minimum|names|complete)$level",
    f"""{_DATABASE}Control what type of data is stored in the database
    Store minimum information
    Store serial number and name of each issued certificate
    Store each issued certificate""",
)
def database_level(ctx: Context, level: str = MINIMUM) -> None:
    ctx.target.level = MINIMUM if ctx.negated else level


@_line(
    f"database url [({'|'.join(FILE_KINDS)})$kind] [publish$publish] WORD$url",
    f"""{_DATABASE}URL of the database
    Names of issued certificates
    Certificate revocation lists
    Issued certificates
    The main database file
    Archives in PEM
    Archives in PKCS12
    Publish a copy there
    URL""",
)
def database_url(ctx: Context, url: str = "", kind: str = "", publish: str = "") -> str | None:
    server: CertificateServer = ctx.target
    if ctx.negated:
        server.locations.pop(kind, None)
        return None
    server.locations[kind] = Location(url, bool(publish))
    return None if ctx.session.loading else MOVED


@_line(
    "database archive (pem|pkcs12)$form [password LINE$text]",
    f"""{_DATABASE}Archive CA certificate and keys
    Archive as PEM
    Archive as PKCS12
    Password that protects the private key
    The password, perhaps with its type in front""",
)
def database_archive(ctx: Context, form: str = "", text: str = "") -> None:
    server: CertificateServer = ctx.target
    if ctx.negated:
        server.archive, server.archive_password = ("pkcs12" if ctx.defaulted else ""), None
        return
    kind, blank, rest = text.partition(" ")
    secret = Secret(int(kind), rest) if blank and kind in ("0", "7") else Secret(0, text)
    if text and not well_formed(secret.kind, secret.text):
        raise CommandError(f"Invalid encrypted password: {secret.text}")
    if text and len(secret.clear or "") < SHORTEST_PASSWORD:
        raise CommandError(f"% Password must be at least {SHORTEST_PASSWORD} characters long")
    server.archive, server.archive_password = form, hidden(secret) if text else None


@_line("issuer-name LINE$text", "Issuer name\nIssuer distinguished name")
def issuer_name(ctx: Context, text: str = "") -> None:
    if not ctx.negated:
        try:
            Name.from_text(text)
        except CryptoError:
            raise CommandError(f"% {text} is not a valid subject name") from None
    ctx.target.issuer_name = "" if ctx.negated else text


_GRANT = "Certificate granting options\n"


@_line(
    "grant (auto|none|ra-auto)$how",
    f"""{_GRANT}Automatically grant incoming certificate enrollment requests
    Automatically reject any incoming enrollment request
    Automatically grant requests that a registration authority has authorized""",
)
def grant(ctx: Context, how: str = "") -> None:
    server: CertificateServer = ctx.target
    if ctx.negated:
        server.grant = "" if how in ("", server.grant) else server.grant
        return
    server.grant = how
    if how == "auto" and not ctx.session.loading:
        log(ctx.router, "CS_GRANT_AUTO")


@_line(
    "grant auto (rollover (ca-cert|ra-cert)$certificate|trustpoint WORD$trustpoint|tp-list LINE$trustpoints)",
    f"""{_GRANT}Automatically grant incoming certificate enrollment requests
    Automatically grant the next certificates
    Of subordinate certificate authorities
    Of registration authorities
    Grant requests that a certificate of this trustpoint vouches for
    Label of the trustpoint
    Grant requests that certificates of these trustpoints vouch for
    Labels of the trustpoints""",
    kept=True,
)
def grant_others(ctx: Context, certificate: str = "", trustpoint: str = "", trustpoints: str = "") -> None:
    server: CertificateServer = ctx.target
    words = ctx.line.removeprefix("grant ")
    if ctx.negated:
        server.grant_lines = {item for item in server.grant_lines if not f"{item} ".startswith(f"{words} ")}
    else:
        server.grant_lines.add(words)


@_line(
    "hash (md5|sha1|sha256|sha384|sha512)$name",
    "Hash algorithm of signatures\nMD5\nSHA-1\nSHA-256\nSHA-384\nSHA-512",
)
def hash_algorithm(ctx: Context, name: str = "") -> None:
    ctx.target.hash = "" if ctx.negated else name


def _lifetime(kind: str) -> Handler:
    def handler(ctx: Context, first: int = 0, second: int | None = None, third: int | None = None) -> None:
        lifetimes: dict[str, tuple[int, ...]] = ctx.target.lifetimes
        if ctx.negated:
            lifetimes.pop(kind, None)
            return
        numbers = tuple(number for number in (first, second, third) if number is not None)
        if not any(numbers):
            raise CommandError("% A lifetime must be longer than nothing.")
        lifetimes[kind] = numbers

    return handler


_LIFETIME = "Lifetime parameters\n"
_LIFETIME_HELP = {
    "crl": "Lifetime of certificate revocation lists",
    "certificate": "Lifetime of issued certificates",
    "ca-certificate": "Lifetime of the CA certificate",
    "enrollment-request": "How long an open enrollment request is kept",
}
for _kind, _facts in LIFETIMES.items():
    _more = "[<0-23>$second [<0-59>$third]]" if _facts.unit == "days" else "[<0-59>$second]"
    _units = ["Days", "Hours", "Minutes"] if _facts.unit == "days" else ["Hours", "Minutes"]
    _line(
        f"lifetime {_kind} <0-{_facts.highest}>$first {_more}",
        _LIFETIME + "\n".join([_LIFETIME_HELP[_kind], *_units]),
    )(_lifetime(_kind))


@_line("cdp-url WORD$url", "CRL Distribution Point to be included in the issued certificates\nURL")
def cdp_url(ctx: Context, url: str = "") -> None:
    if not url.isascii():
        raise CommandError(at=url)
    ctx.target.cdp_url = "" if ctx.negated else url


@_line(
    "auto-rollover [<0-1825>$days [<0-23>$hours [<0-59>$minutes]]]",
    "Rollover the CA key and certificate\nDays before the end of the CA certificate\nHours\nMinutes",
)
def auto_rollover(ctx: Context, days: int | None = None, hours: int | None = None, minutes: int | None = None) -> None:
    numbers = tuple(number for number in (days, hours, minutes) if number is not None)
    ctx.target.auto_rollover = None if ctx.negated else numbers


@_line(
    f"eku ({'|'.join(EXTENDED_USAGES)})$first [LINE$more]",
    "\n".join(
        ["Extended key usage of issued certificates", *(word.replace("-", " ") for word in EXTENDED_USAGES), "More"]
    ),
)
def eku(ctx: Context, first: str = "", more: str = "") -> None:
    words = list(dict.fromkeys([first, *more.split()]))
    unknown = next((word for word in words if word not in EXTENDED_USAGES), None)
    if unknown is not None and not ctx.negated:
        raise CommandError(at=unknown)
    ctx.target.usages = () if ctx.negated else tuple(words)


@_line(
    "mode (ra [transparent]|sub-cs)",
    """Mode of the certificate server
    Registration authority
    Requests pass as they are
    Subordinate certificate server""",
    kept=True,
)
def mode(ctx: Context) -> None:
    ctx.target.mode = "" if ctx.negated else ctx.line.removeprefix("mode ")
