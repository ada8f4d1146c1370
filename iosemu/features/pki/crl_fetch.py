"""Fetching revocation lists: from where the certificate says, or where the trustpoint says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.crl import Crl
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.engines.pki.capabilities import Capabilities
from iosemu.engines.pki.messages import Header, Owner
from iosemu.engines.pki.scep_exchange import crl_query, read_crl_answer
from iosemu.features.http.messages import Response
from iosemu.features.http.transfer import Transfer
from iosemu.features.pki import fetching
from iosemu.features.pki.chains import own_of
from iosemu.features.pki.config import Trustpoint
from iosemu.features.pki.crl_cache import BY_SCEP, CachedCrl, CrlCache
from iosemu.features.pki.introduction import get_capabilities
from iosemu.features.pki.messages import TRANSACTIONS, log, trace
from iosemu.features.pki.request import find_key
from iosemu.router.router import Router

# Seconds for which a failure holds: an exchange that waits for the list must not ask for ever.
FAILURE_HOLDS = 30.0
# For how long a list that must not be cached serves those who wait for it.
UNCACHED = timedelta(seconds=30)
_HTTP = "http://"


class CrlFetcher:
    """Fetches revocation lists where they are missing or have ended. `attempts` and `failures` count; `on_change` is
    told of each end of a fetch, `listeners` of each list that is another one than the issuer's last one was."""

    def __init__(self, router: Router, cache: CrlCache, on_change: Callable[[], None]) -> None:
        self._router = router
        self._cache = cache
        self._on_change = on_change
        self._running: dict[bytes, Transfer] = {}
        self._failed: dict[bytes, float] = {}
        self._known: dict[Name, Crl] = {}
        self.listeners: list[Callable[[Name], None]] = []
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

    @property
    def busy(self) -> bool:
        """Whether any list is being fetched."""
        return bool(self._running)

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
        if not places and (sender := self._sender(trustpoint)) is not None:
            self._by_scep(trustpoint, issuer, sender)
            return
        if not wanted:
            reason = f"{places[0]} cannot be asked" if places else "No CRL distribution point is known"
            self._fail(trustpoint, issuer, reason)
            return
        self._try(trustpoint, issuer, wanted)

    def _try(self, trustpoint: Trustpoint, issuer: Certificate, urls: list[str]) -> None:
        url, *others = urls

        def answered(answer: Response | str) -> None:
            del self._running[issuer.der]
            reason = answer if isinstance(answer, str) else self._parse(trustpoint, issuer, url, answer.body)
            if reason is not None and others:
                self._try(trustpoint, issuer, others)
            else:
                self._end(trustpoint, issuer, reason)

        trace(self._router, TRANSACTIONS, f"CRL request to {url}")
        self._running[issuer.der] = fetching.get(self._router, trustpoint, url, answered)

    def _sender(self, trustpoint: Trustpoint) -> Owner | None:
        """Who can ask the CA: only somebody who has one of its certificates."""
        own, pair = own_of(self._router, trustpoint.name), find_key(self._router, trustpoint)
        if trustpoint.enrollment != "url" or own is None or pair is None:
            return None
        return Owner(own, pair.key) if pair.key.public.spki == own.public_key.spki else None

    def _by_scep(self, trustpoint: Trustpoint, issuer: Certificate, sender: Owner) -> None:
        """GetCRL, of a CA that does not say where its list is."""
        random = self._router.clock.random_bytes

        def able(capabilities: Capabilities) -> None:
            try:
                request, header = crl_query(sender.certificate, sender, issuer, capabilities, random)
            except CryptoError as error:
                del self._running[issuer.der]
                self._end(trustpoint, issuer, str(error))
                return
            self._running[issuer.der] = fetching.ask(
                self._router, trustpoint, request, lambda answer: answered(answer, header)
            )

        def answered(answer: Response | str, header: Header) -> None:
            del self._running[issuer.der]
            if isinstance(answer, str):
                self._end(trustpoint, issuer, answer)
                return
            try:
                crl = read_crl_answer(answer.body, header, sender, issuer)
            except CryptoError as error:
                self._end(trustpoint, issuer, str(error))
            else:
                self._end(trustpoint, issuer, self._take(trustpoint, issuer, BY_SCEP, crl))

        self._running[issuer.der] = get_capabilities(self._router, trustpoint, able)

    def _end(self, trustpoint: Trustpoint, issuer: Certificate, reason: str | None) -> None:
        if reason is None:
            self._failed.pop(issuer.der, None)
        else:
            self._fail(trustpoint, issuer, reason)
        self._on_change()

    def _parse(self, trustpoint: Trustpoint, issuer: Certificate, source: str, body: bytes) -> str | None:
        try:
            return self._take(trustpoint, issuer, source, Crl.parse(body))
        except CryptoError as error:
            return str(error)

    def _take(self, trustpoint: Trustpoint, issuer: Certificate, source: str, crl: Crl) -> str | None:
        """Keep a list that is good; the result is what is wrong with it."""
        now = self._router.calendar.utc()
        if crl.issuer != issuer.subject or not crl.is_signed_by(issuer.public_key):
            return "the CRL is not of the certificate's issuer"
        until = _until(trustpoint, crl, now)
        if now < crl.this_update or (until is not None and until < now):
            return "the CRL is not current; check the clock"
        self._cache.put(CachedCrl(crl, now, source, trustpoint.name, until))
        trace(self._router, TRANSACTIONS, f"CRL of {crl.issuer} inserted into the cache")
        before, self._known[crl.issuer] = self._known.get(crl.issuer, crl), crl
        if before != crl:
            for listener in self.listeners:
                listener(crl.issuer)
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
