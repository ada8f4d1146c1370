"""What the speaker asks its owner about a peer."""

from __future__ import annotations

from typing import Protocol

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.credentials import CertificateRefused, Credentials, PeerCertificate, Verdict
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.wire.isakmp_payloads import Identity, IdType


class PeerDirectory(Protocol):
    """The owner's answers. `remote` is the peer as the network shows it."""

    def psk(self, remote: Endpoint, identity: Identity | None = None) -> bytes | None:
        """The pre-shared key for a peer; aggressive mode knows its identity as well."""

    def own_identity(self, remote: Endpoint, local: Endpoint, method: int) -> Identity:
        """How we call ourselves towards a peer."""

    def accepts(self, remote: Endpoint, identity: Identity, certificate: PeerCertificate | None) -> bool:
        """Whether a peer that proved its identity is one that we serve."""

    def aggressive(self, remote: Endpoint) -> bool:
        """Whether we initiate aggressive mode towards a peer."""

    def keeps_sas(self, local: Endpoint, remote: Endpoint) -> bool:
        """Whether other SAs with a peer live on without phase 1: INITIAL-CONTACT would end them."""

    def keepalive(self, remote: Endpoint) -> Keepalive | None:
        """Whether and how we watch that the peer lives."""

    def credentials(self, remote: Endpoint, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        """Our certificate for a method, preferably one that is issued by one of the authorities (DER Names)."""

    def authorities(self, remote: Endpoint) -> tuple[bytes, ...]:
        """The authorities whose certificates we ask for, as DER Names."""

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        """The verdict on a peer's certificates, leaf first, in DER."""


class Strangers:
    """A directory without entries: nobody has a key or is believed. Other directories derive from it."""

    def psk(self, remote: Endpoint, identity: Identity | None = None) -> bytes | None:
        return None

    def own_identity(self, remote: Endpoint, local: Endpoint, method: int) -> Identity:
        return Identity(IdType.IPV4_ADDR, local.address.packed)

    def accepts(self, remote: Endpoint, identity: Identity, certificate: PeerCertificate | None) -> bool:
        return True

    def aggressive(self, remote: Endpoint) -> bool:
        return False

    def keeps_sas(self, local: Endpoint, remote: Endpoint) -> bool:
        return False

    def keepalive(self, remote: Endpoint) -> Keepalive | None:
        return None

    def credentials(self, remote: Endpoint, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        return None

    def authorities(self, remote: Endpoint) -> tuple[bytes, ...]:
        return ()

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        return CertificateRefused("no trustpoint")
