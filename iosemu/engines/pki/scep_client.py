"""Enrolling with a CA by SCEP: one transaction from the request to the certificate (RFC 8894 section 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.cms import open_signed
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.request import CertificateRequest
from iosemu.crypto.scep_structures import issuer_and_subject
from iosemu.engines.common import Event
from iosemu.engines.pki import messages
from iosemu.engines.pki.capabilities import Capabilities
from iosemu.engines.pki.messages import (
    NONCE_SIZE,
    FailInfo,
    Header,
    MessageType,
    Owner,
    Protection,
    Received,
    Status,
)
from iosemu.engines.pki.scep_exchange import PKI_OPERATION, ScepRequest, speaks_for, transaction_of
from iosemu.engines.pki.states import ENDED, EnrollmentState, Step, advance


@dataclass(frozen=True, slots=True)
class EnrollmentSettings:
    """How patient a client is: seconds between polls, how often it polls, and how long it waits for an answer. With
    `renewal` an earlier certificate of the same CA vouches for the request."""

    poll_interval: float = 60.0
    retries: int = 10
    answer_timeout: float = 30.0
    renewal: bool = False
    hash_name: str = ""


@dataclass(frozen=True, slots=True)
class RequestPending(Event):
    """The CA's administrator has to decide."""


@dataclass(frozen=True, slots=True)
class CertificateReceived(Event):
    """The CA has granted; the certificate is for the requested key and signed by the CA."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class RequestRefused(Event):
    """The CA has refused."""

    reason: FailInfo | None


@dataclass(frozen=True, slots=True)
class EnrollmentFailed(Event):
    """No certificate: nobody answered in time, or not in a way of use."""

    reason: str


class ScepEnrollment:
    """One transaction. `sender` signs: a self-signed certificate of the new key, or for renewal the old one; answers
    are encrypted to it. `ca` is the CA's own certificate, `recipient` the one that messages are encrypted to, which is
    another one where a registration authority stands before the CA."""

    def __init__(
        self,
        request: CertificateRequest,
        sender: Owner,
        ca: Certificate,
        capabilities: Capabilities,
        settings: EnrollmentSettings,
        random: RandomBytes,
        recipient: Certificate | None = None,
    ) -> None:
        self.state = EnrollmentState.IDLE
        self.certificate: Certificate | None = None
        self.transaction = transaction_of(request)
        self.attempts = 0
        self._request = request
        self._sender = sender
        self._ca = ca
        self._recipient = recipient or ca
        self._capabilities = capabilities
        self._settings = settings
        self._random = random
        self._nonce = b""
        self._due: float | None = None
        self._requests: list[ScepRequest] = []
        self._events: list[Event] = []

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    def start(self, now: float) -> None:
        """Send the request, for the first time or again."""
        kind = MessageType.RENEWAL_REQ if self._settings.renewal else MessageType.PKCS_REQ
        self._send(kind, self._request.der, Step.START, now)

    def receive(self, body: bytes, now: float) -> None:
        """Take the body of the answer."""
        if self.state not in (EnrollmentState.REQUESTED, EnrollmentState.POLLING):
            return
        try:
            self._take(messages.read(body), now)
        except CryptoError as error:
            self._give_up(str(error))

    def lost(self, now: float) -> None:
        """There was no answer: the server could not be reached, or sent none of use."""
        if self.state in (EnrollmentState.REQUESTED, EnrollmentState.POLLING):
            self.state = advance(self.state, Step.NO_ANSWER)
            self._due = now + self._settings.poll_interval

    def take_requests(self) -> list[ScepRequest]:
        """What must be asked now."""
        taken, self._requests = self._requests, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return self._due

    def handle_timer(self, now: float) -> None:
        """Ask again, or give up."""
        if self._due is None or now < self._due:
            return
        if self.state in (EnrollmentState.REQUESTED, EnrollmentState.POLLING):
            self.lost(now)
        elif self.attempts > self._settings.retries:
            self._give_up("the CA did not grant the request in time")
        elif self.state is EnrollmentState.WAITING:
            self.start(now)
        else:
            content = issuer_and_subject(self._ca.subject, self._request.subject)
            self._send(MessageType.CERT_POLL, content, Step.POLL, now)

    def _send(self, kind: MessageType, content: bytes, step: Step, now: float) -> None:
        self._nonce = self._random(NONCE_SIZE)
        header = Header(kind, self.transaction, self._nonce)
        try:
            message = messages.seal(header, content, self._sender, self._recipient, self._protection(), self._random)
        except CryptoError as error:
            self._give_up(str(error))
            return
        self.state = advance(self.state, step)
        self.attempts += 1
        self._due = now + self._settings.answer_timeout
        self._requests.append(ScepRequest(PKI_OPERATION, message, self._capabilities.post))

    def _protection(self) -> Protection:
        return self._capabilities.protection(self._settings.hash_name)

    def _take(self, received: Received, now: float) -> None:
        header = received.header
        if header.kind is not MessageType.CERT_REP or header.transaction != self.transaction:
            raise CryptoError("an answer to something else")
        if header.recipient_nonce != self._nonce:
            raise CryptoError("an answer to an earlier message")
        if not speaks_for(received.signer, self._ca, self._recipient):
            raise CryptoError("an answer that the CA has not signed")
        if header.status is Status.PENDING:
            first = self.state is EnrollmentState.REQUESTED
            self.state = advance(self.state, Step.ANSWERED_PENDING)
            self._due = now + self._settings.poll_interval
            self._events += [RequestPending()] if first else []
        elif header.status is Status.FAILURE:
            self.state = advance(self.state, Step.ANSWERED_REFUSED)
            self._due = None
            self._events.append(RequestRefused(header.fail_info))
        else:
            self.certificate = self._granted(received)
            self.state = advance(self.state, Step.ANSWERED_GRANTED)
            self._due = None
            self._events.append(CertificateReceived(self.certificate))

    def _granted(self, received: Received) -> Certificate:
        content, _ = received.content(self._sender.key)
        for certificate in open_signed(content).certificates:
            if certificate.public_key.spki == self._request.public_key.spki:
                if not certificate.is_signed_by(self._ca.public_key):
                    raise CryptoError("the certificate is not signed by the CA")
                return certificate
        raise CryptoError("the answer has no certificate for our key")

    def _give_up(self, reason: str) -> None:
        self.state = advance(self.state, Step.GIVE_UP)
        self._due = None
        self._events.append(EnrollmentFailed(reason))
