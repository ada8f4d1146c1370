"""Revocation lists that were fetched, until they lapse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from iosemu.crypto.crl import Crl
from iosemu.crypto.distinguished_name import Name
from iosemu.features.pki.config import CRL_CACHE_OCTETS

BY_SCEP = "** CDP Not Published - Retrieved via SCEP"


@dataclass(frozen=True, slots=True)
class CachedCrl:
    """A list, when and whence it came, for which trustpoint, and until when it may be used (None: for ever)."""

    crl: Crl
    downloaded: datetime
    source: str
    trustpoint: str
    until: datetime | None


class CrlCache:
    """One list for each issuer. `limit` counts octets; the oldest lists make room for new ones."""

    def __init__(self) -> None:
        self.limit = CRL_CACHE_OCTETS
        self._lists: dict[Name, CachedCrl] = {}

    @property
    def lists(self) -> list[CachedCrl]:
        """All lists, the oldest first."""
        return list(self._lists.values())

    @property
    def octets(self) -> int:
        """The size of all lists."""
        return sum(len(item.crl.der) for item in self._lists.values())

    def put(self, item: CachedCrl) -> None:
        """Keep a list in the place of an older one. The newest always stays: somebody waits for it."""
        self._lists.pop(item.crl.issuer, None)
        self._lists[item.crl.issuer] = item
        while self.octets > self.limit and len(self._lists) > 1:
            del self._lists[next(iter(self._lists))]

    def find(self, issuer: Name, now: datetime) -> CachedCrl | None:
        """The list of an issuer that may be used now; what has lapsed is forgotten."""
        found = self._lists.get(issuer)
        if found is not None and found.until is not None and now > found.until:
            del self._lists[issuer]
            return None
        return found

    def forget(self, trustpoint: str | None = None) -> None:
        """Drop the lists of a trustpoint, or all."""
        kept = {
            name: item for name, item in self._lists.items() if trustpoint is not None and item.trustpoint != trustpoint
        }
        self._lists = kept
