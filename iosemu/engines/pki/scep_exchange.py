"""Questions to a SCEP server and their answers, those of one exchange alone (RFC 8894 section 4)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.parse import quote

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.cms import open_signed
from iosemu.crypto.crl import Crl
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.request import CertificateRequest
from iosemu.crypto.scep_structures import issuer_and_serial
from iosemu.engines.pki import messages
from iosemu.engines.pki.capabilities import Capabilities
from iosemu.engines.pki.messages import NONCE_SIZE, Header, MessageType, Owner, Status

PKI_OPERATION = "PKIOperation"
MESSAGE_TYPE = "application/x-pki-message"


@dataclass(frozen=True, slots=True)
class ScepRequest:
    """What must be asked over HTTP: `body` for a POST, else `query` says all."""

    operation: str
    message: bytes = field(repr=False)
    post: bool = False

    @property
    def query(self) -> str:
        """What stands behind the question mark of the URL."""
        if self.post:
            return f"operation={self.operation}"
        text = base64.b64encode(self.message).decode() if self.operation == PKI_OPERATION else self.message.decode()
        return f"operation={self.operation}&message={quote(text, safe='')}"

    @property
    def body(self) -> bytes | None:
        """What a POST brings along, None for a GET."""
        return self.message if self.post else None


def transaction_of(request: CertificateRequest) -> str:
    """The identifier of a transaction: a hash of the key, so that the CA knows a request that comes again (RFC 8894
    section 3.2.1.1)."""
    return hashlib.sha256(request.public_key.spki).hexdigest().upper()


def query(
    kind: MessageType, content: bytes, sender: Owner, ca: Certificate, capabilities: Capabilities, random: RandomBytes
) -> tuple[ScepRequest, Header]:
    """A question of one message, and the header that its answer must fit; raises CryptoError."""
    header = Header(kind, hashlib.sha256(content).hexdigest().upper(), random(NONCE_SIZE))
    message = messages.seal(header, content, sender, ca, capabilities.protection(), random)
    return ScepRequest(PKI_OPERATION, message, capabilities.post), header


def crl_query(
    certificate: Certificate, sender: Owner, ca: Certificate, capabilities: Capabilities, random: RandomBytes
) -> tuple[ScepRequest, Header]:
    """Ask for the CRL that would name a certificate; raises CryptoError."""
    content = issuer_and_serial(certificate.issuer, certificate.serial)
    return query(MessageType.GET_CRL, content, sender, ca, capabilities, random)


def read_crl_answer(body: bytes, asked: Header, sender: Owner, ca: Certificate) -> Crl:
    """The CRL of an answer; raises CryptoError where there is none or the CA has not signed."""
    received = messages.read(body)
    header = received.header
    if (header.transaction, header.recipient_nonce) != (asked.transaction, asked.sender_nonce):
        raise CryptoError("an answer to something else")
    if header.status is not Status.SUCCESS or not speaks_for(received.signer, ca, ca):
        raise CryptoError("the CA has no CRL for us")
    found = open_signed(received.content(sender.key)[0]).crls
    if not found:
        raise CryptoError("the answer has no CRL")
    return found[0]


def read_ca_answer(body: bytes) -> tuple[Certificate, ...]:
    """The certificates of GetCACert: one in DER, or a bundle of a CA with those above it and before it; raises
    CryptoError."""
    try:
        return (Certificate.parse(body),)
    except CryptoError:
        found = open_signed(body).certificates
    if not found:
        raise CryptoError("the answer has no certificate")
    return found


def read_next_ca_answer(body: bytes, ca: Certificate) -> tuple[Certificate, ...]:
    """The certificates that will follow, which the CA of today vouches for; raises CryptoError."""
    signed = open_signed(body)
    if signed.signer is None or not speaks_for(signed.signer, ca, ca):
        raise CryptoError("an answer that the CA has not signed")
    found = open_signed(signed.content or b"").certificates
    if not found:
        raise CryptoError("the answer has no certificate")
    return found


def speaks_for(signer: Certificate, ca: Certificate, recipient: Certificate) -> bool:
    """Whether a signer is the CA, or the registration authority that was introduced with it."""
    return signer in (ca, recipient)
