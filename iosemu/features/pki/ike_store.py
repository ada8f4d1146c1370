"""What IKE asks of the trustpoints: our certificates, the authorities we trust, the verdict on a peer's."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.engines.ike.credentials import (
    CertificatePending,
    CertificateRefused,
    Credentials,
    PeerCertificate,
    Verdict,
    method_of,
)
from iosemu.features.pki.chains import authority_of, own_of, read_certificate
from iosemu.features.pki.config import PkiConfig, Trustpoint
from iosemu.features.pki.request import find_key
from iosemu.features.pki.verification import IKE, Outcome, Verifier
from iosemu.router.router import Router
from iosemu.wire.isakmp_payloads import Identity, IdType


class IkeCertificates:
    """A `CertificateStore` of the IKE engine."""

    def __init__(self, router: Router, verifier: Verifier) -> None:
        self._router = router
        self._verifier = verifier
        self._complained = False

    def credentials(self, trustpoint: str | None, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        """Our certificate whose key serves a method, preferably one that one of the authorities issued."""
        now = self._router.calendar.utc()
        own = list(self._own(trustpoint))
        self._tell_missing(trustpoint, own=bool(own))
        usable = [item for item in own if method_of(item[1].key) == method]
        # One that has lapsed is shown only for want of a better one: the peer tells what it thinks of it.
        usable.sort(key=lambda item: not item[0].is_valid_at(now))
        for certificate, found in usable:
            if not authorities or certificate.issuer.der in authorities or self._above(certificate) & set(authorities):
                return found
        return usable[0][1] if usable else None

    def authorities(self, trustpoint: str | None) -> tuple[bytes, ...]:
        """The names of the CAs that we trust."""
        found = [authority_of(self._router, item.name) for item in self._trustpoints(trustpoint)]
        return tuple(dict.fromkeys(item.subject.der for item in found if item is not None))

    def verify(self, chain: tuple[bytes, ...], now: float, trustpoint: str | None) -> Verdict:
        """The verdict on a chain, leaf first."""
        try:
            certificates = tuple(Certificate.parse(der) for der in chain)
        except CryptoError:
            return CertificateRefused("malformed certificate")
        names = [item.name for item in self._trustpoints(trustpoint)]
        verdict = self._verifier.verify(certificates, names, IKE)
        if verdict.outcome is Outcome.PENDING:
            return CertificatePending()
        if verdict.outcome is Outcome.REFUSED:
            return CertificateRefused(verdict.reason)
        leaf = certificates[0]
        return PeerCertificate(leaf.public_key, identities_of(leaf), str(leaf.subject), verdict.trustpoint, leaf.der)

    def matches(self, name: str, certificate: PeerCertificate) -> bool:
        """Whether a certificate map matches a certificate."""
        found = read_certificate(certificate.der)
        return found is not None and self._verifier.matches(found, name)

    def _trustpoints(self, name: str | None) -> list[Trustpoint]:
        known = self._router.model.block(PkiConfig).trustpoints
        wanted = list(known.values()) if name is None else [known[name]] if name in known else []
        return [item for item in wanted if not item.usage or IKE in item.usage.split()]

    def _own(self, name: str | None) -> Iterator[tuple[Certificate, Credentials]]:
        for trustpoint in self._trustpoints(name):
            certificate, pair = own_of(self._router, trustpoint.name), find_key(self._router, trustpoint)
            if certificate is None or pair is None or pair.key.public.spki != certificate.public_key.spki:
                continue
            chain = (certificate.der, *self._intermediates(trustpoint))
            yield certificate, Credentials(chain, certificate.subject.der, pair.key)

    def _tell_missing(self, name: str | None, *, own: bool) -> None:
        """Say once that we have a certificate, and not the key that it is for."""
        lost = not own and any(own_of(self._router, item.name) is not None for item in self._trustpoints(name))
        if lost and not self._complained:
            self._router.syslog.log("CRYPTO", 3, "IKMP_QUERY_KEY", "Querying key pair failed.")
        self._complained = lost

    def _intermediates(self, trustpoint: Trustpoint) -> list[bytes]:
        """The CAs between our certificate and a root, which the peer may not have."""
        found: list[bytes] = []
        last = authority_of(self._router, trustpoint.name)
        while last is not None and not last.self_issued and last.der not in found:
            found.append(last.der)
            last = self._issuer(last)
        return found

    def _issuer(self, certificate: Certificate) -> Certificate | None:
        config = self._router.model.block(PkiConfig)
        for name in config.trustpoints:
            above = authority_of(self._router, name)
            if above is not None and above != certificate and certificate.names_issuer(above):
                return above
        return None

    def _above(self, certificate: Certificate) -> set[bytes]:
        """The names of all CAs above a certificate."""
        names: set[bytes] = set()
        last = self._issuer(certificate)
        while last is not None and last.subject.der not in names:
            names.add(last.subject.der)
            last = self._issuer(last)
        return names


def identities_of(certificate: Certificate) -> tuple[Identity, ...]:
    """The identities that a certificate vouches for (RFC 4945 section 3.1): its subject, and its alternative names."""
    found = certificate.extensions
    hosts = dict.fromkeys([*found.dns_names, *certificate.subject.values("hostname")])
    return (
        Identity(IdType.DER_ASN1_DN, certificate.subject.der),
        *(Identity(IdType.FQDN, name.encode()) for name in hosts),
        *(Identity(IdType.USER_FQDN, name.encode()) for name in found.emails),
        *(Identity(IdType.IPV4_ADDR, address.packed) for address in found.addresses),
    )
