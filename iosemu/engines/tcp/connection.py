"""A connection as its owner has it: opening, writing, reading, closing, and time (RFC 9293 section 3.10)."""

from __future__ import annotations

from iosemu.engines.common import Event, earliest
from iosemu.engines.tcp.arrival import Arrival
from iosemu.engines.tcp.events import Failure
from iosemu.engines.tcp.sequence import wrap
from iosemu.engines.tcp.states import MAY_CLOSE, MAY_WRITE, State, Step
from iosemu.wire.tcp import ACK, RST, Segment


class Connection(Arrival):
    """One end. Methods that take `now` may leave segments and events to be taken, and move `next_timer`.

    `initial` is the first sequence number, 32 random bits.
    """

    def connect(self, now: float) -> None:
        """Open actively: a SYN goes out."""
        self.opened_actively = True
        self._step(Step.ACTIVE_OPEN)
        self._flush(now)

    def listen(self) -> None:
        """Open passively: the next segment should be a SYN."""
        self._step(Step.PASSIVE_OPEN)

    def write(self, data: bytes | memoryview, now: float) -> int:
        """Send octets; returns how many there was room for. RoomToWrite tells when the rest may follow."""
        if self.state not in MAY_WRITE:
            return 0
        taken = self._out.write(data)
        self._wants_room = taken < len(data)
        self._flush(now)
        return taken

    def read(self, now: float) -> bytes:
        """All octets that arrived in order since the last time."""
        if self._in is None:
            return b""
        data, update = self._in.read(self._config.mss)
        if update and self.state is not State.CLOSED:
            self._acknowledger.wanted = True
            self._flush(now)
        return data

    def close(self, now: float) -> None:
        """Nothing more will be written; what the peer still sends is taken."""
        if self.state in (State.LISTEN, State.SYN_SENT):
            self._abandon(Failure.ABORTED)
        elif self.state in MAY_CLOSE:
            self._step(Step.CLOSE)
            self._out.closing = True
            self._flush(now)

    def abort(self) -> None:
        """End at once and tell the peer."""
        if self._in is not None and self.state not in (State.CLOSED, State.TIME_WAIT):
            self._emit(self._out.acknowledge_from, RST | ACK)
        if self.state is not State.CLOSED:
            self._abandon(Failure.ABORTED)

    def unreachable(self, sequence: int) -> None:
        """A router says that a segment of ours, sent from `sequence` on, could not be delivered. Only a handshake gives
        up for that: later it may pass (RFC 1122 section 4.2.3.9, RFC 5461)."""
        if self.state is State.SYN_SENT and sequence == wrap(self._out.start):
            self._abandon(Failure.UNREACHABLE)

    def take_segments(self) -> list[Segment]:
        """What must go out."""
        taken, self._segments = self._segments, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened."""
        taken, self._events = self._events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(self._out.deadline, self._acknowledger.deadline, self._expires_at)

    def handle_timer(self, now: float) -> None:
        """Time has come."""
        if self._expires_at is not None and now >= self._expires_at:
            if self.state is State.TIME_WAIT:
                self._step(Step.EXPIRED)
                self._stop_timers()
            else:
                self._abandon(Failure.TIMED_OUT)
        elif self._out.deadline is not None and now >= self._out.deadline and not self._out.handle_timer(now):
            self._abandon(Failure.TIMED_OUT)
        else:
            self._acknowledger.handle_timer(now)
            self._flush(now)

    # What shows print

    @property
    def unsent(self) -> int:
        """Octets that were written and have not arrived as far as we know."""
        return max(0, self._out.end - max(self._out.una, self._out.start + 1))

    @property
    def readable(self) -> int:
        """Octets that wait to be read."""
        return self._in.readable if self._in is not None else 0

    @property
    def segment_size(self) -> int:
        """The most octets that one segment of ours has."""
        return self._out.mss

    @property
    def retransmissions(self) -> int:
        """How often something was sent again."""
        return self._out.retransmissions
