"""crypto pki import T certificate: what the CA has made of a request that was printed on the terminal."""

from __future__ import annotations

from iosemu.cli import CommandError, CommandTable, Context, Interaction
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.features.pki.authenticate import known
from iosemu.features.pki.chains import authority_of, put
from iosemu.features.pki.config import OWN
from iosemu.features.pki.pasting import pasted_certificate
from iosemu.features.pki.request import find_key
from iosemu.features.pki.spelling import EITHER, declare, pki_helps

TABLE = CommandTable()
FAILED = "% Failed to parse or verify imported certificate"


def import_certificate(ctx: Context, name: str) -> Interaction:
    """Keep it when the CA has signed it and it is for our key."""
    trustpoint = known(ctx, name)
    authority = authority_of(ctx.router, name)
    if authority is None:
        raise CommandError(
            "% You must authenticate the Certificate Authority before\nyou can import the router's certificate."
        )
    try:
        certificate = yield from pasted_certificate("certificate")
    except CryptoError as error:
        raise CommandError(FAILED) from error
    pair = find_key(ctx.router, trustpoint)
    if pair is None or not belongs(certificate, authority, pair.key.public.spki):
        raise CommandError(FAILED)
    put(ctx.router, name, certificate, OWN)
    yield "% Router Certificate successfully imported\n\n"
    ctx.router.commit()


def belongs(certificate: Certificate, authority: Certificate, spki: bytes) -> bool:
    """Whether a certificate is for a key and signed by a CA."""
    fits = certificate.public_key.spki == spki and certificate.names_issuer(authority)
    return fits and certificate.is_signed_by(authority.public_key)


declare(
    TABLE,
    EITHER,
    "crypto pki import WORD$name certificate",
    pki_helps("Import certificate or keys", "CA trustpoint name", "Import a certificate from the terminal"),
)(import_certificate)
