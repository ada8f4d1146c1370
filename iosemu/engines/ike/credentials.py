"""Certificates and keys as phase 1 sees them: our own, and the verdict on a peer's (RFC 2409 section 5.1, RFC 4945)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from iosemu.crypto.keys import PublicKey, SigningKey
from iosemu.engines.ike.methods import Authentication
from iosemu.wire.isakmp_payloads import Identity

_CURVE_METHODS = {256: Authentication.ECDSA_256, 384: Authentication.ECDSA_384, 521: Authentication.ECDSA_521}


def method_of(key: SigningKey | PublicKey) -> Authentication:
    """The authentication method that a key serves."""
    return _CURVE_METHODS[key.bits] if key.kind == "ec" else Authentication.RSA_SIGNATURES


@dataclass(frozen=True, slots=True)
class Credentials:
    """Our own certificate: its chain in DER, leaf first, the subject as a DER Name, and the key."""

    chain: tuple[bytes, ...]
    subject: bytes
    key: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """A certificate that was verified. `identities` are those it vouches for, `name` its subject as a person reads it,
    `trustpoint` who vouches for it, `der` the certificate itself."""

    key: PublicKey
    identities: tuple[Identity, ...]
    name: str
    trustpoint: str = ""
    der: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class CertificateRefused:
    """A certificate that must not be believed."""

    reason: str


@dataclass(frozen=True, slots=True)
class CertificatePending:
    """The verdict needs something that is being fetched: `IkeEngine.resume` continues the exchange."""


Verdict = PeerCertificate | CertificateRefused | CertificatePending


class CertificateStore(Protocol):
    """Who has trustpoints. A trustpoint's name restricts the answer to it; names of authorities are DER Names."""

    def credentials(self, trustpoint: str | None, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        """Our certificate whose key serves a method, preferably one that one of the authorities issued."""

    def authorities(self, trustpoint: str | None) -> tuple[bytes, ...]:
        """The authorities that we trust."""

    def verify(self, chain: tuple[bytes, ...], now: float, trustpoint: str | None) -> Verdict:
        """The verdict on a peer's certificates, leaf first, in DER. After a pending one the store calls
        `IsakmpService.resume` as soon as it knows more."""

    def matches(self, name: str, certificate: PeerCertificate) -> bool:
        """Whether a certificate map matches a certificate."""
