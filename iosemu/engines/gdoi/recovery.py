"""`client recovery-check`: errors of the data plane make a member register again, but not again and again."""

from __future__ import annotations


class RecoveryCheck:
    """Tells when errors of the data plane make a member register again: at most once in an `interval` of seconds, never
    when that is None. The counters are those of the shows. `under_way` tells that a registration has begun
    because of an error."""

    def __init__(self, interval: int | None) -> None:
        self.interval = interval
        self.executed = 0
        self.postponed = 0
        self.due_at: float | None = None
        self.under_way = False
        self._last: float | None = None

    def report(self, now: float) -> None:
        """An error was seen: register at once, or when an interval has passed since the last time."""
        if self.interval is None or self.due_at is not None:
            return
        if self._last is None or self._last + self.interval <= now:
            self.due_at = now
        else:
            self.postponed += 1
            self.due_at = self._last + self.interval

    def take(self, now: float) -> bool:
        """Whether to register now; then the next interval begins."""
        if self.due_at is None or self.due_at > now:
            return False
        self.due_at, self._last = None, now
        self.executed += 1
        self.under_way = True
        return True

    def healed(self) -> None:
        """A registration brought fresh keys: errors of before do not count any more."""
        self.due_at, self.under_way = None, False
