"""The retransmission timeout (RFC 6298)."""

from __future__ import annotations

INITIAL, MINIMUM, MAXIMUM = 1.0, 1.0, 60.0
# RFC 6298 section 5.7: where the SYN had to be sent again.
AFTER_LOST_SYN = 3.0
GRANULARITY = 0.001


class RetransmissionTimeout:
    """How long an acknowledgement is waited for. `seconds` is the timeout in force, doubled for each timer that expired
    since the last measurement."""

    def __init__(self) -> None:
        self._smoothed: float | None = None
        self._variation = 0.0
        self._base = INITIAL
        self._backoff = 0

    @property
    def seconds(self) -> float:
        """How long to wait for an acknowledgement."""
        return min(self._base * 2.0**self._backoff, MAXIMUM)

    def measured(self, sample: float) -> None:
        """A round trip of a segment that was sent once (Karn) took this long."""
        if self._smoothed is None:
            self._smoothed, self._variation = sample, sample / 2
        else:
            self._variation = 0.75 * self._variation + 0.25 * abs(self._smoothed - sample)
            self._smoothed = 0.875 * self._smoothed + 0.125 * sample
        self._base = max(MINIMUM, self._smoothed + max(GRANULARITY, 4 * self._variation))
        self._backoff = 0

    def back_off(self) -> None:
        """A timer expired."""
        self._backoff = min(self._backoff + 1, 6)

    def lost_syn(self) -> None:
        """The handshake took more than one SYN."""
        self._base = max(self._base, AFTER_LOST_SYN)
