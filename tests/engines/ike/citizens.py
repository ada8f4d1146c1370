"""Speakers with certificates that are mere names, and keys that are the same in every test."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

from iosemu.crypto.ec import EcKey
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.rsa import RsaKey
from iosemu.engines.common import Endpoint
from iosemu.engines.ike.credentials import (
    Credentials,
    PeerCertificate,
    Verdict,
)
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.peers import Strangers
from iosemu.wire.isakmp_payloads import Identity, IdType


@cache
def key(method: Authentication, owner: str) -> SigningKey:
    """A key of somebody, the same in every test."""
    random = Random(f"{method}{owner}").randbytes
    if method is Authentication.RSA_SIGNATURES:
        return RsaKey.generate(1024, random)
    return EcKey.generate({9: 256, 10: 384, 11: 521}[method], random)


class Citizen(Strangers):
    """A directory whose certificates are the names of their owners. `verdict` may judge otherwise than to believe."""

    def __init__(self, name: str, method: Authentication, *, aggressive: bool = False) -> None:
        self.name, self.method, self._aggressive = name, method, aggressive
        self.signs_as = name
        self.calls_itself = name
        self.verdict: Callable[[str], Verdict | None] = lambda _: None
        self.asked_for: tuple[bytes, ...] = ()

    def own_identity(self, remote: Endpoint, local: Endpoint, method: int) -> Identity:
        return Identity(IdType.FQDN, self.calls_itself.encode())

    def aggressive(self, remote: Endpoint) -> bool:
        return self._aggressive

    def credentials(self, remote: Endpoint, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        self.asked_for = authorities or self.asked_for
        if method != self.method:
            return None
        return Credentials((self.name.encode(), b"issuer"), b"", key(self.method, self.signs_as))

    def authorities(self, remote: Endpoint) -> tuple[bytes, ...]:
        return (b"DER name of the CA",)

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        name = chain[0].decode()
        assert chain[1:] == (b"issuer",)
        believed = PeerCertificate(key(self.method, name).public, (Identity(IdType.FQDN, name.encode()),), name)
        return self.verdict(name) or believed
