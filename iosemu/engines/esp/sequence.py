"""Sequence numbers of an SA (RFC 4303 section 2.2). Under a counter mode they are nonces: none may come twice."""

from __future__ import annotations

from math import inf
from typing import Protocol

MAXIMUM_SEQUENCE = 0xFFFFFFFF


class NonceExhaustedError(Exception):
    """This sender may not encrypt under the key any more; it never leaves the engine."""


class Numbers(Protocol):
    """The numbers of an SA, whoever else draws on them. `used_at` is when the last packet was sent."""

    used_at: float

    @property
    def last(self) -> int:
        """The last one that was taken."""

    def take(self, count: int, largest: int, reason: str) -> int:
        """The first of so many in a row; raises NonceExhaustedError where they would go beyond the largest."""

    def leap(self, last: int) -> None:
        """Go on behind a number, unless that was reached before."""


class SequenceNumbers:
    """The numbers of an SA that nobody else draws on."""

    __slots__ = ("last", "used_at")

    def __init__(self, last: int = 0) -> None:
        self.last = last
        self.used_at = -inf

    def take(self, count: int, largest: int, reason: str) -> int:
        first = self.last + 1
        if self.last + count > largest:
            raise NonceExhaustedError(reason)
        self.last += count
        return first

    def leap(self, last: int) -> None:
        self.last = max(self.last, last)
