"""Time-based anti-replay: each packet bears the group's pseudotime (docs/private-formats.md, section 5).

The stamp stands behind the inner packet, where RFC 4303 section 2.7 lets a sender put octets that hide the length of a
packet: a receiver that does not know of stamps cuts them off.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field

from iosemu.engines.esp.verdict import ends_of
from iosemu.engines.gdoi.replay import PseudoClock
from iosemu.wire.checksum import IpAddress

_STAMP = struct.Struct("!4sQ")
_MARK = b"PsTm"
STAMP_OCTETS = _STAMP.size
HISTORY = 10
SAMPLES_PER_MINUTE = 10


def pack_stamp(pseudotime: float) -> bytes:
    """The octets of a stamp; pseudotime in seconds, on the wire in milliseconds."""
    return _STAMP.pack(_MARK, int(pseudotime * 1000))


def parse_stamp(octets: bytes) -> float | None:
    """The pseudotime of the octets behind an inner packet, None where they are no stamp."""
    if len(octets) != STAMP_OCTETS:
        return None
    mark, milliseconds = _STAMP.unpack(octets)
    return milliseconds / 1000 if mark == _MARK else None


@dataclass(frozen=True, slots=True)
class TimeError:
    """A packet whose stamp was refused. Times in seconds; `peer` is -1 where there was no stamp."""

    at: float
    source: IpAddress
    destination: IpAddress
    mine: float
    peer: float
    window: int


@dataclass(slots=True)
class TimeReplay:
    """Stamps and judges packets. The counters are those of `show crypto gdoi gm replay`."""

    clock: PseudoClock | None = None
    stamped: int = 0
    received: int = 0
    send_errors: int = 0
    receive_errors: int = 0
    largest_delta: float = 0.0
    history: deque[TimeError] = field(default_factory=lambda: deque(maxlen=HISTORY))
    _minute: float = 0.0
    _samples: int = 0

    def stamp(self, now: float, count: int = 1) -> bytes | None:
        """The stamp of packets that are sent now, None while the pseudotime is not known."""
        if self.clock is None:
            self.send_errors += 1
            return None
        self.stamped += count
        return pack_stamp(self.clock.value(now))

    def accepts(self, octets: bytes, window: int, packet: bytes, now: float) -> bool:
        """Whether the stamp behind an inner packet lies inside the window around this member's own time."""
        self.received += 1
        peer = parse_stamp(octets)
        mine = self.clock.value(now) if self.clock is not None else 0.0
        if peer is not None and self.clock is not None:
            delta = abs(mine - peer)
            self.largest_delta = max(self.largest_delta, delta)
            if delta < window:
                return True
        self.receive_errors += 1
        self._sample(packet, mine, -1.0 if peer is None else peer, window, now)
        return False

    def clear(self) -> None:
        """`clear crypto gdoi replay counters`."""
        self.stamped = self.received = self.send_errors = self.receive_errors = 0
        self.largest_delta = 0.0
        self.history.clear()

    def _sample(self, packet: bytes, mine: float, peer: float, window: int, now: float) -> None:
        if now >= self._minute + 60:
            self._minute, self._samples = now, 0
        if self._samples < SAMPLES_PER_MINUTE:
            self._samples += 1
            self.history.append(TimeError(now, *ends_of(packet), mine, peer, window))
