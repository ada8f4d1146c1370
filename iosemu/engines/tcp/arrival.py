"""Segments that arrive (RFC 9293 section 3.10.7), checked as RFC 5961 says."""

from __future__ import annotations

from iosemu.engines.tcp.config import LARGEST_SCALE
from iosemu.engines.tcp.events import Closed, DataArrived, Established, Failure, PeerClosed, Refusal, RoomToWrite
from iosemu.engines.tcp.machine import Machine
from iosemu.engines.tcp.receiver import Receiver
from iosemu.engines.tcp.sequence import unwrap
from iosemu.engines.tcp.states import EXPECTS_FIN, State, Step
from iosemu.wire.tcp import ACK, FIN, RST, SYN, Segment


class Arrival(Machine):
    """What a connection does about a segment."""

    def superseded_by(self, segment: Segment) -> bool:
        """Whether a SYN begins a new connection in the place of this one, which only waits for its end (RFC 9293
        section 3.6.1)."""
        if self.state is not State.TIME_WAIT or self._in is None or segment.flags & (SYN | ACK | RST) != SYN:
            return False
        return unwrap(segment.sequence, self._in.nxt) > self._in.nxt

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
            if segment.has(SYN) or not receiver.recent(sequence):
                return
            # Nothing of it is new, or the window is closed; what it acknowledges counts all the same. Two ends that
            # probe each other's windows would else never hear each other.
            payload, fin = b"", False
        if segment.has(RST):
            self._receive_reset(receiver, sequence, now)
        elif segment.has(SYN):
            self._challenge(Refusal.CHALLENGED_SYN, now)
        elif not segment.has(ACK):
            self._refuse(Refusal.NO_ACK)
        elif self._receive_acknowledgement(segment, sequence, now):
            if self.state is State.FIN_WAIT_2:
                self._expires_at = now + self._config.half_closed_limit
            if payload or fin:
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
        if self.state is State.TIME_WAIT:
            self._wait_out(now)
            self._events.append(Closed())
        elif self.state is State.CLOSED:
            self._stop_timers()
            self._events.append(Closed())

    def _take(self, receiver: Receiver, sequence: int, payload: bytes, fin: bool, now: float) -> None:
        if self.state not in EXPECTS_FIN:
            return
        before = receiver.readable
        in_order = receiver.take(sequence, payload, fin)
        if receiver.readable > before:
            self._events.append(DataArrived())
        if receiver.finished:
            self._events.append(PeerClosed())
            self._step(Step.FIN)
            if self.state is State.TIME_WAIT:
                self._wait_out(now)
                self._events.append(Closed())
        # A hole, its filling and the end are acknowledged at once (RFC 5681 section 4.2).
        self._acknowledger.data_arrived(now, at_once=receiver.finished or not in_order)
