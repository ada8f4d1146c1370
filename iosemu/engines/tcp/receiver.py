"""The receiving half: what arrived, in order and out of order, and the window for more.

All numbers are unwrapped sequence numbers (`sequence.py`).
"""

from __future__ import annotations

from iosemu.engines.tcp.config import TcpConfig

# Holes are few on a path that works; every piece costs more memory than its octets.
MAXIMUM_PIECES = 128


class Receiver:
    """The receiving half of a connection. `nxt` is the number that is waited for, `start` that of the peer's SYN. What
    we promised to take is never taken back: the right edge of the window only moves on."""

    def __init__(self, config: TcpConfig, start: int) -> None:
        self._capacity = config.receive_buffer
        self.start = start
        self.nxt = start + 1
        self.finished = False
        self._ready = bytearray()
        self._pieces: dict[int, bytes] = {}
        self._held = 0
        self._fin: int | None = None
        self._edge = self.nxt + self._capacity

    @property
    def readable(self) -> int:
        """Octets that wait to be read."""
        return len(self._ready)

    @property
    def window(self) -> int:
        """What we offer beyond `nxt`."""
        return max(0, self._edge - self.nxt)

    def acceptable(self, sequence: int, length: int) -> bool:
        """Whether a segment has anything to do with the window (RFC 9293 section 3.10.7.4, the four cases)."""
        window = self.window
        if length == 0:
            return sequence == self.nxt if window == 0 else self.nxt <= sequence < self.nxt + window
        return window > 0 and sequence < self.nxt + window and sequence + length > self.nxt

    def recent(self, sequence: int) -> bool:
        """Whether a segment that is not acceptable is one that we had a short while ago, or the next one."""
        return self.nxt - self._capacity <= sequence <= self.nxt

    def take(self, sequence: int, payload: bytes, fin: bool) -> bool:
        """Take octets that lie in the window at least in part; True when they are the next ones."""
        if fin and sequence + len(payload) <= self._edge:
            self._fin = sequence + len(payload)
        early = max(0, self.nxt - sequence)
        sequence, payload = sequence + early, payload[early : max(early, self._edge - sequence)]
        if sequence > self.nxt:
            self._keep(sequence, payload)
            return False
        filled_hole = bool(self._pieces)
        self._append(payload)
        self._join()
        if self._fin is not None and self.nxt == self._fin and not self.finished:
            self.finished = True
            self.nxt += 1
        return not filled_hole

    def read(self, mss: int) -> tuple[bytes, bool]:
        """All that is ready, and whether the peer should hear of the room that this makes."""
        data = bytes(self._ready)
        self._ready.clear()
        # RFC 9293 section 3.8.6.2.2: a window grows by no less than that.
        step = max(1, min(mss, self._capacity // 2))
        starved = self.window < step
        edge = self.nxt + self._capacity
        if edge - self._edge >= step:
            self._edge = edge
        return data, starved and self.window >= step

    def _append(self, payload: bytes) -> None:
        self._ready += payload
        self.nxt += len(payload)

    def _keep(self, sequence: int, payload: bytes) -> None:
        known = self._pieces.get(sequence, b"")
        held = self._held + len(payload) - len(known)
        if len(payload) > len(known) and len(self._pieces) < MAXIMUM_PIECES and held <= self._capacity:
            self._pieces[sequence], self._held = payload, held

    def _join(self) -> None:
        """Move the pieces that are next in order."""
        for sequence in sorted(self._pieces):
            if sequence > self.nxt:
                break
            payload = self._pieces.pop(sequence)
            self._held -= len(payload)
            self._append(payload[self.nxt - sequence :])
