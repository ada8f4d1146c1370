"""One certificate server that answers: requests that come over HTTP, files, and what time brings."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from iosemu.cli import CommandError
from iosemu.crypto.certificate import Certificate
from iosemu.engines.common import Event
from iosemu.engines.pki.authority import CertificateAuthority
from iosemu.engines.pki.events import (
    AuthorityExpired,
    CertificateIssued,
    CrlIssued,
    MessageRefused,
    RequestQueued,
    RolledOver,
    RolloverDue,
)
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.scep_exchange import PKI_OPERATION
from iosemu.engines.pki.scep_server import CRL_TYPE, ScepServer
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.making import make_rsa
from iosemu.features.http.messages import Request, Response
from iosemu.features.pki.chains import authority_of, certificate_of, put
from iosemu.features.pki.config import NEXT_AUTHORITY, PkiConfig
from iosemu.features.pki_server.config import CertificateServer
from iosemu.features.pki_server.database import Database, StorageError, clock_words
from iosemu.features.pki_server.messages import log, trace
from iosemu.router.clock import Timer
from iosemu.router.router import Router

# The key of the next CA certificate has the label of the one in use with this behind it.
FOLLOWING = "#"
LONGEST_MESSAGE_TEXT = 100_000
# A timer may not be set further ahead: the router's clock can be set at any time.
LOOK_AGAIN = 86400.0


class RunningServer:
    """One CA that answers."""

    def __init__(self, router: Router, server: CertificateServer, owner: Owner) -> None:
        self._router = router
        self.server = server
        self.database = Database(router, server)
        now = router.calendar.utc()
        last_serial = self.database.load_serial() or owner.certificate.serial
        crl = self.database.load_crl()
        following = next_owner(router, server.name)
        self.authority = CertificateAuthority(owner, server.settings(), now, last_serial, crl, following)
        self._scep = ScepServer(self.authority, router.clock.random_bytes)
        self._timer: Timer | None = None
        self.storage_fault = ""
        # How the certificates of requests are shown that did not come by SCEP, by the numbers of the requests.
        self.paper: dict[int, str] = {}
        self.tend()

    def serve(self, request: Request) -> Response:
        """Answer a request for the path of SCEP."""
        parameters = request.parameters
        operation = parameters.get("operation", "")
        message = request.body
        if request.method != "POST":
            message = _decoded(operation, parameters.get("message", ""))
        trace(self._router, f"received {operation or 'nothing'} from {request.remote.address}")
        answer = self._scep.answer(operation, message, self._router.calendar.utc())
        for event in self._scep.take_events():
            if isinstance(event, MessageRefused):
                trace(self._router, f"refused: {event.reason}")
        self.tend()
        return Response(answer.status, answer.body, answer.content_type)

    def serve_crl(self, _: Request) -> Response:
        """The list, bare, for who follows a distribution point."""
        self.tend()
        return Response(200, self.authority.crl.der, CRL_TYPE)

    def tend(self) -> None:
        """Let time take effect, write down what happened, and look ahead."""
        self.authority.handle_timer(self._router.calendar.utc())
        while events := self.authority.take_events():
            for event in events:
                self._take(event)
        if self._timer is not None:
            self._timer.cancel()
        due = self.authority.next_timer()
        if due is not None:
            delay = (due - self._router.calendar.utc()).total_seconds()
            self._timer = self._router.clock.call_later(min(max(delay, 0.0), LOOK_AGAIN), self.tend)

    def certificate(self, serial: int) -> Certificate | None:
        """An issued certificate that is at hand or was kept."""
        return self.authority.issued.get(serial) or self.database.load_certificate(serial)

    def stop(self) -> None:
        """Answer no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _take(self, event: Event) -> None:
        try:
            if isinstance(event, CertificateIssued):
                self._issued(event.certificate)
            elif isinstance(event, CrlIssued):
                self.database.save_crl(event.crl)
            elif isinstance(event, RequestQueued):
                trace(self._router, f"request {event.entry.number} is pending: {event.entry.request.subject}")
            elif isinstance(event, RolloverDue):
                self._prepare_rollover()
            elif isinstance(event, RolledOver):
                self._rolled_over()
            elif isinstance(event, AuthorityExpired):
                log(self._router, "CS_CACERT_EXPIRED")
        except StorageError as error:
            if not self.storage_fault:
                log(self._router, "CS_CRIT_STORAGE", url=str(error))
            self.storage_fault = str(error)

    def _issued(self, certificate: Certificate) -> None:
        trace(self._router, f"certificate {certificate.serial:X} is issued: {certificate.subject}")
        self.database.save_serial(self.authority.last_serial)
        self.database.save_certificate(certificate, clock_words(self._router, certificate.not_after))

    def _prepare_rollover(self) -> None:
        name = self.server.name
        try:
            make_rsa(self._router, name + FOLLOWING, self.authority.owner.key.bits)
        except CommandError as error:
            trace(self._router, f"no key for the rollover: {error}")
            return
        pair = store.pair(self._router.nvram, name + FOLLOWING)
        assert pair is not None
        following = self.authority.prepare_rollover(pair.key, self._router.calendar.utc())
        put(self._router, name, following, NEXT_AUTHORITY)
        log(self._router, "CS_CACERT_ROLLOVER")
        log(self._router, "NOAUTOSAVE")

    def _rolled_over(self) -> None:
        name = self.server.name
        pair = store.pair(self._router.nvram, name + FOLLOWING)
        if pair is not None:
            store.remove(self._router.nvram, pair.label)
            store.save(self._router.nvram, replace(pair, label=name))
        self._router.model.block(PkiConfig).turn_over(name)
        self._router.history.changed(self._router.calendar.utc(), None)
        log(self._router, "CS_ROLLED_OVER")
        log(self._router, "NOAUTOSAVE")


def _decoded(operation: str, text: str) -> bytes:
    """The message of a GET: base64 for an operation, the name of the CA otherwise."""
    if operation != PKI_OPERATION or len(text) > LONGEST_MESSAGE_TEXT:
        return text[:LONGEST_MESSAGE_TEXT].encode(errors="replace")
    try:
        # Some clients leave the plus sign as it is, which then reads as a blank.
        return base64.b64decode("".join(text.replace(" ", "+").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def owner_of(router: Router, name: str) -> Owner | None:
    """The CA of a server: its certificate with the key, None where either is missing or they do not belong together."""
    return _owner(router, authority_of(router, name), name)


def next_owner(router: Router, name: str) -> Owner | None:
    """What follows the CA of a server."""
    return _owner(router, certificate_of(router, name, NEXT_AUTHORITY), name + FOLLOWING)


def _owner(router: Router, certificate: Certificate | None, label: str) -> Owner | None:
    pair = store.pair(router.nvram, label)
    if certificate is None or pair is None or pair.key.public.spki != certificate.public_key.spki:
        return None
    return Owner(certificate, pair.key)
