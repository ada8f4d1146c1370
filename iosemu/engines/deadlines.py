"""Deadlines of many things: the next one at hand, however many there are."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Deadlines(Generic[K]):
    """One deadline per key. Setting, clearing and finding the next cost O(log n); times are of the owner's clock."""

    def __init__(self) -> None:
        self._times: dict[K, float] = {}
        # Entries that `_times` does not confirm are stale and dropped when they come up.
        self._heap: list[tuple[float, int, K]] = []
        self._count = 0

    def set(self, key: K, time: float | None) -> None:
        """Give a key a deadline in the place of the one it had; None takes it away."""
        if time is None:
            self._times.pop(key, None)
        elif self._times.get(key) != time:
            self._times[key] = time
            self._count += 1
            heapq.heappush(self._heap, (time, self._count, key))

    def next(self) -> float | None:
        """The earliest deadline."""
        while self._heap and self._times.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> list[K]:
        """Take out the keys whose time has come, the earliest first."""
        due = []
        while (time := self.next()) is not None and time <= now:
            key = heapq.heappop(self._heap)[2]
            del self._times[key]
            due.append(key)
        return due
