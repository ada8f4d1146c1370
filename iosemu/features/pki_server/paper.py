"""Requests that come as a file or are pasted, instead of by SCEP."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context, Interaction, pasted_text
from iosemu.crypto import pem
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.request import CertificateRequest
from iosemu.engines.pki.requests import Entry, RequestState
from iosemu.engines.pki.scep_exchange import transaction_of
from iosemu.features.files.url import parse_url, read
from iosemu.features.pki.pasting import octets_of
from iosemu.features.pki.spelling import declare, pki_helps
from iosemu.features.pki_server.commands import known
from iosemu.features.pki_server.running import RunningServer
from iosemu.features.pki_server.service import CertificateServerService

TABLE = CommandTable()


def request(ctx: Context, name: str, place: str, form: str = "base64") -> Interaction:
    """Read a PKCS #10 and hand it to the CA; the certificate is shown when it is granted."""
    known(ctx, name)
    running = ctx.router.service(CertificateServerService).running(name)
    if running is None:
        raise CommandError(f"% Certificate server '{name}' is not enabled")
    if place == "terminal":
        yield "PKCS10 request in base64 or pem\n\n"
        yield "% Enter Base64 encoded or PEM formatted PKCS10 enrollment request.\n"
        yield '% End with a blank line or "quit" on a line by itself.\n'
        text = yield from pasted_text(blank_ends=True)
    else:
        text = read(ctx.router, parse_url(ctx.session, place)).decode(errors="replace")
    try:
        asked = CertificateRequest.parse(octets_of(text))
    except CryptoError:
        raise CommandError("% Failed to parse the PKCS10 request") from None
    if not asked.signed:
        raise CommandError("% The PKCS10 request is not signed by its key")
    entry = running.authority.submit(transaction_of(asked), asked, ctx.router.calendar.utc())
    if entry is None:
        raise CommandError("% Too many requests are pending")
    running.paper[entry.number] = form
    running.tend()
    yield outcome_text(running, entry)


def outcome_text(running: RunningServer, entry: Entry) -> str:
    """What became of a request."""
    if entry.state is RequestState.PENDING:
        return f"% Enrollment request pending, reqId={entry.number}\n"
    if entry.state is RequestState.REJECTED:
        return f"% Enrollment request rejected, reqId={entry.number}\n"
    return granted_text(running, entry)


def granted_text(running: RunningServer, entry: Entry) -> str:
    """The certificate of a request that did not come by SCEP; nothing for others, who fetch theirs."""
    form = running.paper.pop(entry.number, "")
    if not form or entry.certificate is None:
        return ""
    text = pem.encode("CERTIFICATE", entry.certificate.der).decode()
    body = text if form == "pem" else "".join(f"{row}\n" for row in text.splitlines()[1:-1])
    return f"% Granted certificate:\n{body}\n"


declare(
    TABLE,
    PRIV_EXEC,
    "crypto pki server WORD$name request pkcs10 (terminal|WORD)$place [(base64|pem)$form]",
    pki_helps(
        "Actions of the certificate server",
        "Label of the server",
        "Enrollment request",
        "PKCS10 request",
        "Via the terminal (cut-and-paste)",
        "URL of the file",
        "Show the certificate in base64",
        "Show the certificate in PEM",
    ),
)(request)
