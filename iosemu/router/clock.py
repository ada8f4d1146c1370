"""Emulated time: one heap of callbacks that waits for real (or scaled) time, or jumps from event to event."""

from __future__ import annotations

import asyncio
import heapq
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

Callback = Callable[[], None]
# How long a waiting coroutine may sleep before it looks at its condition again (real seconds).
POLL = 0.05
VIRTUAL_EPOCH = datetime(2026, 1, 5, 10, 0, 0, tzinfo=timezone.utc)


class Timer:
    """A callback that can still be cancelled."""

    __slots__ = ("callback", "when")

    def __init__(self, when: float, callback: Callback) -> None:
        self.when = when
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Forget the callback."""
        self.callback = None


class Clock:
    """Emulated seconds since the start, and what happens when. All routers of a process share one.

    `repeatable` tells whether randomness is seeded, so that a run can be repeated byte for byte.
    """

    repeatable = False

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch
        self._heap: list[tuple[float, int, Timer]] = []
        self._sequence = 0

    def now(self) -> float:
        """Emulated seconds since the start."""
        raise NotImplementedError

    def random_bytes(self, count: int) -> bytes:
        """Octets for keys, cookies and nonces."""
        raise NotImplementedError

    async def wait(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let emulated time pass until the condition holds; False when `seconds` have passed first."""
        raise NotImplementedError

    def real_seconds(self, seconds: float) -> float | None:
        """How long somebody in front of the terminal waits for emulated seconds to pass; None where time jumps."""
        return None

    def wall(self) -> datetime:
        """The emulated time of day, UTC."""
        return self._epoch + timedelta(seconds=self.now())

    def uniform(self, low: float, high: float) -> float:
        """A random number between two."""
        return low + (high - low) * int.from_bytes(self.random_bytes(4), "big") / 2**32

    def call_at(self, when: float, callback: Callback) -> Timer:
        """Run a callback at a time; those of one time run in the order of their calls."""
        timer = Timer(when, callback)
        self._sequence += 1
        heapq.heappush(self._heap, (when, self._sequence, timer))
        return timer

    def call_later(self, delay: float, callback: Callback) -> Timer:
        """Run a callback after some seconds."""
        return self.call_at(self.now() + delay, callback)

    def _next(self) -> float | None:
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _pop(self) -> Callback:
        callback = heapq.heappop(self._heap)[2].callback
        assert callback is not None
        return callback


class VirtualClock(Clock):
    """Jumps to the next event. The same seed gives the same run."""

    repeatable = True

    def __init__(self, seed: int = 0, epoch: datetime = VIRTUAL_EPOCH) -> None:
        super().__init__(epoch)
        self._now = 0.0
        self._random = random.Random(seed)

    def now(self) -> float:
        return self._now

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def run_until(self, when: float, until: Callable[[], bool] | None = None) -> bool:
        """Run every event up to a time, or until a condition holds; the clock then stands there."""
        if until is not None and until():
            return True
        while (due := self._next()) is not None and due <= when:
            self._now = max(self._now, due)
            self._pop()()
            if until is not None and until():
                return True
        self._now = max(self._now, when)
        return until is not None and until()

    async def wait(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        return self.run_until(self._now + seconds, until)


@dataclass(frozen=True, slots=True)
class Pace:
    """How emulated time follows the machine's, whichever process asks: from when on, and how fast."""

    start: float
    speed: float

    def now(self) -> float:
        """Emulated seconds since the start."""
        return (time.monotonic() - self.start) * self.speed


class RealClock(Clock):
    """Follows real time, `speed` emulated seconds per real one; `run` must be a task of the event loop."""

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__(datetime.now(timezone.utc))
        self._speed = speed
        self.pace = Pace(time.monotonic(), speed)
        self._wake: asyncio.Event | None = None

    def now(self) -> float:
        return self.pace.now()

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def call_at(self, when: float, callback: Callback) -> Timer:
        timer = super().call_at(when, callback)
        if self._wake is not None:
            self._wake.set()
        return timer

    def real_seconds(self, seconds: float) -> float | None:
        return seconds / self._speed

    async def run(self) -> None:
        """Run callbacks as they fall due, until cancelled."""
        self._wake = asyncio.Event()
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            self._run_due()
            due = self._next()
            # Not by asyncio.wait_for: it may take a cancellation for its own.
            alarm = None if due is None else loop.call_later(max(0.0, (due - self.now()) / self._speed), self._wake.set)
            await self._wake.wait()
            if alarm is not None:
                alarm.cancel()

    async def wait(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        end = self.now() + seconds
        while until is None or not until():
            left = (end - self.now()) / self._speed
            if left <= 0:
                return False
            await asyncio.sleep(left if until is None else min(left, POLL, 0.002 + left / 100))
        return True

    def _run_due(self) -> None:
        while (due := self._next()) is not None and due <= self.now():
            self._pop()()
