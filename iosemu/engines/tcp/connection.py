"""A connection: the state machine between the two halves (RFC 9293 section 3.10), hardened by RFC 5961."""

from __future__ import annotations

from iosemu.engines.common import Endpoint, Event, earliest
from iosemu.engines.tcp.acknowledging import Acknowledger
from iosemu.engines.tcp.config import LARGEST_SCALE, TcpConfig
from iosemu.engines.tcp.events import (
    Closed,
    DataArrived,
    Established,
    Failed,
    Failure,
    PeerClosed,
    Refusal,
    RoomToWrite,
    SegmentRefused,
)
from iosemu.engines.tcp.receiver import Receiver
from iosemu.engines.tcp.resets import reset_for
from iosemu.engines.tcp.sender import Piece, Sender
from iosemu.engines.tcp.sequence import unwrap, wrap
from iosemu.engines.tcp.states import EXPECTS_FIN, MAY_CLOSE, MAY_WRITE, State, Step, advance
from iosemu.wire.tcp import ACK, FIN, PSH, RST, SYN, Segment


class Connection:
    """One end. Methods that take `now` may leave segments and events to be taken, and move `next_timer`.

    `initial` is the first sequence number, 32 random bits.
    """

    def __init__(self, local: Endpoint, remote: Endpoint, config: TcpConfig, initial: int) -> None:
        self.local = local
        self.remote = remote
        self.state = State.CLOSED
        self.opened_actively = False
        self._config = config
        self._out = Sender(config, initial)
        self._in: Receiver | None = None
        self._acknowledger = Acknowledger(config.acknowledgement_delay)
        self._scaling = True
        self._peer_scale = 0
        self._expires_at: float | None = None
        self._wants_room = False
        self._segments: list[Segment] = []
        self._events: list[Event] = []

    # What the owner does

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

    def superseded_by(self, segment: Segment) -> bool:
        """Whether a SYN begins a new connection in the place of this one, which only waits for its end (RFC 9293
        section 3.6.1)."""
        if self.state is not State.TIME_WAIT or self._in is None or segment.flags & (SYN | ACK | RST) != SYN:
            return False
        return unwrap(segment.sequence, self._in.nxt) > self._in.nxt

    # Segments that arrive

    def receive(self, segment: Segment, now: float) -> None:
        """Take a segment of this connection."""
        if self.state is State.LISTEN:
            self._receive_in_listen(segment)
        elif self.state is State.SYN_SENT:
            self._receive_in_syn_sent(segment, now)
        elif self.state is not State.CLOSED and self._in is not None:
            self._receive_synchronized(self._in, segment, now)
        self._flush(now)

    def _receive_in_listen(self, segment: Segment) -> None:
        if segment.has(RST):
            return
        if segment.has(ACK) or not segment.has(SYN):
            self._refuse(Refusal.UNEXPECTED)
            self._reset(segment)
            return
        self._synchronize(segment)
        self._step(Step.SYN)

    def _receive_in_syn_sent(self, segment: Segment, now: float) -> None:
        acknowledgement = unwrap(segment.acknowledgement, self._out.una)
        acknowledges = segment.has(ACK) and self._out.una < acknowledgement <= self._out.highest
        if segment.has(ACK) and not acknowledges:
            self._refuse(Refusal.BAD_ACK)
            self._reset(segment)
        elif segment.has(RST):
            if acknowledges:
                self._abandon(Failure.REFUSED)
        elif not segment.has(SYN):
            self._refuse(Refusal.UNEXPECTED)
        elif acknowledges:
            receiver = self._synchronize(segment)
            self._out.acknowledged(acknowledgement, now)
            self._step(Step.SYN_ACK)
            self._events.append(Established())
            self._acknowledger.wanted = True
            if segment.payload or segment.has(FIN):
                self._take(receiver, receiver.nxt, segment.payload, segment.has(FIN), now)
        else:
            # Both opened at once: our SYN goes out once more, with an acknowledgement.
            self._synchronize(segment)
            self._step(Step.SYN)
            self._out.resend_syn()

    def _synchronize(self, segment: Segment) -> Receiver:
        receiver = self._in = Receiver(self._config, segment.sequence)
        self._scaling = segment.window_scale is not None
        self._peer_scale = min(segment.window_scale or 0, LARGEST_SCALE)
        self._out.negotiate(segment.mss)
        # The window of a SYN is not scaled (RFC 7323 section 2.2).
        self._out.update_window(segment.sequence, 0, segment.window, 0.0)
        return receiver

    def _receive_synchronized(self, receiver: Receiver, segment: Segment, now: float) -> None:
        """RFC 9293 section 3.10.7.4, in its order."""
        sequence = unwrap(segment.sequence, receiver.nxt)
        payload, fin = segment.payload, segment.has(FIN)
        if segment.has(SYN) and sequence == receiver.start and not self._out.synchronized:
            self._receive_syn_again(segment, sequence, now)
            return
        if not receiver.acceptable(sequence, segment.length):
            if segment.has(RST):
                self._refuse(Refusal.OUT_OF_WINDOW)
                return
            self._challenge(Refusal.OUT_OF_WINDOW, now)
            if self.state is State.TIME_WAIT and fin:
                self._wait_out(now)
            if sequence != receiver.nxt or receiver.window:
                return
            # Into a closed window nothing fits, but what the segment acknowledges counts.
            payload, fin = b"", False
        if segment.has(RST):
            self._receive_reset(receiver, sequence, now)
        elif segment.has(SYN):
            self._challenge(Refusal.CHALLENGED_SYN, now)
        elif not segment.has(ACK):
            self._refuse(Refusal.NO_ACK)
        elif self._receive_acknowledgement(segment, sequence, now) and (payload or fin):
            self._take(receiver, sequence, payload, fin, now)

    def _receive_syn_again(self, segment: Segment, sequence: int, now: float) -> None:
        """The peer's SYN once more: ours was lost, or both opened at once and this one acknowledges it."""
        if segment.has(RST):
            return
        if segment.has(ACK):
            self._acknowledger.challenge(now)
            self._receive_acknowledgement(segment, sequence, now)
        else:
            self._out.resend_syn()

    def _receive_reset(self, receiver: Receiver, sequence: int, now: float) -> None:
        """RFC 5961 section 3: only the one expected number ends a connection."""
        if sequence != receiver.nxt:
            self._challenge(Refusal.CHALLENGED_RESET, now)
        else:
            refused = self.opened_actively and not self._out.synchronized
            self._abandon(Failure.REFUSED if refused else Failure.RESET)

    def _receive_acknowledgement(self, segment: Segment, sequence: int, now: float) -> bool:
        """Whether the rest of the segment counts."""
        out = self._out
        acknowledgement = unwrap(segment.acknowledgement, out.una)
        if self.state is State.SYN_RECEIVED and not out.una < acknowledgement <= out.highest:
            self._refuse(Refusal.BAD_ACK)
            self._reset(segment)
            return False
        if acknowledgement > out.highest or acknowledgement < out.una - max(out.largest_window, 1):
            # RFC 5961 section 5.
            self._challenge(Refusal.BAD_ACK, now)
            return False
        window = segment.window if segment.has(SYN) else segment.window << self._peer_scale
        if acknowledgement == out.una and not segment.length and window == out.window and out.flight:
            out.duplicate()
        if acknowledgement >= out.una:
            out.update_window(sequence, acknowledgement, window, now)
        if acknowledgement > out.una:
            out.acknowledged(acknowledgement, now)
            self._acknowledged(now)
        return self.state is not State.CLOSED

    def _acknowledged(self, now: float) -> None:
        """What follows from new data, a SYN or a FIN of ours having arrived."""
        if self.state is State.SYN_RECEIVED:
            self._step(Step.SYN_ACKNOWLEDGED)
            self._events.append(Established())
        if self._wants_room and self._out.room >= self._config.send_buffer // 2:
            self._wants_room = False
            self._events.append(RoomToWrite())
        if not (self._out.closing and self._out.fin_acknowledged):
            return
        self._step(Step.FIN_ACKNOWLEDGED)
        if self.state is State.FIN_WAIT_2:
            self._expires_at = now + self._config.half_closed_limit
        elif self.state is State.TIME_WAIT:
            self._wait_out(now)
            self._events.append(Closed())
        else:
            self._stop_timers()
            self._events.append(Closed())

    def _take(self, receiver: Receiver, sequence: int, payload: bytes, fin: bool, now: float) -> None:
        if self.state not in EXPECTS_FIN:
            return
        before = receiver.readable
        in_order = receiver.take(sequence, payload, fin)
        if receiver.readable > before:
            self._events.append(DataArrived())
        if self.state is State.FIN_WAIT_2:
            self._expires_at = now + self._config.half_closed_limit
        if receiver.finished:
            self._events.append(PeerClosed())
            self._step(Step.FIN)
            if self.state is State.TIME_WAIT:
                self._wait_out(now)
                self._events.append(Closed())
        # A hole, its filling and the end are acknowledged at once (RFC 5681 section 4.2).
        self._acknowledger.data_arrived(now, at_once=receiver.finished or not in_order)

    # The inside

    def _step(self, step: Step) -> None:
        self.state = advance(self.state, step)

    def _wait_out(self, now: float) -> None:
        self._out.deadline = None
        self._expires_at = now + 2 * self._config.segment_lifetime

    def _stop_timers(self) -> None:
        self._out.deadline = self._acknowledger.deadline = self._expires_at = None

    def _abandon(self, reason: Failure) -> None:
        if self.state is not State.TIME_WAIT:
            self._events.append(Failed(reason))
        self._step(Step.ABANDON)
        self._stop_timers()

    def _refuse(self, reason: Refusal) -> None:
        self._events.append(SegmentRefused(reason))

    def _challenge(self, reason: Refusal, now: float) -> None:
        self._refuse(reason)
        self._acknowledger.challenge(now)

    def _reset(self, about: Segment) -> None:
        reset = reset_for(about)
        if reset is not None:
            self._segments.append(reset)

    def _flush(self, now: float) -> None:
        if self.state in (State.CLOSED, State.LISTEN):
            return
        pieces = self._out.transmit(now) if self.state is not State.TIME_WAIT else []
        for piece in pieces:
            self._emit_piece(piece)
        if self._acknowledger.wanted and not pieces:
            self._emit(self._out.acknowledge_from, ACK)
        if (pieces or self._acknowledger.wanted) and self._in is not None:
            self._acknowledger.sent()

    def _emit_piece(self, piece: Piece) -> None:
        flags = FIN * piece.fin | PSH * piece.push | ACK * (self._in is not None)
        if piece.syn:
            scale = 0 if self._scaling else None
            self._emit(piece.sequence, flags | SYN, mss=self._config.mss, scale=scale)
        else:
            self._emit(piece.sequence, flags, piece.payload)

    def _emit(
        self, sequence: int, flags: int, payload: bytes = b"", mss: int | None = None, scale: int | None = None
    ) -> None:
        known = self._in
        self._segments.append(
            Segment(
                self.local.port,
                self.remote.port,
                wrap(sequence),
                wrap(known.nxt) if known is not None else 0,
                flags,
                known.window if known is not None else self._config.receive_buffer,
                payload,
                mss=mss,
                window_scale=scale,
            )
        )
