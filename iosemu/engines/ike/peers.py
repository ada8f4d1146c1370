"""What the speaker asks its owner about a peer: keys, identities, certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.wire.isakmp import Identity, IdType


class SigningKey(Protocol):
    """A private key for the signatures of phase 1 (RFC 2409 section 5.1, RFC 4754)."""

    @property
    def ike_method(self) -> int:
        """The authentication method that the key serves."""

    def sign_ike(self, digest: bytes) -> bytes:
        """The signature over HASH_I or HASH_R."""


class VerifyingKey(Protocol):
    """The public half of a `SigningKey`."""

    @property
    def ike_method(self) -> int:
        """The authentication method that the key serves."""

    def verify_ike(self, digest: bytes, signature: bytes) -> bool:
        """Whether the signature over HASH_I or HASH_R is good."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Our own certificate: its chain in DER, leaf first, the subject as a DER Name, and the key."""

    chain: tuple[bytes, ...]
    subject: bytes
    key: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """A certificate that was verified. `identities` are those it vouches for, `name` its subject as a person reads it,
    `trustpoint` who vouches for it."""

    key: VerifyingKey
    identities: tuple[Identity, ...]
    name: str
    trustpoint: str = ""


@dataclass(frozen=True, slots=True)
class CertificateRefused:
    """A certificate that must not be believed."""

    reason: str


@dataclass(frozen=True, slots=True)
class CertificatePending:
    """The verdict needs something that is being fetched: `IkeEngine.resume` continues the exchange."""


Verdict = PeerCertificate | CertificateRefused | CertificatePending


class PeerDirectory(Protocol):
    """The owner's answers. An address is that of the peer as the network shows it."""

    def psk(self, address: IPv4Address, identity: Identity | None = None) -> bytes | None:
        """The pre-shared key for a peer; aggressive mode knows its identity as well."""

    def own_identity(self, address: IPv4Address, local: IPv4Address, method: int) -> Identity:
        """How we call ourselves towards a peer."""

    def accepts(self, address: IPv4Address, identity: Identity, certificate: PeerCertificate | None) -> bool:
        """Whether a peer that proved its identity is one that we serve."""

    def aggressive(self, address: IPv4Address) -> bool:
        """Whether we initiate aggressive mode towards a peer."""

    def credentials(self, address: IPv4Address, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        """Our certificate for a method, preferably one that is issued by one of the authorities (DER Names)."""

    def authorities(self, address: IPv4Address) -> tuple[bytes, ...]:
        """The authorities whose certificates we ask for, as DER Names."""

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        """The verdict on a peer's certificates, leaf first, in DER."""


class Strangers:
    """A directory without entries: nobody has a key or is believed. Other directories derive from it."""

    def psk(self, address: IPv4Address, identity: Identity | None = None) -> bytes | None:
        return None

    def own_identity(self, address: IPv4Address, local: IPv4Address, method: int) -> Identity:
        return Identity(IdType.IPV4_ADDR, local.packed)

    def accepts(self, address: IPv4Address, identity: Identity, certificate: PeerCertificate | None) -> bool:
        return True

    def aggressive(self, address: IPv4Address) -> bool:
        return False

    def credentials(self, address: IPv4Address, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        return None

    def authorities(self, address: IPv4Address) -> tuple[bytes, ...]:
        return ()

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        return CertificateRefused("no trustpoint")
