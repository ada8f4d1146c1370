"""The anti-replay window of a receiver (RFC 4303 section 3.4.3)."""

from __future__ import annotations


class ReplayWindow:
    """Sequence numbers that were seen. Bit 0 of the map is the highest one."""

    __slots__ = ("_seen", "highest", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.highest = 0
        self._seen = 0

    def allows(self, sequence: int) -> bool:
        """Whether a packet may be fresh; asked before its ICV is verified."""
        if sequence > self.highest:
            return True
        behind = self.highest - sequence
        return sequence > 0 and behind < self.size and not self._seen >> behind & 1

    def take(self, sequence: int) -> None:
        """Mark the number of a packet that was verified."""
        ahead = sequence - self.highest
        if ahead > 0:
            self._seen = (self._seen << ahead | 1) & (1 << self.size) - 1 if ahead < self.size else 1
            self.highest = sequence
        else:
            self._seen |= 1 << -ahead
