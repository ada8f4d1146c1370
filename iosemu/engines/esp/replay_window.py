"""Anti-replay by sequence numbers (RFC 4303 section 3.4.3): a window, and one for each sender of a group.

All members of a group send under one SPI and each counts for itself, so that one window would drop everybody but the
one who has sent most. `EspSa.sender_of` says who a sender is (docs/private-formats.md, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

MAXIMUM_SENDERS = 16384


@dataclass(slots=True)
class ReplayWindow:
    """The last `size` sequence numbers of one sender. Bit 0 of the map stands for the highest one."""

    size: int
    highest: int = 0
    _seen: int = 0

    @classmethod
    def above(cls, size: int, floor: int) -> ReplayWindow:
        """A window that takes nothing up to a number."""
        return cls(size, floor, (1 << size) - 1)

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


@dataclass(slots=True)
class SenderWindows:
    """The windows of an SA's senders, for as long as the SA lives; `size` is in packets.

    At most `limit` senders have one. When there are more, those that have counted least lose theirs, and from then on
    whoever has none must be above all that was forgotten: nothing is ever let in twice. Threads may share the object.
    """

    size: int
    limit: int = MAXIMUM_SENDERS
    _floor: int = 0
    _windows: dict[int, ReplayWindow] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __len__(self) -> int:
        return len(self._windows)

    def is_fresh(self, sender: int, sequence: int) -> bool:
        """Whether a sequence number was not had from a sender and is not too old to know; asked before the packet is
        verified."""
        window = self._windows.get(sender)
        return sequence > self._floor if window is None else window.allows(sequence)

    def accept(self, sender: int, sequence: int) -> bool:
        """Note the number of an authentic packet; False where somebody else has taken it meanwhile."""
        with self._lock:
            if not self.is_fresh(sender, sequence):
                return False
            window = self._windows.get(sender)
            if window is None:
                if len(self._windows) >= self.limit:
                    self._forget_lowest()
                    if sequence <= self._floor:
                        return False
                window = self._windows[sender] = ReplayWindow.above(self.size, self._floor)
            window.take(sequence)
            return True

    def _forget_lowest(self) -> None:
        """Make room for as many senders again."""
        by_height = sorted(self._windows.items(), key=lambda item: item[1].highest)
        half = (len(by_height) + 1) // 2
        self._floor = by_height[half - 1][1].highest
        self._windows = dict(by_height[half:])
