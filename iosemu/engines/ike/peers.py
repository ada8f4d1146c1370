"""What the speaker asks its owner about a peer."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Protocol

from iosemu.engines.ike.credentials import CertificateRefused, Credentials, PeerCertificate, Verdict
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.wire.isakmp import Identity, IdType


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

    def keepalive(self, address: IPv4Address) -> Keepalive | None:
        """Whether and how we watch that the peer lives."""

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

    def keepalive(self, address: IPv4Address) -> Keepalive | None:
        return None

    def credentials(self, address: IPv4Address, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        return None

    def authorities(self, address: IPv4Address) -> tuple[bytes, ...]:
        return ()

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        return CertificateRefused("no trustpoint")
