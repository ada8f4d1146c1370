"""The requests that a CA has heard of: each with a number, in one of a few states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.request import CertificateRequest
from iosemu.engines.pki.messages import Owner

MOST_REQUESTS = 500


class RequestState(Enum):
    """Where a request stands; the value is what shows print."""

    PENDING = "pending"
    GRANTED = "granted"
    REJECTED = "rejected"


@dataclass(slots=True)
class Entry:
    """A request. `owner` is who would sign: the CA, or what will follow it; `expires` is when it is forgotten."""

    number: int
    transaction: str
    request: CertificateRequest
    owner: Owner = field(repr=False)
    expires: datetime
    state: RequestState = RequestState.PENDING
    certificate: Certificate | None = None


class RequestTable:
    """At most MOST_REQUESTS; decided ones make room for new ones, pending ones do not."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._last = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def add(self, transaction: str, request: CertificateRequest, owner: Owner, expires: datetime) -> Entry | None:
        """A new request; None when there are too many."""
        if len(self._entries) >= MOST_REQUESTS:
            decided = next((item for item in self if item.state is not RequestState.PENDING), None)
            if decided is None:
                return None
            del self._entries[decided.number]
        self._last += 1
        entry = self._entries[self._last] = Entry(self._last, transaction, request, owner, expires)
        return entry

    def find(self, transaction: str) -> Entry | None:
        """The newest request of a transaction."""
        return next((item for item in reversed(list(self)) if item.transaction == transaction), None)

    def pending(self, number: int | None = None) -> list[Entry]:
        """The undecided requests: all, or the one of a number."""
        return [item for item in self if item.state is RequestState.PENDING and number in (None, item.number)]

    def remove(self, number: int | None = None) -> int:
        """Forget all requests, or one; the result is how many there were."""
        found = [item.number for item in self if number in (None, item.number)]
        for own in found:
            del self._entries[own]
        return len(found)

    def expire(self, now: datetime) -> None:
        """Forget those whose time has come."""
        for item in self:
            if item.expires <= now:
                del self._entries[item.number]

    def next_expiry(self) -> datetime | None:
        """When the first one is forgotten."""
        return min((item.expires for item in self), default=None)
