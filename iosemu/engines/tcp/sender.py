"""The sending half: what was written, what is in flight, and when something must go out again.

All numbers are unwrapped sequence numbers (`sequence.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.engines.tcp.config import DEFAULT_MSS, SMALLEST_MSS, TcpConfig
from iosemu.engines.tcp.congestion import CongestionControl
from iosemu.engines.tcp.rto import MAXIMUM, RetransmissionTimeout


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to send: octets with what stands before and behind them in the sequence space."""

    sequence: int
    payload: bytes = b""
    syn: bool = False
    fin: bool = False
    push: bool = False

    @property
    def numbers(self) -> int:
        """How much of the sequence space it takes."""
        return len(self.payload) + self.syn + self.fin


class Sender:
    """The sending half of a connection. `start` is the number of our SYN, `una` the oldest one that is not
    acknowledged, `nxt` the next to send: after a timeout it goes back to `una`; `highest` was never sent. `window` is
    what the peer offers from `una` on; `closing` means that nothing more will be written. `deadline` is when
    `handle_timer` is due."""

    def __init__(self, config: TcpConfig, start: int) -> None:
        self._config = config
        self.start = self.una = self.nxt = self.highest = start
        self.window = self.largest_window = 0
        self.mss = min(DEFAULT_MSS, config.mss)
        self.closing = False
        self.deadline: float | None = None
        self.retransmissions = 0
        self._rto = RetransmissionTimeout()
        self._congestion = CongestionControl(self.mss, start)
        # What is not acknowledged, from the number `_base` on.
        self._buffer = bytearray()
        self._base = start + 1
        # The segment that the window was last taken from.
        self._updated_by = (0, 0)
        # Whether the timer waits for a window instead of an acknowledgement, and how often it did.
        self._persisting = False
        self._probes = 0
        self._probe_due = False
        self._resend_due = False
        self._timeouts = 0
        # The number whose acknowledgement ends a measurement of the round trip, and when that began.
        self._timed: tuple[int, float] | None = None
        # Since when the peer owes us an answer.
        self._waiting_since = 0.0
        self._sent_at = 0.0

    @property
    def synchronized(self) -> bool:
        """Whether our SYN is acknowledged."""
        return self.una > self.start

    @property
    def end(self) -> int:
        """The number behind the last octet that was written: that of the FIN."""
        return self._base + len(self._buffer)

    @property
    def fin_acknowledged(self) -> bool:
        """Whether the peer has everything, our FIN included."""
        return self.una > self.end

    @property
    def room(self) -> int:
        """How much more may be written."""
        return self._config.send_buffer - len(self._buffer)

    @property
    def flight(self) -> int:
        """Numbers that were sent and are not acknowledged."""
        return self.nxt - self.una

    def write(self, data: bytes | memoryview) -> int:
        """Take what there is room for; returns how much."""
        taken = data[: self.room]
        self._buffer += taken
        return len(taken)

    def negotiate(self, peer_mss: int | None) -> None:
        """Take what the peer's SYN says of its segments."""
        self.mss = max(SMALLEST_MSS, min(DEFAULT_MSS if peer_mss is None else peer_mss, self._config.mss))
        self._congestion = CongestionControl(self.mss, self.start)

    # What the peer says

    def update_window(self, sequence: int, acknowledgement: int, window: int, now: float) -> None:
        """Take the window of a segment unless a newer one overtook it (RFC 9293 section 3.10.7.4)."""
        if (sequence, acknowledgement) < self._updated_by:
            return
        self._updated_by = sequence, acknowledgement
        if self._persisting:
            self._waiting_since = now
            if window > self.window:
                self._end_persisting()
        self.window = window
        self.largest_window = max(self.largest_window, window)

    def acknowledged(self, number: int, now: float) -> None:
        """Numbers from `una` up to `number`, at most `highest`, have arrived."""
        octets, was_synchronized = number - self.una, self.synchronized
        if self._timed is not None and number >= self._timed[0]:
            self._rto.measured(now - self._timed[1])
            self._timed = None
        self.una, self.nxt = number, max(self.nxt, number)
        gone = max(0, min(number, self.end) - self._base)
        del self._buffer[:gone]
        self._base += gone
        if was_synchronized:
            self._resend_due = self._congestion.acknowledged(number, octets, self.highest - number)
        elif self.retransmissions:
            # RFC 5681 section 3.1, RFC 6298 section 5.7: a SYN that was lost tells of a poor path.
            self._rto.lost_syn()
            self._congestion.window = self.mss
        self._waiting_since, self._timeouts = now, 0
        self._end_persisting()

    def duplicate(self) -> None:
        """The oldest number in flight was asked for once more."""
        self._resend_due = self._congestion.duplicate(self.una, self.highest) or self._resend_due

    def resend_syn(self) -> None:
        """The peer's SYN came without an acknowledgement of ours: send it again."""
        self.nxt, self._timed = self.start, None

    # Sending

    @property
    def acknowledge_from(self) -> int:
        """The number of an acknowledgement without data: the peer finds it in its window."""
        return self.nxt if self._persisting else self.highest

    def transmit(self, now: float) -> list[Piece]:
        """All that may go out now; the timer runs while something is in flight, or waits for a window."""
        if not self.flight and now - self._sent_at > self._rto.seconds:
            # What was learned about the path is old (RFC 5681 section 4.1).
            self._congestion.idle()
        pieces = []
        if self._resend_due:
            self._resend_due, self._timed = False, None
            self.retransmissions += 1
            pieces.append(self._piece(self.una, min(self.mss, self.end - self.una, self.highest - self.una)))
            self._sent(pieces[-1])
        while (piece := self._next()) is not None:
            if self.nxt >= self.highest:
                self._timed = self._timed or (self.nxt + piece.numbers, now)
                self._waiting_since = self._waiting_since if self.flight else now
            self._sent(piece)
            pieces.append(piece)
        if self._probe_due:
            self._probe_due = False
            pieces.append(self._probe())
        self._sent_at = now if pieces else self._sent_at
        self._arm(now)
        return pieces

    def handle_timer(self, now: float) -> bool:
        """Time has come; `transmit` then sends again. False when the peer has been silent for too long."""
        self.deadline = None
        if now >= self._waiting_since + self._limit:
            return False
        if self._persisting:
            self._probes += 1
            self._probe_due = True
            return True
        self._rto.back_off()
        self._congestion.timed_out(self.una, self.highest, again=self._timeouts > 0)
        self._timeouts += 1
        self.retransmissions += 1
        self._timed = None
        self.nxt = self.una
        # Into a window that was closed meanwhile only probes may go.
        self._probe_due = self._persisting = self.synchronized and self.window == 0
        return True

    def _next(self) -> Piece | None:
        if not self.synchronized:
            return self._piece(self.start, 0) if self.nxt == self.start else None
        unsent = self.end - self.nxt
        if unsent < 0:
            # The FIN is out.
            return None
        size = min(unsent, self.mss, min(self.window, self._congestion.limit) - self.flight)
        if self.closing and size == unsent and self.window > self.flight + size:
            return self._piece(self.nxt, size)
        # No silly windows; what was written last need not wait for company (RFC 9293 sections 3.8.6.2.1, 3.7.4).
        if size <= 0 or (size < min(unsent, self.mss) and size < self.largest_window // 2):
            return None
        return self._piece(self.nxt, size)

    def _probe(self) -> Piece:
        """One octet, or the FIN, into a window that may have opened (RFC 9293 section 3.8.6.1)."""
        piece = self._piece(self.una, min(self.end - self.una, max(1, min(self.mss, self.window))))
        self.highest = max(self.highest, self.una + piece.numbers)
        return piece

    def _piece(self, number: int, size: int) -> Piece:
        if number == self.start:
            return Piece(number, syn=True)
        offset = number - self._base
        last = number + size == self.end
        return Piece(
            number, bytes(self._buffer[offset : offset + size]), fin=self.closing and last, push=last and size > 0
        )

    def _sent(self, piece: Piece) -> None:
        self.nxt = max(self.nxt, piece.sequence + piece.numbers)
        self.highest = max(self.highest, self.nxt)

    @property
    def _limit(self) -> float:
        return self._config.silence_limit if self.synchronized else self._config.handshake_limit

    def _arm(self, now: float) -> None:
        if self.deadline is not None:
            return
        if self.flight:
            delay = self._rto.seconds
        elif self.synchronized and (self.end > self.una or (self.closing and not self.fin_acknowledged)):
            if not self._persisting:
                self._persisting, self._waiting_since = True, now
            delay = min(self._rto.seconds * 2.0 ** min(self._probes, 6), MAXIMUM)
        else:
            return
        self.deadline = min(now + delay, max(now, self._waiting_since + self._limit))

    def _end_persisting(self) -> None:
        """What happens next begins with a timer of its own."""
        self._persisting, self._probes, self.deadline = False, 0, None
