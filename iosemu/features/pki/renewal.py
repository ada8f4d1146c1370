"""What falls due by itself: first enrollments, renewals, the CA's next certificate, and the change to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from iosemu.cli import CommandError
from iosemu.crypto.certificate import Certificate
from iosemu.engines.pki.messages import Owner
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.store import KeyPair
from iosemu.features.http.transfer import Transfer
from iosemu.features.pki.chains import authority_of, certificate_of, put
from iosemu.features.pki.config import NEXT_AUTHORITY, NEXT_OWN, OWN, PkiConfig, Trustpoint
from iosemu.features.pki.introduction import get_next_certificate
from iosemu.features.pki.messages import TRANSACTIONS, log, trace
from iosemu.features.pki.request import FOLLOWING, ensure_key, find_key, make_key, settled, take_place
from iosemu.router.clock import Timer
from iosemu.router.router import Router

INITIAL, RENEW, SHADOW, NEXT, ROLLOVER = "ENROLL", "RENEW", "SHADOW", "SHADOW ENROLL", "ROLLOVER"
# Seconds after which the first enrollment begins, once there is nothing in its way.
INITIAL_DELAY = timedelta(seconds=10)
# How long a failure is left alone; a CA that has no next certificate yet will hardly make one within the hour.
PAUSE, LONG_PAUSE = timedelta(hours=1), timedelta(days=1)
# Of the CA certificate's lifetime: then the next one is asked for.
SHADOW_PERCENT = 90


class Due(NamedTuple):
    """What falls due, and when (UTC)."""

    when: datetime
    what: str
    trustpoint: str


class Renewals:
    """Begins enrollments anew before certificates end. `enroll` begins an enrollment, `running` are those under way."""

    def __init__(self, router: Router, enroll: Callable[..., None], running: Mapping[str, object]) -> None:
        self._router = router
        self._enroll = enroll
        self._running = running
        self._timer: Timer | None = None
        self._transfers: dict[str, Transfer] = {}
        # Not before that time, by trustpoint.
        self._held: dict[str, datetime] = {}
        router.calendar.on_set.append(self.reconcile)

    def reconcile(self) -> None:
        """Wait for what falls due next."""
        if self._timer is not None:
            self._timer.cancel()
        due = min(self.due(), default=None)
        self._timer = None
        if due is not None:
            seconds = max((due.when - self._router.calendar.utc()).total_seconds(), 0)
            self._timer = self._router.clock.call_later(seconds, self._tick)

    def stop(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
        for transfer in self._transfers.values():
            transfer.cancel()

    def failed(self, name: str, pause: timedelta = PAUSE) -> None:
        """An enrollment has failed: leave the CA alone for a while."""
        self._held[name] = self._router.calendar.utc() + pause

    def due(self) -> list[Due]:
        """All that will fall due."""
        found = []
        for trustpoint in self._router.model.block(PkiConfig).trustpoints.values():
            held = self._held.get(trustpoint.name)
            for item in self._events(trustpoint):
                wait = held is not None and item.what != ROLLOVER and item.when < held
                found.append(item._replace(when=held) if wait and held is not None else item)
        return found

    def renewal_at(self, name: str) -> datetime | None:
        """When a trustpoint's certificate is renewed by itself."""
        return next((item.when for item in self.due() if (item.trustpoint, item.what) == (name, RENEW)), None)

    def _events(self, trustpoint: Trustpoint) -> Iterator[Due]:
        name, router = trustpoint.name, self._router
        authority = authority_of(router, name)
        following = certificate_of(router, name, NEXT_AUTHORITY)
        if authority is None:
            return
        if following is not None:
            yield Due(authority.not_after, ROLLOVER, name)
        if trustpoint.auto_enroll is None or trustpoint.enrollment != "url":
            return
        if name in self._running or name in self._transfers:
            return
        own = certificate_of(router, name, OWN)
        if own is None:
            self._held.setdefault(name, router.calendar.utc() + INITIAL_DELAY)
            yield Due(router.calendar.utc(), INITIAL, name)
            return
        # Close to the end of the CA's certificate no new one would live longer.
        if own.not_after < authority.not_after:
            yield Due(_share(own, trustpoint.auto_enroll or 100), RENEW, name)
        if following is None:
            yield Due(_share(authority, SHADOW_PERCENT), SHADOW, name)
        elif certificate_of(router, name, NEXT_OWN) is None:
            yield Due(router.calendar.utc(), NEXT, name)

    def _tick(self) -> None:
        self._timer = None
        now = self._router.calendar.utc()
        for item in sorted(self.due()):
            trustpoint = self._router.model.block(PkiConfig).trustpoints[item.trustpoint]
            if item.when <= now and item.trustpoint not in self._running:
                self._held.pop(item.trustpoint, None)
                self._act(item.what, trustpoint)
        self._router.commit()

    def _act(self, what: str, trustpoint: Trustpoint) -> None:
        name = trustpoint.name
        if what == ROLLOVER:
            self._turn_over(trustpoint)
        elif what == SHADOW:
            log(self._router, "SHADOWAUTO", trustpoint=name)
            authority = authority_of(self._router, name)
            assert authority is not None
            self._transfers[name] = get_next_certificate(
                self._router, trustpoint, authority, lambda answer: self._next_received(name, answer)
            )
        else:
            try:
                self._begin(what, trustpoint)
            except CommandError as error:
                trace(self._router, TRANSACTIONS, f"enrollment of {name} cannot begin: {error.text}")
                self.failed(name)

    def _begin(self, what: str, trustpoint: Trustpoint) -> None:
        router, name = self._router, trustpoint.name
        subject = settled(router, trustpoint)
        if what == INITIAL:
            log(router, "CERT_ENROLL_AUTO", trustpoint=name)
            self._enroll(trustpoint, subject, ensure_key(router, trustpoint))
            return
        log(router, "CERTRENEWAUTO", trustpoint=name)
        old = self._owner(trustpoint)
        pair = self._next_pair(trustpoint)
        if what == RENEW:
            self._enroll(trustpoint, subject, pair, old=old)
        else:
            following = certificate_of(router, name, NEXT_AUTHORITY)
            self._enroll(trustpoint, subject, pair, kind=NEXT_OWN, old=old, ca=following)

    def _owner(self, trustpoint: Trustpoint) -> Owner | None:
        """Who vouches for a renewal: the owner of the certificate of today."""
        own, pair = certificate_of(self._router, trustpoint.name, OWN), find_key(self._router, trustpoint)
        if own is None or pair is None or pair.key.public.spki != own.public_key.spki:
            return None
        return Owner(own, pair.key)

    def _next_pair(self, trustpoint: Trustpoint) -> KeyPair:
        waits = certificate_of(self._router, trustpoint.name, NEXT_OWN) is not None
        # A new key that waits for the CA's change has the one place for following keys.
        if (trustpoint.auto_regenerate or trustpoint.regenerate) and not waits:
            return make_key(self._router, trustpoint, FOLLOWING)
        return ensure_key(self._router, trustpoint)

    def _next_received(self, name: str, answer: Certificate | str) -> None:
        del self._transfers[name]
        if isinstance(answer, str):
            trace(self._router, TRANSACTIONS, f"no next CA certificate for {name}: {answer}")
            self.failed(name, LONG_PAUSE)
        else:
            put(self._router, name, answer, NEXT_AUTHORITY)
        self._router.commit()

    def _turn_over(self, trustpoint: Trustpoint) -> None:
        """The next certificates, and the key that was made for them, take effect."""
        router = self._router
        following = certificate_of(router, trustpoint.name, NEXT_OWN)
        pair = find_key(router, trustpoint)
        if following is not None and pair is not None:
            other = store.pair(router.nvram, pair.label + FOLLOWING, pair.key.kind)
            if other is not None and other.key.public.spki == following.public_key.spki:
                take_place(router, other)
        router.model.block(PkiConfig).turn_over(trustpoint.name)
        router.history.changed(router.calendar.utc(), None)
        log(router, "CACERT_ROLLOVER", trustpoint=trustpoint.name)


def _share(certificate: Certificate, percent: int) -> datetime:
    """When some part of a certificate's lifetime has passed."""
    return certificate.not_before + (certificate.not_after - certificate.not_before) * percent / 100
