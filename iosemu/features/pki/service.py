"""PKI at work: enrollments under way, revocation lists, and what IKE asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from iosemu.features.crypto_keys.store import KeyPair
from iosemu.features.pki.config import OWN, PkiConfig, Trustpoint
from iosemu.features.pki.request import Subject
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

    def reconcile(self) -> None:
        """Forget what belongs to trustpoints that are gone."""
        known = self._router.model.block(PkiConfig).trustpoints
        for name in [name for name in self.enrollments if name not in known]:
            self.cancel(name)

    def stop(self) -> None:
        """Give up what is under way."""
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
