"""The certificates of trustpoints, read; and how new ones come to be there."""

from __future__ import annotations

from functools import lru_cache

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.features.pki.config import AUTHORITY, OWN, SELF_SIGNED, ChainCertificate, PkiConfig
from iosemu.features.pki.texts import serial_text
from iosemu.router.router import Router


@lru_cache(maxsize=256)
def read_certificate(der: bytes) -> Certificate | None:
    """A certificate of the running-config, None for octets that are none."""
    try:
        return Certificate.parse(der)
    except CryptoError:
        return None


def certificate_of(router: Router, trustpoint: str, *kinds: str) -> Certificate | None:
    """The first certificate of some kinds that a trustpoint has."""
    for item in router.model.block(PkiConfig).certificates(trustpoint, *kinds):
        found = read_certificate(item.der)
        if found is not None:
            return found
    return None


def authority_of(router: Router, trustpoint: str) -> Certificate | None:
    """The CA of a trustpoint, once it is authenticated."""
    return certificate_of(router, trustpoint, AUTHORITY)


def own_of(router: Router, trustpoint: str) -> Certificate | None:
    """The router's certificate of a trustpoint, once it is enrolled."""
    return certificate_of(router, trustpoint, OWN, SELF_SIGNED)


def put(router: Router, trustpoint: str, certificate: Certificate, kind: str) -> None:
    """Keep a certificate, in the place of one of its kind: a part of the running-config that nobody has typed."""
    item = ChainCertificate(kind, serial_text(certificate.serial), certificate.der)
    router.model.block(PkiConfig).put(trustpoint, item)
    router.history.changed(router.calendar.utc(), None)
