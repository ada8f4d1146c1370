"""What a connection is made of, and how it speaks: its halves, its state, its way out."""

from __future__ import annotations

from iosemu.engines.common import Endpoint, Event
from iosemu.engines.tcp.acknowledging import Acknowledger
from iosemu.engines.tcp.config import TcpConfig
from iosemu.engines.tcp.events import Failed, Failure, Refusal, SegmentRefused
from iosemu.engines.tcp.receiver import Receiver
from iosemu.engines.tcp.resets import reset_for
from iosemu.engines.tcp.sender import Piece, Sender
from iosemu.engines.tcp.sequence import wrap
from iosemu.engines.tcp.states import State, Step, advance
from iosemu.wire.tcp import ACK, FIN, PSH, SYN, Segment


class Machine:
    """The transmission control block (RFC 9293 section 3.3.1) with what follows from it."""

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
