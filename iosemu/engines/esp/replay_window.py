"""Anti-replay by sequence numbers (RFC 4303 section 3.4.3), with a window for each sender of a group.

All members send under one SPI and each counts for itself, so that one window would drop everybody but the one who has
sent most. The packets' source address, which address preservation authenticates, tells the senders apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# A sender of whom nothing was accepted for so long may begin again: it was replaced, or has lost its counter (seconds).
IDLE = 30.0
MAXIMUM_SOURCES = 16384


@dataclass(slots=True)
class _Window:
    """Bit 0 of `seen` stands for `top`."""

    top: int = 0
    seen: int = 0
    last_at: float = 0.0


@dataclass(slots=True)
class SenderWindows:
    """`size` is in packets."""

    size: int
    _windows: dict[bytes, _Window] = field(default_factory=dict)

    def is_fresh(self, source: bytes, sequence: int, now: float) -> bool:
        """Whether a sequence number was not had from a source and is not too old to know."""
        window = self._windows.get(source)
        if sequence == 0:
            return False
        if window is None or sequence > window.top or window.last_at + IDLE < now:
            return True
        behind = window.top - sequence
        return behind < self.size and not window.seen >> behind & 1

    def accept(self, source: bytes, sequence: int, now: float) -> None:
        """Note a number that is fresh and whose packet is authentic."""
        window = self._windows.get(source)
        if window is None or window.last_at + IDLE < now:
            if len(self._windows) >= MAXIMUM_SOURCES:
                self._windows.clear()
            self._windows[source] = _Window(sequence, 1, now)
            return
        window.last_at = now
        if sequence > window.top:
            ahead = sequence - window.top
            window.seen = (window.seen << ahead | 1) & ((1 << self.size) - 1) if ahead < self.size else 1
            window.top = sequence
        else:
            window.seen |= 1 << (window.top - sequence)
