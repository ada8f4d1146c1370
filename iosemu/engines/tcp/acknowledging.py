"""When to acknowledge: delayed, at once, or not at all where a peer makes us answer too much."""

from __future__ import annotations

# RFC 5961 section 7: challenges, and all answers to what cannot be taken, in each period of so many seconds.
CHALLENGES, CHALLENGE_PERIOD = 10, 5.0


class Acknowledger:
    """Decides when what has come is acknowledged. `wanted` asks for an acknowledgement now, `deadline` is when a
    delayed one is due."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self.wanted = False
        self.deadline: float | None = None
        self._segments = 0
        self._challenges = 0
        self._period_began = -CHALLENGE_PERIOD

    def data_arrived(self, now: float, *, at_once: bool) -> None:
        """A segment was taken: every second is acknowledged without delay (RFC 9293 section 3.8.6.3)."""
        self._segments += 1
        if at_once or self._segments > 1:
            self.wanted = True
        elif self.deadline is None:
            self.deadline = now + self._delay

    def challenge(self, now: float) -> None:
        """Say what we wait for, in answer to a segment that does not fit; within limits."""
        if now - self._period_began >= CHALLENGE_PERIOD:
            self._challenges, self._period_began = 0, now
        if self._challenges < CHALLENGES:
            self._challenges += 1
            self.wanted = True

    def handle_timer(self, now: float) -> None:
        """The delay may be over."""
        self.wanted = self.wanted or (self.deadline is not None and now >= self.deadline)

    def sent(self) -> None:
        """An acknowledgement has gone out."""
        self.wanted, self.deadline, self._segments = False, None, 0
