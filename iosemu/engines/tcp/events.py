"""What a connection tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.engines.common import Event


class Failure(Enum):
    """Why a connection ended before both sides had closed it."""

    REFUSED = "refused by remote host"
    RESET = "reset by remote host"
    TIMED_OUT = "timed out"
    UNREACHABLE = "destination unreachable"
    ABORTED = "aborted"


class Refusal(Enum):
    """Why a segment was not taken."""

    OUT_OF_WINDOW = "outside of the window"
    CHALLENGED_RESET = "RST that does not hit the window's edge"
    CHALLENGED_SYN = "SYN on a synchronized connection"
    NO_ACK = "no acknowledgement"
    BAD_ACK = "acknowledges what was not sent"
    UNEXPECTED = "not what a handshake has here"


@dataclass(frozen=True, slots=True)
class Established(Event):
    """The handshake is complete."""


@dataclass(frozen=True, slots=True)
class DataArrived(Event):
    """There is something to read."""


@dataclass(frozen=True, slots=True)
class RoomToWrite(Event):
    """A write that was cut short may go on."""


@dataclass(frozen=True, slots=True)
class PeerClosed(Event):
    """The peer sends nothing more; what it sent has arrived."""


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """Both sides have closed, and all was acknowledged."""


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The connection is gone."""

    reason: Failure


@dataclass(frozen=True, slots=True)
class SegmentRefused(Event):
    """A segment was dropped; at most an acknowledgement answers it."""

    reason: Refusal
