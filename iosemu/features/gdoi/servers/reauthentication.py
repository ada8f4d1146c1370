"""`registration periodic crl`: a new revocation list makes the members of a group prove again who they are."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.crypto.distinguished_name import Name
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.pki.chains import authority_of
from iosemu.features.pki.config import PkiConfig, Trustpoint
from iosemu.features.pki.service import PkiService
from iosemu.router.clock import Timer
from iosemu.router.router import Router

# A list that has lapsed is fetched so many seconds later; one that could not be had is tried again.
LAPSED, TRY_AGAIN = 1.0, 300.0


class Reauthentication:
    """Keeps the lists of the trustpoints current, so that nobody has to ask for them."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._servers = router.service(ServerRole)
        self._pki = router.service(PkiService)
        self._pki.fetcher.listeners.append(self._arrived)
        self._asked: dict[str, float] = {}
        self._timer: Timer | None = None

    def reconcile(self) -> None:
        """Wait for the first list that lapses."""
        self.stop()
        pauses = [self._pause(trustpoint) for _, trustpoint in self._trustpoints()]
        seconds = min((pause for pause in pauses if pause is not None), default=None)
        if seconds is not None:
            self._timer = self._router.clock.call_later(seconds, self._tick)

    def stop(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _trustpoints(self) -> Iterator[tuple[str, Trustpoint]]:
        """The groups with a trustpoint whose CA is known."""
        trustpoints = self._router.model.block(PkiConfig).trustpoints
        for group in self._router.model.block(GdoiGroups).groups.values():
            name = group.local.crl_trustpoint if group.local is not None else None
            if name in trustpoints and authority_of(self._router, trustpoints[name].name) is not None:
                yield group.name, trustpoints[name]

    def _pause(self, trustpoint: Trustpoint) -> float | None:
        """In how many seconds a trustpoint's list must be fetched; None where the one that is there does not lapse."""
        authority = authority_of(self._router, trustpoint.name)
        now = self._router.calendar.utc()
        found = self._pki.crls.find(authority.subject, now) if authority is not None else None
        if found is not None:
            return None if found.until is None else (found.until - now).total_seconds() + LAPSED
        asked = self._asked.get(trustpoint.name, -TRY_AGAIN)
        return max(0.0, asked + TRY_AGAIN - self._router.clock.now())

    def _tick(self) -> None:
        for _, trustpoint in list(self._trustpoints()):
            if self._pause(trustpoint) == 0:
                self._asked[trustpoint.name] = self._router.clock.now()
                self._pki.request_crl(trustpoint)
        self.reconcile()

    def _arrived(self, issuer: Name) -> None:
        """A new list: whom it names must not stay, and who stays must show that it does not name him."""
        for name, trustpoint in self._trustpoints():
            authority = authority_of(self._router, trustpoint.name)
            if authority is not None and authority.subject == issuer and name in self._servers.servers:
                self._servers.distrust(name)
