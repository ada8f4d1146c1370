"""PKI at work: enrollments under way, revocation lists, and what IKE asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from iosemu.features.crypto_keys.store import KeyPair
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.pki.config import CRL_CACHE_OCTETS, OWN, PkiConfig, Trustpoint
from iosemu.features.pki.crl_cache import CrlCache
from iosemu.features.pki.crl_fetch import CrlFetcher
from iosemu.features.pki.ike_store import IkeCertificates
from iosemu.features.pki.request import Subject
from iosemu.features.pki.verification import Verifier
from iosemu.router.router import Router


@dataclass
class Enrollment:
    """A request that a CA has not answered for good; `waiting` tells that it is to be asked again."""

    trustpoint: str
    subject: Subject
    pair: KeyPair
    request: bytes = field(repr=False)
    kind: str = OWN
    waiting: bool = False


class PkiService:
    """`enrollments` are by trustpoint."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.enrollments: dict[str, Enrollment] = {}
        self.crls = CrlCache()
        self.fetcher = CrlFetcher(router, self.crls, self._resume)
        self.verifier = Verifier(router, self.crls, self.fetcher)
        self._isakmp = router.service(IsakmpService)
        self._isakmp.certificates = IkeCertificates(router, self.verifier)

    def _resume(self) -> None:
        """Exchanges wait for a list that has come, or will not come."""
        self._isakmp.resume()

    def reconcile(self) -> None:
        """Forget what belongs to trustpoints that are gone."""
        config = self._router.model.block(PkiConfig)
        self.crls.limit = CRL_CACHE_OCTETS if config.crl_cache_size is None else config.crl_cache_size * 1024
        known = config.trustpoints
        for name in [name for name in self.enrollments if name not in known]:
            self.cancel(name)

    def stop(self) -> None:
        """Give up what is under way."""
        self.fetcher.stop()
        for name in list(self.enrollments):
            self.cancel(name)

    def cancel(self, name: str) -> None:
        """Ask a CA no more."""
        self.enrollments.pop(name, None)

    def enroll(self, trustpoint: Trustpoint, subject: Subject, pair: KeyPair) -> None:
        """Ask a CA for a certificate."""

    def renewal_at(self, name: str) -> datetime | None:
        """When a trustpoint's certificate will be renewed by itself."""
        return None
