"""Anti-replay by sequence numbers (RFC 4303 section 3.4.3): a window, and one for each sender of a group.

All members of a group send under one SPI and each counts for itself, so that one window would drop everybody but the
one who has sent most. The packets' source address, which address preservation authenticates, tells the senders apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# A sender of whom nothing was accepted for so long may begin again: it was replaced, or has lost its counter (seconds).
IDLE = 30.0
MAXIMUM_SOURCES = 16384


@dataclass(slots=True)
class ReplayWindow:
    """The last `size` sequence numbers of one sender. Bit 0 of the map stands for the highest one."""

    size: int
    highest: int = 0
    _seen: int = 0

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
class _Sender:
    """A member of a group and when it was heard last."""

    window: ReplayWindow
    last_at: float


@dataclass(slots=True)
class SenderWindows:
    """`size` is in packets."""

    size: int
    _senders: dict[bytes, _Sender] = field(default_factory=dict)

    def is_fresh(self, source: bytes, sequence: int, now: float) -> bool:
        """Whether a sequence number was not had from a source and is not too old to know."""
        sender = self._senders.get(source)
        if sequence == 0:
            return False
        return sender is None or sender.last_at + IDLE < now or sender.window.allows(sequence)

    def accept(self, source: bytes, sequence: int, now: float) -> None:
        """Note a number that is fresh and whose packet is authentic."""
        sender = self._senders.get(source)
        if sender is None or sender.last_at + IDLE < now:
            if len(self._senders) >= MAXIMUM_SOURCES:
                self._senders.clear()
            sender = self._senders[source] = _Sender(ReplayWindow(self.size), now)
        sender.last_at = now
        sender.window.take(sequence)
