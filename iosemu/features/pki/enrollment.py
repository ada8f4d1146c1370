"""One enrollment by SCEP, from the introduction to the certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from iosemu.crypto.certificate import Certificate, self_sign
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import Extensions
from iosemu.crypto.request import CertificateRequest
from iosemu.engines.common import Event
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.scep_client import (
    CertificateReceived,
    EnrollmentFailed,
    EnrollmentSettings,
    RequestPending,
    RequestRefused,
    ScepEnrollment,
)
from iosemu.features.crypto_keys.store import KeyPair
from iosemu.features.http.messages import Response
from iosemu.features.http.transfer import Transfer
from iosemu.features.pki.config import OWN, Trustpoint
from iosemu.features.pki.fetching import ask
from iosemu.features.pki.introduction import Introduction, get_capabilities, get_certificates
from iosemu.features.pki.messages import TRANSACTIONS, log, trace
from iosemu.features.pki.request import Subject
from iosemu.router.clock import Timer
from iosemu.router.router import Router

MINUTE = 60.0
_SENDER_LIFETIME = timedelta(days=1)


@dataclass(frozen=True)
class Order:
    """What is asked for: the request, its key, which certificate of the trustpoint it will be, and, for a renewal, who
    vouches for it. `ca` signs it where that is not the CA of today."""

    subject: Subject
    pair: KeyPair
    request: CertificateRequest = field(repr=False)
    kind: str = OWN
    old: Owner | None = None
    ca: Certificate | None = None


class Enrollment:
    """One enrollment with a CA over SCEP. `on_end` is called once, with the certificate or with the status in the words
    of IOS; `waiting` tells that the CA has queued the request."""

    def __init__(
        self,
        router: Router,
        trustpoint: Trustpoint,
        order: Order,
        ca: Certificate,
        on_end: Callable[[Certificate | str], None],
    ) -> None:
        self.order = order
        self.waiting = False
        self.next_poll: float | None = None
        self._router = router
        self._trustpoint = trustpoint
        self._ca = order.ca or ca
        self._on_end = on_end
        self._attempts = 0
        self._engine: ScepEnrollment | None = None
        self._transfer: Transfer | None = None
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Learn whom to ask, and how; then ask."""
        self._attempts += 1
        self._transfer = get_certificates(self._router, self._trustpoint, self._introduced)

    def stop(self) -> None:
        """Give it up; nobody is told."""
        for item in (self._transfer, self._timer):
            if item is not None:
                item.cancel()
        self._engine = self._transfer = self._timer = None

    # Introduction

    def _introduced(self, found: Introduction | str) -> None:
        if isinstance(found, str):
            self._not_reached()
            return
        recipient = found.recipient if found.ca == self._ca else self._ca
        self._transfer = get_capabilities(
            self._router, self._trustpoint, lambda words: self._ask(Introduction(self._ca, recipient, words))
        )

    def _not_reached(self) -> None:
        log(self._router, "SOCKETSELECT")
        if self._attempts > self._trustpoint.retry_count:
            self._end("Failed", "CERTFAIL")
            return
        self._timer = self._router.clock.call_later(self._trustpoint.retry_period * MINUTE, self.begin)

    # Transaction

    def _ask(self, met: Introduction) -> None:
        settings = EnrollmentSettings(
            poll_interval=self._trustpoint.retry_period * MINUTE,
            retries=self._trustpoint.retry_count,
            renewal=self.order.old is not None and met.capabilities.renewal,
            hash_name=self._trustpoint.hash,
        )
        clock = self._router.clock
        try:
            sender = self.order.old if settings.renewal and self.order.old is not None else self._sender()
        except CryptoError as error:
            trace(self._router, TRANSACTIONS, str(error))
            self._end("Failed", "CERTFAIL")
            return
        self._engine = ScepEnrollment(
            self.order.request, sender, met.ca, met.capabilities, settings, clock.random_bytes, met.recipient
        )
        self._engine.start(clock.now())
        self._pump()

    def _sender(self) -> Owner:
        """A key that has no certificate yet signs with one that it has made for itself (RFC 8894 section 2.3)."""
        now = self._router.calendar.utc().replace(microsecond=0)
        key = self.order.pair.key
        validity = (now - _SENDER_LIFETIME, now + _SENDER_LIFETIME)
        return Owner(self_sign(self.order.subject.name, key, 1, validity, Extensions(), "sha256"), key)

    def _pump(self) -> None:
        engine = self._engine
        if engine is None:
            return
        for request in engine.take_requests():
            trace(self._router, TRANSACTIONS, f"transaction {engine.transaction}: attempt {engine.attempts}")
            self._transfer = ask(self._router, self._trustpoint, request, self._answered)
        for event in engine.take_events():
            self._handle(event)
        self._arm()

    def _answered(self, answer: Response | str) -> None:
        engine = self._engine
        if engine is None:
            return
        if isinstance(answer, str):
            log(self._router, "SOCKETSELECT")
            engine.lost(self._router.clock.now())
        else:
            engine.receive(answer.body, self._router.clock.now())
        self._pump()

    def _handle(self, event: Event) -> None:
        if isinstance(event, RequestPending):
            self.waiting = True
            trace(self._router, TRANSACTIONS, "status = 102: certificate request pending")
            log(self._router, "CERTPENDING")
        elif isinstance(event, CertificateReceived):
            trace(self._router, TRANSACTIONS, "status = 100: certificate is granted")
            self.stop()
            self._on_end(event.certificate)
        elif isinstance(event, RequestRefused):
            reason = event.reason.name if event.reason is not None else "no reason given"
            trace(self._router, TRANSACTIONS, f"status = 101: certificate request is rejected: {reason}")
            self._end("Rejected", "CERTREJECT")
        elif isinstance(event, EnrollmentFailed):
            trace(self._router, TRANSACTIONS, f"enrollment failed: {event.reason}")
            self._end("Failed", "CERTFAIL")

    def _end(self, status: str, mnemonic: str) -> None:
        self.stop()
        log(self._router, mnemonic)
        self._on_end(status)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._engine.next_timer() if self._engine is not None else None
        self.next_poll = due if self.waiting else None
        self._timer = None if due is None else self._router.clock.call_at(due, self._tick)

    def _tick(self) -> None:
        if self._engine is not None:
            self._engine.handle_timer(self._router.clock.now())
            self._pump()
