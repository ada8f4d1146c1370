"""The congestion window: slow start, congestion avoidance, fast retransmit and recovery (RFC 5681, RFC 6582)."""

from __future__ import annotations

DUPLICATES = 3


def initial_window(mss: int) -> int:
    """RFC 5681 section 3.1."""
    return 2 * mss if mss > 2190 else 3 * mss if mss > 1095 else 4 * mss


class CongestionControl:
    """How much may be under way at once. `window` and `threshold` count octets. `recover` is the highest number sent
    when the last loss was found; a recovery lasts until it is acknowledged."""

    def __init__(self, mss: int, start: int) -> None:
        self.mss = mss
        self.window = initial_window(mss)
        self.threshold = 1 << 30
        self.recovering = False
        self.duplicates = 0
        self._recover = start
        self._credit = 0

    @property
    def limit(self) -> int:
        """What may be in flight; the first duplicates let a segment each go out (RFC 3042)."""
        return self.window + (0 if self.recovering else self.duplicates * self.mss)

    def acknowledged(self, una: int, octets: int, flight: int) -> bool:
        """New data were acknowledged up to `una`, `flight` are still out. True when the next segment is lost too, which
        a partial acknowledgement tells during a recovery."""
        self.duplicates = 0
        if not self.recovering:
            self._grow(octets)
            return False
        if una >= self._recover:
            self.recovering = False
            self.window = min(self.threshold, max(flight, self.mss) + self.mss)
            return False
        self.window = max(self.window - octets + (self.mss if octets >= self.mss else 0), self.mss)
        return True

    def duplicate(self, una: int, highest: int) -> bool:
        """An acknowledgement came again; True when that tells of a loss."""
        if self.recovering:
            self.window += self.mss
            return False
        self.duplicates += 1
        if self.duplicates < DUPLICATES or una < self._recover:
            self.duplicates = min(self.duplicates, DUPLICATES - 1)
            return False
        self.recovering, self._recover = True, highest
        self.threshold = max((highest - una) // 2, 2 * self.mss)
        self.window = self.threshold + DUPLICATES * self.mss
        return True

    def timed_out(self, una: int, highest: int, *, again: bool) -> None:
        """Nothing came back in time; `again` where the same segment was lost before (RFC 5681 section 3.1)."""
        if not again:
            self.threshold = max((highest - una) // 2, 2 * self.mss)
        self.window, self._credit = self.mss, 0
        self.recovering, self.duplicates, self._recover = False, 0, highest

    def idle(self) -> None:
        """Nothing was sent for longer than a timeout: begin again with the initial window at most."""
        self.window = min(self.window, initial_window(self.mss))

    def _grow(self, octets: int) -> None:
        if self.window < self.threshold:
            self.window += min(octets, self.mss)
            return
        self._credit += octets
        if self._credit >= self.window:
            self._credit -= self.window
            self.window += self.mss
