"""crypto pki enroll: asking a CA for a certificate, or making one's own."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timezone

from iosemu.cli import Ask, CommandError, CommandTable, Context, Interaction, Step, yes_or_no
from iosemu.crypto import pem
from iosemu.crypto.certificate import new_serial, self_sign
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.request import LABEL, CertificateRequest
from iosemu.features.pki import request
from iosemu.features.pki.authenticate import known
from iosemu.features.pki.chains import authority_of, own_of, put
from iosemu.features.pki.config import SELF_SIGNED, Trustpoint
from iosemu.features.pki.request import make_request, request_hash, wanted_extensions
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.spelling import EITHER, declare, pki_helps

TABLE = CommandTable()
NOT_AUTHENTICATED = "% You must authenticate the Certificate Authority before\nyou can enroll with it."
PASSWORD_TEXT = """\
% Create a challenge password. You will need to verbally provide this
   password to the CA Administrator in order to revoke your certificate.
   For security reasons your password will not be saved in the configuration.
   Please make a note of it.

"""
# The self-signed certificates of IOS all end on that day.
SELF_SIGNED_END = datetime(2030, 1, 1, tzinfo=timezone.utc)
SELF_SIGNED_YEARS = 10


def enroll(ctx: Context, name: str) -> Interaction:
    """Settle the names, then ask the CA by its protocol, on the terminal, or not at all."""
    trustpoint = known(ctx, name)
    service = ctx.router.service(PkiService)
    if ctx.negated:
        service.cancel(name)
        return
    if trustpoint.enrollment not in ("url", "terminal", "selfsigned"):
        raise CommandError("% Please configure an enrollment URL, terminal or selfsigned enrollment first.")
    if trustpoint.enrollment != "selfsigned" and authority_of(ctx.router, name) is None:
        raise CommandError(NOT_AUTHENTICATED)
    if name in service.enrollments:
        raise CommandError(f"% An enrollment with trustpoint {name} is already in progress.")
    if own_of(ctx.router, name) is not None and not (yield from _again()):
        return
    handlers = {"url": _by_scep, "terminal": _on_terminal, "selfsigned": _self_signed}
    yield from handlers[trustpoint.enrollment](ctx, trustpoint)
    ctx.router.commit()


def _again() -> Generator[Step, str | None, bool]:
    yield "% You already have a certificate from this Certificate Authority.\n"
    return (yield from yes_or_no("% Do you want to continue with re-enrollment? [yes/no]: "))


def _by_scep(ctx: Context, trustpoint: Trustpoint) -> Interaction:
    yield "%\n% Start certificate enrollment .. \n"
    password: str | None = ""
    if trustpoint.password is None:
        yield PASSWORD_TEXT
        password = yield Ask("Password: ", echo=False)
        if (yield Ask("Re-enter password: ", echo=False)) != password:
            raise CommandError("% Passwords do not match.")
        yield "\n"
    subject = yield from request.ask(ctx.router, trustpoint)
    subject = replace(subject, password=subject.password or password or "")
    if not (yield from yes_or_no("Request certificate from CA? [yes/no]: ")):
        return
    pair = request.ensure_key(ctx.router, trustpoint)
    ctx.router.service(PkiService).enroll(trustpoint, subject, pair)
    yield "% Certificate request sent to Certificate Authority\n"
    yield f"% The 'show crypto pki certificate verbose {trustpoint.name}' commandwill show the fingerprint.\n\n"


def _on_terminal(ctx: Context, trustpoint: Trustpoint) -> Interaction:
    yield "% Start certificate enrollment .. \n\n"
    subject = yield from request.ask(ctx.router, trustpoint)
    if not (yield from yes_or_no("Display Certificate Request to terminal? [yes/no]: ")):
        return
    made = make_request(trustpoint, subject, request.ensure_key(ctx.router, trustpoint))
    text = _request_text(made, trustpoint.pem)
    while True:
        yield f"Certificate Request follows:\n\n{text}\n---End - This line not part of the certificate request---\n\n"
        if not (yield from yes_or_no("Redisplay enrollment request? [yes/no]: ")):
            return


def _request_text(made: CertificateRequest, in_pem: bool) -> str:
    text = pem.encode(LABEL, made.der).decode()
    return text if in_pem else "".join(f"{row}\n" for row in text.splitlines()[1:-1])


def _self_signed(ctx: Context, trustpoint: Trustpoint) -> Interaction:
    subject = yield from request.ask(ctx.router, trustpoint)
    if not (yield from yes_or_no("Generate Self Signed Router Certificate? [yes/no]: ")):
        return
    router = ctx.router
    pair = request.ensure_key(router, trustpoint)
    start = router.calendar.utc().replace(microsecond=0)
    end = max(SELF_SIGNED_END, start.replace(year=start.year + SELF_SIGNED_YEARS, month=1, day=1))
    wanted = replace(wanted_extensions(subject, pair), is_ca=True)
    serial = 1 if own_of(router, trustpoint.name) is None else new_serial(router.clock.random_bytes(4))
    try:
        made = self_sign(subject.name, pair.key, serial, (start, end), wanted, request_hash(trustpoint, pair))
    except CryptoError as error:
        raise CommandError(f"% The certificate could not be made: {error}") from error
    put(router, trustpoint.name, made, SELF_SIGNED)
    yield "\nRouter Self Signed Certificate successfully created\n\n"


_ENROLL = "crypto pki enroll WORD$name"
declare(TABLE, EITHER, _ENROLL, pki_helps("Request a certificate from a CA", "CA trustpoint name"), no=_ENROLL)(enroll)
