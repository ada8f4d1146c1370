"""What a connection is given when it begins."""

from __future__ import annotations

from dataclasses import dataclass

# RFC 9293 section 3.7.1: what a peer that names no maximum segment size takes.
DEFAULT_MSS = 536
# Nobody has a use for smaller segments; a peer that asks for them would make us send mostly headers.
SMALLEST_MSS = 64
LARGEST_WINDOW = 65535
# RFC 7323 section 2.3.
LARGEST_SCALE = 14


@dataclass(frozen=True, slots=True)
class TcpConfig:
    """Sizes are in octets, times in seconds.

    `mss` is what we can take and send, `receive_buffer` the largest window that we offer, `send_buffer` what may be
    written before it is acknowledged. A handshake ends after `handshake_limit`, a connection whose data stay
    unacknowledged after `silence_limit`. `half_closed_limit` is how long a peer that has not closed may say nothing
    once we have; `segment_lifetime` is the MSL.
    """

    mss: int = 1460
    receive_buffer: int = LARGEST_WINDOW
    send_buffer: int = 65536
    handshake_limit: float = 30.0
    silence_limit: float = 180.0
    half_closed_limit: float = 600.0
    segment_lifetime: float = 30.0
    acknowledgement_delay: float = 0.2
