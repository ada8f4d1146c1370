"""What a data plane makes of a packet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.wire.ipv4 import TCP, UDP

# Protocol, source, source port, destination, destination port; ports are -1 where there are none.
Flow = tuple[int, int, int, int, int]


class Outcome(Enum):
    """What to do with a packet."""

    CLEAR = "forward as it is"
    PROTECTED = "forward the packet returned"
    DROPPED = "drop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`packets` is set for PROTECTED, `reason` for DROPPED, `connection_id` where an SA had a part in it."""

    outcome: Outcome
    packets: tuple[bytes, ...] = ()
    reason: str = ""
    connection_id: int = 1

    @property
    def packet(self) -> bytes:
        """The only packet, empty when there is none."""
        return self.packets[0] if self.packets else b""


CLEAR = Verdict(Outcome.CLEAR)
NOT_IPSEC = "clear packet where ESP is required"
NO_SA = "no SA for a packet that must be encrypted"
UNKNOWN_SPI = "unknown SPI"
WRONG_SELECTORS = "inner packet is outside the SA's selectors"
DUMMY = "dummy packet"
BAD_ICV = "mac verify failed"
REPLAYED = "replay check failed"
STALE = "time-based replay check failed"
NO_TIME = "pseudotime is not known"


def flow_of(packet: bytes) -> Flow:
    """Protocol, source, source port, destination, destination port; ports are -1 where there are none."""
    protocol = packet[9]
    source, destination = int.from_bytes(packet[12:16], "big"), int.from_bytes(packet[16:20], "big")
    offset = (packet[0] & 0x0F) * 4
    first_fragment = not (packet[6] & 0x1F or packet[7])
    if protocol in (TCP, UDP) and first_fragment and len(packet) >= offset + 4:
        ports = (
            int.from_bytes(packet[offset : offset + 2], "big"),
            int.from_bytes(packet[offset + 2 : offset + 4], "big"),
        )
    else:
        ports = -1, -1
    return protocol, source, ports[0], destination, ports[1]
