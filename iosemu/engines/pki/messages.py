"""pkiMessages of SCEP (RFC 8894 section 3): signed headers around an envelope."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from iosemu.crypto import cms, cms_envelope
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import BlockCipher

_ARC = "2.16.840.1.113733.1.9"
_MESSAGE_TYPE, _STATUS, _FAIL_INFO = f"{_ARC}.2", f"{_ARC}.3", f"{_ARC}.4"
_SENDER_NONCE, _RECIPIENT_NONCE, _TRANSACTION = f"{_ARC}.5", f"{_ARC}.6", f"{_ARC}.7"
NONCE_SIZE = 16
LONGEST_TRANSACTION = 256


class MessageType(Enum):
    """The value is what goes on the wire."""

    CERT_REP = "3"
    RENEWAL_REQ = "17"
    UPDATE_REQ = "18"
    PKCS_REQ = "19"
    CERT_POLL = "20"
    GET_CERT = "21"
    GET_CRL = "22"


class Status(Enum):
    """Outcome of a request."""

    SUCCESS = "0"
    FAILURE = "2"
    PENDING = "3"


class FailInfo(Enum):
    """Why a request failed."""

    BAD_ALGORITHM = "0"
    BAD_MESSAGE_CHECK = "1"
    BAD_REQUEST = "2"
    BAD_TIME = "3"
    BAD_CERTIFICATE_ID = "4"


@dataclass(frozen=True, slots=True)
class Header:
    """The signed attributes. `recipient_nonce` answers the sender nonce of a request."""

    kind: MessageType
    transaction: str
    sender_nonce: bytes
    recipient_nonce: bytes = b""
    status: Status | None = None
    fail_info: FailInfo | None = None

    def attributes(self) -> dict[str, str | bytes]:
        """The form that CMS takes."""
        found: dict[str, str | bytes] = {
            _TRANSACTION: self.transaction,
            _MESSAGE_TYPE: self.kind.value,
            _SENDER_NONCE: self.sender_nonce,
        }
        if self.recipient_nonce:
            found[_RECIPIENT_NONCE] = self.recipient_nonce
        if self.status is not None:
            found[_STATUS] = self.status.value
        if self.fail_info is not None:
            found[_FAIL_INFO] = self.fail_info.value
        return found


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who signs and to whom one encrypts."""

    certificate: Certificate
    key: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Protection:
    """How a message is signed and its content encrypted."""

    hash_name: str
    cipher: BlockCipher


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose signature is good for the certificate that came along; `envelope` is None where there is none."""

    header: Header
    signer: Certificate
    hash_name: str
    envelope: bytes | None = field(repr=False)

    def content(self, key: SigningKey) -> tuple[bytes, Protection]:
        """What is in the envelope and how it was protected; raises CryptoError."""
        if self.envelope is None:
            raise CryptoError("the message has no content")
        content, cipher = cms_envelope.open_envelope(self.envelope, key)
        return content, Protection(self.hash_name, cipher)


def seal(
    header: Header,
    content: bytes | None,
    sender: Owner,
    recipient: Certificate,
    protection: Protection,
    random: RandomBytes,
) -> bytes:
    """A message; without content there is no envelope. Raises CryptoError where the recipient has no RSA key."""
    envelope = None if content is None else cms_envelope.envelope(content, recipient, protection.cipher, random)
    return cms.sign(envelope, sender.certificate, sender.key, protection.hash_name, header.attributes())


def read(data: bytes) -> Received:
    """Read a message and verify its signature; raises CryptoError."""
    signed = cms.open_signed(data)
    if signed.signer is None:
        raise CryptoError("nobody signed the message")
    return Received(_header(signed.attributes), signed.signer, signed.hash_name, signed.content)


def _header(attributes: cms.Attributes) -> Header:
    def text(oid: str) -> str | None:
        value = attributes.get(oid)
        return value if isinstance(value, str) else None

    def octets(oid: str) -> bytes:
        value = attributes.get(oid)
        return value[: 4 * NONCE_SIZE] if isinstance(value, bytes) else b""

    status, fail_info = text(_STATUS), text(_FAIL_INFO)
    try:
        kind = MessageType(text(_MESSAGE_TYPE))
        outcome = Status(status) if status is not None else None
        reason = FailInfo(fail_info) if fail_info is not None else None
    except ValueError as error:
        raise CryptoError("a kind of message that is unknown") from error
    transaction = text(_TRANSACTION) or ""
    if not transaction or len(transaction) > LONGEST_TRANSACTION:
        raise CryptoError("no transaction")
    return Header(kind, transaction, octets(_SENDER_NONCE), octets(_RECIPIENT_NONCE), outcome, reason)
