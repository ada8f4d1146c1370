"""What key servers and group members report."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.engines.common import Endpoint, Event, Refusal
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.vendor import Version
from iosemu.engines.keylog import KeyRecord
from iosemu.wire.gdoi.profile import RFC6407, Profile
from iosemu.wire.isakmp import Payload


@dataclass(frozen=True, slots=True)
class GroupEvent(Event):
    """An event of one group."""

    group: str


@dataclass(frozen=True, slots=True)
class KeyInstalled(GroupEvent):
    """A KEK or TEK was made or downloaded."""

    record: KeyRecord


@dataclass(frozen=True, slots=True)
class MemberRegistered(GroupEvent):
    """Key server: a member holds policy and keys."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class UnknownIdentity(GroupEvent):
    """Key server: a peer asked for a group that is not served; `group` may be empty."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class MemberUnauthorized(GroupEvent):
    """Key server: the member's address is not on the authorization list."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class IdentityUnauthorized(GroupEvent):
    """Key server: the member's phase 1 identity is not on the list; `identity` is what it said, or what is wrong."""

    member: IPv4Address
    identity: str


@dataclass(frozen=True, slots=True)
class MemberTooOld(GroupEvent):
    """Key server: the policy needs a newer version than the member's."""

    member: IPv4Address
    version: Version
    needed: Version


@dataclass(frozen=True, slots=True)
class WrongInterface(GroupEvent):
    """Key server: a registration came in where this group takes none."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class GroupCleared(GroupEvent):
    """Key server: keys and members are forgotten."""


@dataclass(frozen=True, slots=True)
class RegistrationBlocked(GroupEvent):
    """Key server: no member may register until it is known which keys are in force."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class NoSenderIds(GroupEvent):
    """Key server: the policy is one of counter modes, and there is no sender ID that is this key server's to give."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class PullRefused(GroupEvent, Refusal):
    """A message of GROUPKEY-PULL was dropped; the group is empty where it does not say for which it is."""

    cause: ClassVar[str] = "registration message without a good HASH"
    peer: Endpoint
    local: Endpoint
    reason: str


@dataclass(frozen=True, slots=True)
class RekeySent(GroupEvent):
    """Key server: a push went out to all members, to `multicast` where that is not None."""

    source: IPv4Address
    sequence: int
    replace: bool
    multicast: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class MemberEjected(GroupEvent):
    """Key server: three rekeys in a row were not acknowledged."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class MemberExcluded(GroupEvent):
    """Key server: the next KEK is not for this member."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class LastMemberLeft(GroupEvent):
    """Key server: nobody is left."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class UnsolicitedAcknowledgement(GroupEvent, Refusal):
    """Key server: an acknowledgement from nobody, or of nothing."""

    cause: ClassVar[str] = "acknowledgement of no rekey"
    source: IPv4Address


@dataclass(frozen=True, slots=True)
class AcknowledgementIgnored(GroupEvent):
    """Key server: an acknowledgement from a member that was ejected and has not registered again."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class HierarchyBegun(GroupEvent):
    """Key server: the KEK is the root of a hierarchy of keys from now on."""


@dataclass(frozen=True, slots=True)
class SigningKeyMissing(GroupEvent):
    """Key server: no key to sign with, no rekey. `algorithm` is "RSA" or "EC"."""

    label: str
    algorithm: str = "RSA"


@dataclass(frozen=True, slots=True)
class AcknowledgementTaken(GroupEvent):
    """Key server: a member has acknowledged a rekey."""

    member: IPv4Address
    sequence: int


@dataclass(frozen=True, slots=True)
class MessageSeen(GroupEvent):
    """Either side: a genuine message of a registration, or of a rekey, came from a peer or was made for it.

    The payloads hold keys: `contents.describe` says what may be told of them.
    """

    sent: bool
    push: bool
    peer: IPv4Address
    payloads: tuple[Payload, ...] = field(repr=False)
    profile: Profile = RFC6407


@dataclass(frozen=True, slots=True)
class Phase1Needed(GroupEvent):
    """Member: registration needs a phase 1 SA."""

    local: Endpoint
    remote: Endpoint


@dataclass(frozen=True, slots=True)
class RegistrationStarted(GroupEvent):
    """Member: a server is tried."""

    server: IPv4Address
    member: IPv4Address
    again: bool


@dataclass(frozen=True, slots=True)
class RegistrationComplete(GroupEvent):
    """Member: policy and keys are installed."""

    server: IPv4Address
    member: IPv4Address


@dataclass(frozen=True, slots=True)
class ServerSilent(GroupEvent):
    """Member: nobody answered under this phase 1 SA, so the other side may have forgotten it: delete it."""

    sa: IsakmpSa


@dataclass(frozen=True, slots=True)
class SentAway(GroupEvent):
    """Member: the key server deleted the rekey SA, and the TEKs too when `immediately`; `pause` is in seconds.

    With `authenticate` it must be convinced anew of who this member is: phase 1 SAs with it are of no use any more.
    """

    server: IPv4Address
    immediately: bool
    pause: float
    authenticate: bool = False


@dataclass(frozen=True, slots=True)
class PolicyRejected(GroupEvent):
    """Member: the policy asks for something that this member cannot do."""

    server: IPv4Address
    member: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class RekeyReceived(GroupEvent):
    """Member: a push was accepted; `member` is its address, or that of the group."""

    server: IPv4Address
    member: IPv4Address
    sequence: int


@dataclass(frozen=True, slots=True)
class AcknowledgementSent(GroupEvent):
    """Member: a push was acknowledged."""

    server: IPv4Address
    sequence: int


@dataclass(frozen=True, slots=True)
class RekeyOutOfSequence(GroupEvent, Refusal):
    """Member: an old push."""

    cause: ClassVar[str] = "rekey out of sequence"
    sequence: int
    last: int


@dataclass(frozen=True, slots=True)
class RekeyRefused(GroupEvent, Refusal):
    """Member: a push that does not decrypt, parse or verify."""

    cause: ClassVar[str] = "rekey that does not verify"
    server: IPv4Address
    member: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class RekeyTooOld(GroupEvent, Refusal):
    """Member: a push whose pseudotime lies further back than it can have been on its way. Times are in seconds."""

    cause: ClassVar[str] = "rekey of a pseudotime long past"
    mine: float
    peer: float
    allowed: float


@dataclass(frozen=True, slots=True)
class PseudotimeAdjusted(GroupEvent):
    """Member: the key server's pseudotime was far from this member's, which follows. Times are in seconds."""

    mine: float
    peer: float


@dataclass(frozen=True, slots=True)
class KekUpdated(GroupEvent):
    """Member: a new KEK is in use."""


@dataclass(frozen=True, slots=True)
class TekUpdated(GroupEvent):
    """Member: a new TEK is in use."""


@dataclass(frozen=True, slots=True)
class PolicyChanged(GroupEvent):
    """Member: access list or data SAs differ from before."""


@dataclass(frozen=True, slots=True)
class DirectionChanged(GroupEvent):
    """Member: the key server made the data SAs receive-only, or ended that."""

    server: IPv4Address
    receive_only: bool


@dataclass(frozen=True, slots=True)
class RegistrationExpiring(GroupEvent):
    """Member: no rekey came in time, registration begins again."""


@dataclass(frozen=True, slots=True)
class RekeyMissed(GroupEvent):
    """Member: the time is over in which a rekey should have come."""

    server: IPv4Address


@dataclass(frozen=True, slots=True)
class SignatureKeyDropped(GroupEvent):
    """Member: a download had a key to check signatures with, and no rekey SA for it."""


@dataclass(frozen=True, slots=True)
class TransportChanged(GroupEvent):
    """Member: rekeys come to a group's address from now on, or no longer."""

    multicast: bool


@dataclass(frozen=True, slots=True)
class AclMerged(GroupEvent):
    """Member: the key server's list stands behind the member's own."""


@dataclass(frozen=True, slots=True)
class MemberLeft(GroupEvent):
    """Member: the group was left."""
