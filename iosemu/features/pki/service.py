"""PKI at work: enrollments under way, revocation lists, and what IKE asks."""

from __future__ import annotations

from iosemu.crypto.certificate import Certificate
from iosemu.engines.pki.messages import Owner
from iosemu.features.crypto_keys.store import KeyPair
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.pki.chains import authority_of, own_of, put
from iosemu.features.pki.config import CRL_CACHE_OCTETS, OWN, PkiConfig, Trustpoint
from iosemu.features.pki.crl_cache import CrlCache
from iosemu.features.pki.crl_fetch import CrlFetcher
from iosemu.features.pki.enrollment import Enrollment, Order
from iosemu.features.pki.ike_store import IkeCertificates
from iosemu.features.pki.messages import TRANSACTIONS, log, trace
from iosemu.features.pki.renewal import Renewals
from iosemu.features.pki.request import Subject, make_request, take_place
from iosemu.features.pki.texts import fingerprint_md5, fingerprint_sha1
from iosemu.features.pki.verification import Verifier
from iosemu.router.router import Router

GRANTED = "Granted"


class PkiService:
    """Trustpoints at work. `enrollments` are those under way, `statuses` how the last ones ended, by trustpoint."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.enrollments: dict[str, Enrollment] = {}
        self.statuses: dict[str, str] = {}
        self.crls = CrlCache()
        self.fetcher = CrlFetcher(router, self.crls, self._resume)
        self.verifier = Verifier(router, self.crls, self.fetcher)
        self.renewals = Renewals(router, self.enroll, self.enrollments)
        self._isakmp = router.service(IsakmpService)
        self._isakmp.certificates = IkeCertificates(router, self.verifier)

    def _resume(self) -> None:
        """Exchanges wait for a list that has come, or will not come."""
        self._isakmp.resume()

    def reconcile(self) -> None:
        """Forget what belongs to trustpoints that are gone; look ahead."""
        config = self._router.model.block(PkiConfig)
        self.crls.limit = CRL_CACHE_OCTETS if config.crl_cache_size is None else config.crl_cache_size * 1024
        for name in [name for name in self.enrollments if name not in config.trustpoints]:
            self.cancel(name)
        self.renewals.reconcile()

    def stop(self) -> None:
        """Give up what is under way."""
        self.fetcher.stop()
        self.renewals.stop()
        for name in list(self.enrollments):
            self.cancel(name)

    def cancel(self, name: str) -> None:
        """Ask a CA no more."""
        found = self.enrollments.pop(name, None)
        if found is not None:
            found.stop()

    def request_crl(self, trustpoint: Trustpoint) -> Certificate | None:
        """Begin to fetch the list of a trustpoint's CA, which is returned; None while the CA is not known."""
        authority, own = authority_of(self._router, trustpoint.name), own_of(self._router, trustpoint.name)
        if authority is not None:
            self.fetcher.fetch(trustpoint, authority, own.extensions.crl_urls if own is not None else ())
        return authority

    def enroll(
        self,
        trustpoint: Trustpoint,
        subject: Subject,
        pair: KeyPair,
        *,
        kind: str = OWN,
        old: Owner | None = None,
        ca: Certificate | None = None,
    ) -> None:
        """Ask a CA for a certificate; raises CommandError where no request can be made."""
        authority = authority_of(self._router, trustpoint.name)
        assert authority is not None
        request = make_request(trustpoint, subject, pair)
        self._tell_fingerprints(request.der)
        order = Order(subject, pair, request, kind, old, ca)
        name = trustpoint.name
        self.cancel(name)
        self.enrollments[name] = Enrollment(
            self._router, trustpoint, order, authority, lambda result: self._ended(name, order, result)
        )
        self.statuses[name] = "Pending"
        self.enrollments[name].begin()

    def _tell_fingerprints(self, der: bytes) -> None:
        """IOS prints them whatever is being debugged: the administrator of the CA will ask."""
        trace(self._router, TRANSACTIONS, "Certificate request sent")
        for text in (f"MD5: {fingerprint_md5(der)}", f"SHA1: {fingerprint_sha1(der)}"):
            self._router.syslog.debug(f"CRYPTO_PKI:  Certificate Request Fingerprint {text} ")

    def _ended(self, name: str, order: Order, result: Certificate | str) -> None:
        self.enrollments.pop(name, None)
        if isinstance(result, str):
            self.statuses[name] = result
            self.renewals.failed(name)
            self._router.commit()
            return
        self.statuses[name] = GRANTED
        if order.kind == OWN:
            take_place(self._router, order.pair)
        put(self._router, name, result, order.kind)
        log(self._router, "CERTRET")
        log(self._router, "NOAUTOSAVE")
        self._router.commit()
