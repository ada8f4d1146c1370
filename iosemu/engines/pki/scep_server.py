"""The server side of SCEP (RFC 8894 section 4): from what was asked over HTTP to what is answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from iosemu.crypto import cms
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.request import CertificateRequest
from iosemu.crypto.scep_structures import read_issuer_and_serial, read_issuer_and_subject
from iosemu.engines.common import Event
from iosemu.engines.pki import messages
from iosemu.engines.pki.authority import CertificateAuthority
from iosemu.engines.pki.capabilities import SERVER
from iosemu.engines.pki.events import MessageRefused
from iosemu.engines.pki.messages import NONCE_SIZE, FailInfo, Header, MessageType, Owner, Protection, Received, Status
from iosemu.engines.pki.requests import Entry, RequestState
from iosemu.engines.pki.scep_exchange import MESSAGE_TYPE, PKI_OPERATION

LONGEST_MESSAGE = 65536
CA_CERTIFICATE_TYPE = "application/x-x509-ca-cert"
CA_BUNDLE_TYPE = "application/x-x509-ca-ra-cert"
NEXT_CA_TYPE = "application/x-x509-next-ca-cert"
CRL_TYPE = "application/pkix-crl"
TEXT_TYPE = "text/plain"


@dataclass(frozen=True, slots=True)
class ScepAnswer:
    """What goes back: an HTTP status, the type of the body, the body."""

    status: int = 200
    content_type: str = TEXT_TYPE
    body: bytes = field(default=b"", repr=False)


class _RefusedError(Exception):
    """A request that fails: the reason for the peer, and the one for the log."""

    def __init__(self, info: FailInfo, reason: str) -> None:
        super().__init__(reason)
        self.info = info


class ScepServer:
    """Serves one CA. `chain` are the certificates above it. `refused` counts what was refused, by reason."""

    def __init__(
        self, authority: CertificateAuthority, random: RandomBytes, chain: tuple[Certificate, ...] = ()
    ) -> None:
        self._authority = authority
        self._random = random
        self._chain = chain
        self.refused: Counter[str] = Counter()
        self._events: list[Event] = []

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def answer(self, operation: str, message: bytes, now: datetime) -> ScepAnswer:
        """Answer an operation; `message` is decoded, wherever it stood."""
        self._authority.handle_timer(now)
        if operation == PKI_OPERATION:
            return self._operation(message, now)
        if operation == "GetCACert":
            return self._ca_certificate()
        if operation == "GetCACaps":
            return ScepAnswer(body=SERVER.body())
        if operation == "GetNextCACert":
            return self._next_ca()
        if operation == "GetCRL":
            # Where a distribution point names the server itself: the bare list.
            return ScepAnswer(content_type=CRL_TYPE, body=self._authority.crl.der)
        return self._unanswered("unknown operation", 400)

    def _ca_certificate(self) -> ScepAnswer:
        own = self._authority.owner.certificate
        if not self._chain:
            return ScepAnswer(content_type=CA_CERTIFICATE_TYPE, body=own.der)
        return ScepAnswer(content_type=CA_BUNDLE_TYPE, body=cms.bundle((own, *self._chain)))

    def _next_ca(self) -> ScepAnswer:
        following, owner = self._authority.next_owner, self._authority.owner
        if following is None:
            return self._unanswered("no next CA certificate", 404)
        content = cms.bundle((following.certificate,))
        signed = cms.sign(content, owner.certificate, owner.key, self._authority.settings.hash_name, {})
        return ScepAnswer(content_type=NEXT_CA_TYPE, body=signed)

    def _operation(self, message: bytes, now: datetime) -> ScepAnswer:
        try:
            if len(message) > LONGEST_MESSAGE:
                raise CryptoError("the message is too long")
            received = messages.read(message)
            if received.header.kind is MessageType.CERT_REP:
                raise CryptoError("an answer instead of a request")
        except CryptoError as error:
            return self._unanswered(str(error), 400)
        return self._reply(received, now)

    def _reply(self, received: Received, now: datetime) -> ScepAnswer:
        owner, content, protection = self._opened(received)
        status, info, body = Status.FAILURE, None, None
        try:
            if content is None:
                raise _RefusedError(FailInfo.BAD_MESSAGE_CHECK, "the envelope cannot be opened")
            status, body = self._handle(received, content, owner, now)
        except _RefusedError as error:
            info = error.info
            self._count(str(error))
        except CryptoError as error:
            info = FailInfo.BAD_REQUEST
            self._count(str(error))
        asked = received.header
        header = Header(
            MessageType.CERT_REP, asked.transaction, self._random(NONCE_SIZE), asked.sender_nonce, status, info
        )
        try:
            reply = messages.seal(header, body, owner, received.signer, protection, self._random)
        except CryptoError as error:
            return self._unanswered(str(error), 400)
        return ScepAnswer(content_type=MESSAGE_TYPE, body=reply)

    def _opened(self, received: Received) -> tuple[Owner, bytes | None, Protection]:
        """Who was written to, the CA or what follows it, and what."""
        authority = self._authority
        for owner in (authority.owner, authority.next_owner):
            if owner is not None:
                try:
                    content, protection = received.content(owner.key)
                except CryptoError:
                    continue
                return owner, content, protection
        return authority.owner, None, SERVER.protection(received.hash_name)

    def _handle(self, received: Received, content: bytes, owner: Owner, now: datetime) -> tuple[Status, bytes | None]:
        kind = received.header.kind
        if kind in (MessageType.PKCS_REQ, MessageType.RENEWAL_REQ, MessageType.UPDATE_REQ):
            return self._enroll(received, content, owner, now)
        if kind is MessageType.CERT_POLL:
            return self._poll(received, content)
        issuer, serial = read_issuer_and_serial(content)
        if issuer != self._authority.owner.certificate.subject:
            raise _RefusedError(FailInfo.BAD_CERTIFICATE_ID, "another CA's certificate is asked for")
        if kind is MessageType.GET_CRL:
            return Status.SUCCESS, cms.bundle(crls=(self._authority.crl,))
        certificate = self._authority.issued.get(serial)
        if certificate is None:
            raise _RefusedError(FailInfo.BAD_CERTIFICATE_ID, "an unknown certificate is asked for")
        return Status.SUCCESS, cms.bundle((certificate,))

    def _enroll(self, received: Received, content: bytes, owner: Owner, now: datetime) -> tuple[Status, bytes | None]:
        request = CertificateRequest.parse(content)
        if not request.signed:
            raise _RefusedError(FailInfo.BAD_MESSAGE_CHECK, "the request is not signed by its key")
        if not self._authority.active:
            raise _RefusedError(FailInfo.BAD_TIME, "the CA certificate has expired")
        renewing = self._vouches(received.signer, now)
        if not renewing and received.header.kind is not MessageType.PKCS_REQ:
            raise _RefusedError(FailInfo.BAD_MESSAGE_CHECK, "no certificate of this CA vouches for the request")
        if not renewing and received.signer.public_key.spki != request.public_key.spki:
            raise _RefusedError(FailInfo.BAD_MESSAGE_CHECK, "the request is for another's key")
        entry = self._authority.submit(received.header.transaction, request, now, owner)
        if entry is None:
            raise _RefusedError(FailInfo.BAD_REQUEST, "too many requests are waiting")
        return self._outcome(entry)

    def _vouches(self, signer: Certificate, now: datetime) -> bool:
        """Whether the signer's certificate is one of ours that is still good."""
        ca = self._authority.owner.certificate
        genuine = signer.names_issuer(ca) and signer.is_signed_by(ca.public_key) and not signer.self_issued
        return genuine and signer.is_valid_at(now) and signer.serial not in self._authority.revoked

    def _poll(self, received: Received, content: bytes) -> tuple[Status, bytes | None]:
        _, subject = read_issuer_and_subject(content)
        entry = self._authority.requests.find(received.header.transaction)
        if entry is None or entry.request.subject != subject:
            raise _RefusedError(FailInfo.BAD_CERTIFICATE_ID, "an unknown request is asked for")
        return self._outcome(entry)

    def _outcome(self, entry: Entry) -> tuple[Status, bytes | None]:
        if entry.state is RequestState.PENDING:
            return Status.PENDING, None
        if entry.certificate is None:
            raise _RefusedError(FailInfo.BAD_REQUEST, "the request was rejected")
        return Status.SUCCESS, cms.bundle((entry.certificate,))

    def _unanswered(self, reason: str, status: int) -> ScepAnswer:
        self._count(reason)
        return ScepAnswer(status, body=f"{reason}\n".encode())

    def _count(self, reason: str) -> None:
        self.refused[reason] += 1
        self._events.append(MessageRefused(reason))
