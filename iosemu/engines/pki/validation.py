"""From a peer's certificates to a key that may be believed, or the reason why not (RFC 5280 section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.crl import Crl
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import CRL_SIGN

LONGEST_CHAIN = 8


class Fault(Enum):
    """Why a chain is refused; the value is for a person."""

    MALFORMED = "certificate is malformed"
    UNKNOWN_ISSUER = "issuer is not trusted"
    BAD_SIGNATURE = "signature is invalid"
    EXPIRED = "certificate has expired"
    NOT_YET_VALID = "certificate is not yet valid"
    NOT_A_CA = "issuer is not a certificate authority"
    CRITICAL_EXTENSION = "certificate has an unknown critical extension"
    REVOKED = "certificate is revoked"
    CRL_MISSING = "no CRL is available"
    CRL_EXPIRED = "CRL is out of date"
    CRL_SIGNATURE = "CRL is not signed by the issuer"


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain of certificates is believed. `path` leads from the peer's certificate to the anchor that vouches for it,
    both included."""

    path: tuple[Certificate, ...]

    @property
    def certificate(self) -> Certificate:
        """The peer's certificate, whose key may be believed."""
        return self.path[0]

    @property
    def anchor(self) -> Certificate:
        """The one that was trusted beforehand."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Refused:
    """A chain of certificates is not believed. `certificate` is the one at fault, None where it could not be read."""

    fault: Fault
    certificate: Certificate | None = None


def validate(
    chain: Sequence[bytes], anchors: Sequence[Certificate], now: datetime, crls: Iterable[Crl] | None = None
) -> Verified | Refused:
    """Judge certificates in DER, the peer's first, the others in any order. With `crls` none of the path may be
    revoked; without them nobody asks."""
    try:
        certificates = [Certificate.parse(der) for der in chain[:LONGEST_CHAIN]]
    except CryptoError:
        return Refused(Fault.MALFORMED)
    if not certificates:
        return Refused(Fault.MALFORMED)
    path = build_path(certificates[0], certificates[1:], anchors)
    if isinstance(path, Refused):
        return path
    lists = None if crls is None else list(crls)
    for depth, certificate in enumerate(path):
        fault = fault_at(path, depth, now)
        if fault is None and lists is not None and depth + 1 < len(path):
            fault = revocation_fault(certificate, path[depth + 1], lists, now)
        if fault is not None:
            return Refused(fault, certificate)
    return Verified(path)


def build_path(
    certificate: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate]
) -> tuple[Certificate, ...] | Refused:
    """The certificates from a first one to an anchor, each signed by the next."""
    path = [certificate]
    while path[-1] not in anchors:
        issuer = _issuer_of(path[-1], [*anchors, *others])
        if isinstance(issuer, Fault):
            return Refused(issuer, path[-1])
        if issuer in path or len(path) >= LONGEST_CHAIN:
            return Refused(Fault.UNKNOWN_ISSUER, path[-1])
        path.append(issuer)
    return tuple(path)


def _issuer_of(certificate: Certificate, candidates: Sequence[Certificate]) -> Certificate | Fault:
    named = [item for item in candidates if certificate.names_issuer(item)]
    if not named:
        return Fault.UNKNOWN_ISSUER
    return next((item for item in named if certificate.is_signed_by(item.public_key)), Fault.BAD_SIGNATURE)


def fault_at(path: tuple[Certificate, ...], depth: int, now: datetime) -> Fault | None:
    """What is wrong with one certificate of a path, revocation aside."""
    certificate = path[depth]
    if now < certificate.not_before:
        return Fault.NOT_YET_VALID
    if now > certificate.not_after:
        return Fault.EXPIRED
    if certificate.extensions.unknown_critical:
        return Fault.CRITICAL_EXTENSION
    if depth == 0:
        return None
    longest = certificate.extensions.path_length
    # Those that name themselves as issuers do not count (RFC 5280 section 4.2.1.9).
    below = sum(1 for item in path[1:depth] if not item.self_issued)
    return Fault.NOT_A_CA if not certificate.may_sign() or (longest is not None and below > longest) else None


def revocation_fault(certificate: Certificate, issuer: Certificate, crls: Sequence[Crl], now: datetime) -> Fault | None:
    """What the issuer's lists say about a certificate; the newest list counts."""
    found = [crl for crl in crls if crl.issuer == issuer.subject]
    if not found:
        return Fault.CRL_MISSING
    genuine = [crl for crl in found if issuer.may_sign(CRL_SIGN) and crl.is_signed_by(issuer.public_key)]
    if not genuine:
        return Fault.CRL_SIGNATURE
    newest = max(genuine, key=lambda crl: crl.this_update)
    if certificate.serial in newest.entries:
        return Fault.REVOKED
    return None if newest.is_current(now) else Fault.CRL_EXPIRED
