"""Replay protection of a group: by counters, or by a pseudotime that key server and members share.

No RFC carries either to a member; it travels in a private payload of ours (docs/private-formats.md, section 4), which
foreign members skip.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

PRIVATE_REPLAY_PAYLOAD = 129
DEFAULT_COUNTER_WINDOW = 64
# Members whose clocks drift apart meet again at least this often (seconds).
SYNCHRONISE_EVERY = 7200
_FORMAT = 1
_HEAD = struct.Struct("!BBHQH")
_ENTRY = struct.Struct("!4sBBHI")


class ReplayMethod(IntEnum):
    """How a receiver tells that it had a packet before."""

    NONE = 0
    COUNTER = 1
    TIME = 2


@dataclass(frozen=True, slots=True)
class Replay:
    """A method and its window: packets for COUNTER, seconds for TIME."""

    method: ReplayMethod = ReplayMethod.NONE
    window: int = 0

    def __str__(self) -> str:
        if self.method is ReplayMethod.TIME:
            return f"Time/{self.window} sec"
        return f"Counter/{self.window}"

    @property
    def by_time(self) -> bool:
        """Whether packets bear a time stamp."""
        return self.method is ReplayMethod.TIME


NO_REPLAY = Replay()


@dataclass(slots=True)
class PseudoClock:
    """The time of a group: seconds since its first member registered. It has nothing to do with the time of day."""

    offset: float = 0.0

    def value(self, now: float) -> float:
        """The pseudotime in seconds."""
        return now + self.offset

    def set(self, value: float, now: float) -> None:
        """Make it `value` from now on."""
        self.offset = value - now


@dataclass(slots=True)
class MemberTime:
    """A member's copy of the pseudotime.

    `clock` is None while the group has none. `errors` counts large differences.
    """

    clock: PseudoClock | None = None
    errors: int = 0

    def lateness(self, policy: ReplayPolicy, now: float) -> float | None:
        """The seconds by which a push lies too far back to be acceptable, None when it is good."""
        if self.clock is None or policy.pseudotime is None:
            return None
        late = self.clock.value(now) - policy.pseudotime - policy.span - policy.window
        return late if late > 0 else None

    def follow(self, policy: ReplayPolicy, now: float, registered: bool) -> float | None:
        """Take the key server's time: always from a registration, from a push only forward, since it may be a
        retransmission. Returns what the time was before when it was far away."""
        if policy.pseudotime is None:
            self.clock = None if registered else self.clock
            return None
        if self.clock is None:
            self.clock = PseudoClock(policy.pseudotime - now)
            return None
        before = self.clock.value(now)
        if registered or policy.pseudotime > before:
            self.clock.set(policy.pseudotime, now)
        if abs(self.clock.value(now) - before) <= policy.window:
            return None
        self.errors += 1
        return before


@dataclass(frozen=True, slots=True)
class SaReplay:
    """What a member needs to know of one data SA; `age` is how long ago it was made, in seconds."""

    replay: Replay
    age: int


@dataclass(frozen=True, slots=True)
class ReplayPolicy:
    """The contents of the private payload: data SAs by SPI and the pseudotime in seconds (None: not in use).

    `span` is for how many seconds the message may be on its way, retransmissions and pauses between batches included.
    """

    sas: Mapping[bytes, SaReplay] = field(default_factory=dict)
    pseudotime: float | None = None
    span: int = 0

    @property
    def window(self) -> int:
        """The widest window of those that go by time."""
        return max((item.replay.window for item in self.sas.values() if item.replay.by_time), default=0)

    def later(self, seconds: float) -> ReplayPolicy:
        """The same, some time after it was received."""
        return self if self.pseudotime is None else replace(self, pseudotime=self.pseudotime + seconds)

    def pack(self) -> bytes:
        """The body of the payload; the pseudotime is in milliseconds."""
        milliseconds = 0 if self.pseudotime is None else int(self.pseudotime * 1000)
        parts = [_HEAD.pack(_FORMAT, self.pseudotime is not None, self.span, milliseconds, len(self.sas))]
        for spi, item in self.sas.items():
            parts.append(_ENTRY.pack(spi, item.replay.method, 0, item.replay.window, item.age))
        return b"".join(parts)

    @classmethod
    def parse(cls, body: bytes) -> ReplayPolicy:
        """Read the body; raises WireError for an unknown format or method."""
        reader = Reader(body)
        form, in_use, span, milliseconds, count = _HEAD.unpack(reader.take(_HEAD.size))
        if form != _FORMAT:
            raise WireError("private replay policy of an unknown format")
        sas = {}
        for _ in range(count):
            spi, method, _reserved, window, age = _ENTRY.unpack(reader.take(_ENTRY.size))
            if method not in list(ReplayMethod):
                raise WireError(f"replay method {method}")
            sas[spi] = SaReplay(Replay(ReplayMethod(method), window), age)
        return cls(sas, milliseconds / 1000 if in_use else None, span)
