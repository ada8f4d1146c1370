"""crypto pki authenticate: the CA's certificate, and whether it is believed."""

from __future__ import annotations

from collections.abc import Generator

from iosemu.cli import CommandError, CommandTable, Context, Interaction, Step, Wait, yes_or_no
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.features.pki.chains import authority_of, put
from iosemu.features.pki.config import AUTHORITY, PkiConfig, Trustpoint
from iosemu.features.pki.introduction import Introduction, get_certificates
from iosemu.features.pki.messages import TRANSACTIONS, log, trace
from iosemu.features.pki.pasting import pasted_certificate
from iosemu.features.pki.spelling import EITHER, declare, pki_helps
from iosemu.features.pki.texts import fingerprint_md5, fingerprint_sha1, grouped_digits, has_fingerprint

TABLE = CommandTable()
ANSWER_TIMEOUT = 60.0
HAS_ONE = (
    "% Please delete your existing CA certificate first.\n"
    "% You must use 'no crypto pki trustpoint <trustpoint-name>' to delete the CA certificate."
)
NOT_RECEIVED = "% Error in receiving Certificate Authority certificate: status = FAIL, cert length = 0"


def known(ctx: Context, name: str) -> Trustpoint:
    """A trustpoint; raises CommandError for an unknown name."""
    found = ctx.router.model.block(PkiConfig).trustpoints.get(name)
    if found is None:
        raise CommandError(f"% CA trustpoint {name} is not known.")
    return found


def authenticate(ctx: Context, name: str) -> Interaction:
    """Get the certificate, show its fingerprints, and keep it when it is accepted."""
    trustpoint = known(ctx, name)
    if authority_of(ctx.router, name) is not None:
        raise CommandError(HAS_ONE)
    if trustpoint.enrollment == "terminal":
        try:
            certificate = yield from pasted_certificate("CA certificate")
        except CryptoError as error:
            raise CommandError("% Error in saving certificate: status = FAIL") from error
    elif trustpoint.enrollment == "url":
        certificate = yield from _received(ctx, trustpoint)
    else:
        raise CommandError("% Please configure an enrollment URL or terminal enrollment for the trustpoint first.")
    if (yield from _accepted(trustpoint, certificate)):
        put(ctx.router, name, certificate, AUTHORITY)
        yield "Trustpoint CA certificate accepted.\n"
        yield "% Certificate successfully imported\n" if trustpoint.enrollment == "terminal" else ""
        ctx.router.commit()


def _received(ctx: Context, trustpoint: Trustpoint) -> Generator[Step, str | None, Certificate]:
    """Ask the CA itself; raises CommandError when there is no answer of use."""
    found: list[Introduction | str] = []
    transfer = get_certificates(ctx.router, trustpoint, found.append)
    try:
        yield Wait(ANSWER_TIMEOUT, lambda: bool(found))
    finally:
        transfer.cancel()
    answer = found[0] if found else "no answer"
    if isinstance(answer, str):
        log(ctx.router, "SOCKETSELECT")
        trace(ctx.router, TRANSACTIONS, f"no CA certificate: {answer}")
        raise CommandError(NOT_RECEIVED)
    return answer.ca


def _accepted(trustpoint: Trustpoint, certificate: Certificate) -> Generator[Step, str | None, bool]:
    """Compare the fingerprint that is configured; without one somebody must look at it."""
    yield "Certificate has the following attributes:\n"
    yield f"       Fingerprint MD5: {fingerprint_md5(certificate.der)} \n"
    yield f"      Fingerprint SHA1: {fingerprint_sha1(certificate.der)} \n\n"
    if trustpoint.fingerprint:
        yield f"Trustpoint Fingerprint: {grouped_digits(trustpoint.fingerprint)} \n"
        if has_fingerprint(certificate.der, trustpoint.fingerprint):
            yield "Certificate validated - fingerprints matched.\n"
            return True
        yield "Certificate validation failed - fingerprints did not match.\n% Certificate rejected.\n"
        return False
    return (yield from yes_or_no("% Do you accept this certificate? [yes/no]: "))


declare(
    TABLE,
    EITHER,
    "crypto pki authenticate WORD$name",
    pki_helps("Get the CA certificate", "CA trustpoint name"),
)(authenticate)
