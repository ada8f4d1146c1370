"""Fetching revocation lists: from where the certificate says, or where the trustpoint says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.crl import Crl
from iosemu.crypto.errors import CryptoError
from iosemu.features.http.client import Transfer
from iosemu.features.http.messages import Response
from iosemu.features.pki import fetching
from iosemu.features.pki.config import Trustpoint
from iosemu.features.pki.crl_cache import CachedCrl, CrlCache
from iosemu.features.pki.messages import TRANSACTIONS, log, trace
from iosemu.router.router import Router

# Seconds for which a failure holds: an exchange that waits for the list must not ask for ever.
FAILURE_HOLDS = 30.0
# For how long a list that must not be cached serves those who wait for it.
UNCACHED = timedelta(seconds=30)
_HTTP = "http://"


class CrlFetcher:
    """`attempts` and `failures` count; `on_change` is told of each end of a fetch."""

    def __init__(self, router: Router, cache: CrlCache, on_change: Callable[[], None]) -> None:
        self._router = router
        self._cache = cache
        self._on_change = on_change
        self._running: dict[bytes, Transfer] = {}
        self._failed: dict[bytes, float] = {}
        self.attempts = 0
        self.failures = 0

    def stop(self) -> None:
        """Give up what is under way."""
        for transfer in self._running.values():
            transfer.cancel()
        self._running.clear()

    def has_failed(self, issuer: Certificate) -> bool:
        """Whether the last attempt, a short time ago, has brought no list of an issuer."""
        when = self._failed.get(issuer.der)
        return when is not None and self._router.clock.now() < when + FAILURE_HOLDS

    def is_running(self, issuer: Certificate) -> bool:
        """Whether a list of an issuer is being fetched."""
        return issuer.der in self._running

    def fetch(self, trustpoint: Trustpoint, issuer: Certificate, urls: tuple[str, ...]) -> None:
        """Begin to fetch the list of an issuer, unless that is under way."""
        if issuer.der in self._running:
            return
        self.attempts += 1
        places = [url for url in ((trustpoint.crl_query,) if trustpoint.crl_query else urls) if url]
        wanted = [url for url in places if url.lower().startswith(_HTTP)]
        if not wanted:
            reason = f"{places[0]} cannot be asked" if places else "No CRL distribution point is known"
            self._fail(trustpoint, issuer, reason)
            return
        self._try(trustpoint, issuer, wanted)

    def _try(self, trustpoint: Trustpoint, issuer: Certificate, urls: list[str]) -> None:
        url, *others = urls

        def answered(answer: Response | str) -> None:
            del self._running[issuer.der]
            reason = answer if isinstance(answer, str) else self._take(trustpoint, issuer, url, answer.body)
            if reason is None:
                self._failed.pop(issuer.der, None)
                self._on_change()
            elif others:
                self._try(trustpoint, issuer, others)
            else:
                self._fail(trustpoint, issuer, reason)
                self._on_change()

        trace(self._router, TRANSACTIONS, f"CRL request to {url}")
        self._running[issuer.der] = fetching.get(self._router, trustpoint, url, answered)

    def _take(self, trustpoint: Trustpoint, issuer: Certificate, source: str, body: bytes) -> str | None:
        """Keep a list that is good; the result is what is wrong with it."""
        now = self._router.calendar.utc()
        try:
            crl = Crl.parse(body)
        except CryptoError as error:
            return str(error)
        if crl.issuer != issuer.subject or not crl.is_signed_by(issuer.public_key):
            return "the CRL is not of the certificate's issuer"
        until = _until(trustpoint, crl, now)
        if now < crl.this_update or (until is not None and until < now):
            return "the CRL is not current; check the clock"
        self._cache.put(CachedCrl(crl, now, source, trustpoint.name, until))
        trace(self._router, TRANSACTIONS, f"CRL of {crl.issuer} inserted into the cache")
        return None

    def _fail(self, trustpoint: Trustpoint, issuer: Certificate, reason: str) -> None:
        self.failures += 1
        self._failed[issuer.der] = self._router.clock.now()
        log(self._router, "CRL_FETCH_FAIL", trustpoint=trustpoint.name, reason=reason)


def _until(trustpoint: Trustpoint, crl: Crl, now: datetime) -> datetime | None:
    """Until when a list may be used, as `crl cache` says."""
    words = trustpoint.crl_cache.split()
    if not words:
        return crl.next_update
    if words[0] == "none":
        return now + UNCACHED
    minutes = timedelta(minutes=int(words[1]))
    if words[0] == "extend":
        return None if crl.next_update is None else crl.next_update + minutes
    return now + minutes if crl.next_update is None else min(crl.next_update, now + minutes)
