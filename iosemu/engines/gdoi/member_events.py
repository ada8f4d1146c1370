"""What group members report."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.engines.common import Endpoint, Refusal
from iosemu.engines.gdoi.events import GroupEvent
from iosemu.engines.ike.sa import IsakmpSa


@dataclass(frozen=True, slots=True)
class Phase1Needed(GroupEvent):
    """Registration needs a phase 1 SA."""

    local: Endpoint
    remote: Endpoint


@dataclass(frozen=True, slots=True)
class RegistrationStarted(GroupEvent):
    """A server is tried."""

    server: IPv4Address
    member: IPv4Address
    again: bool


@dataclass(frozen=True, slots=True)
class RegistrationComplete(GroupEvent):
    """Policy and keys are installed."""

    server: IPv4Address
    member: IPv4Address


@dataclass(frozen=True, slots=True)
class ServerSilent(GroupEvent):
    """Nobody answered under this phase 1 SA, so the other side may have forgotten it: delete it."""

    sa: IsakmpSa


@dataclass(frozen=True, slots=True)
class SentAway(GroupEvent):
    """The key server deleted the rekey SA, and the TEKs too when `immediately`; `pause` is in seconds.

    With `authenticate` it must be convinced anew of who this member is: phase 1 SAs with it are of no use any more.
    """

    server: IPv4Address
    immediately: bool
    pause: float
    authenticate: bool = False


@dataclass(frozen=True, slots=True)
class PolicyRejected(GroupEvent):
    """The policy asks for something that this member cannot do."""

    server: IPv4Address
    member: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class RekeyReceived(GroupEvent):
    """A push was accepted; `member` is its address, or that of the group."""

    server: IPv4Address
    member: IPv4Address
    sequence: int


@dataclass(frozen=True, slots=True)
class AcknowledgementSent(GroupEvent):
    """A push was acknowledged."""

    server: IPv4Address
    sequence: int


@dataclass(frozen=True, slots=True)
class RekeyOutOfSequence(GroupEvent, Refusal):
    """An old push."""

    cause: ClassVar[str] = "rekey out of sequence"
    sequence: int
    last: int


@dataclass(frozen=True, slots=True)
class RekeyRefused(GroupEvent, Refusal):
    """A push that does not decrypt, parse or verify."""

    cause: ClassVar[str] = "rekey that does not verify"
    server: IPv4Address
    member: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class RekeyTooOld(GroupEvent, Refusal):
    """A push whose pseudotime lies further back than it can have been on its way. Times are in seconds."""

    cause: ClassVar[str] = "rekey of a pseudotime long past"
    mine: float
    peer: float
    allowed: float


@dataclass(frozen=True, slots=True)
class PseudotimeAdjusted(GroupEvent):
    """The key server's pseudotime was far from this member's, which follows. Times are in seconds."""

    mine: float
    peer: float


@dataclass(frozen=True, slots=True)
class KekUpdated(GroupEvent):
    """A new KEK is in use."""


@dataclass(frozen=True, slots=True)
class TekUpdated(GroupEvent):
    """A new TEK is in use."""


@dataclass(frozen=True, slots=True)
class PolicyChanged(GroupEvent):
    """Access list or data SAs differ from before."""


@dataclass(frozen=True, slots=True)
class DirectionChanged(GroupEvent):
    """The key server made the data SAs receive-only, or ended that."""

    server: IPv4Address
    receive_only: bool


@dataclass(frozen=True, slots=True)
class RegistrationExpiring(GroupEvent):
    """No rekey came in time, registration begins again."""


@dataclass(frozen=True, slots=True)
class RekeyMissed(GroupEvent):
    """The time is over in which a rekey should have come."""

    server: IPv4Address


@dataclass(frozen=True, slots=True)
class SignatureKeyDropped(GroupEvent):
    """A download had a key to check signatures with, and no rekey SA for it."""


@dataclass(frozen=True, slots=True)
class TransportChanged(GroupEvent):
    """Rekeys come to a group's address from now on, or no longer."""

    multicast: bool


@dataclass(frozen=True, slots=True)
class AclMerged(GroupEvent):
    """The key server's list stands behind the member's own."""


@dataclass(frozen=True, slots=True)
class MemberLeft(GroupEvent):
    """The group was left."""
