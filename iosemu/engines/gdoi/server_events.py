"""What key servers report."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.engines.common import Refusal
from iosemu.engines.gdoi.events import GroupEvent
from iosemu.engines.ike.vendor import Version


@dataclass(frozen=True, slots=True)
class MemberRegistered(GroupEvent):
    """A member holds policy and keys."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class UnknownIdentity(GroupEvent):
    """A peer asked for a group that is not served; `group` may be empty."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class MemberUnauthorized(GroupEvent):
    """The member's address is not on the authorization list."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class IdentityUnauthorized(GroupEvent):
    """The member's phase 1 identity is not on the list; `identity` is what it said, or what is wrong."""

    member: IPv4Address
    identity: str


@dataclass(frozen=True, slots=True)
class MemberTooOld(GroupEvent):
    """The policy needs a newer version than the member's."""

    member: IPv4Address
    version: Version
    needed: Version


@dataclass(frozen=True, slots=True)
class WrongInterface(GroupEvent):
    """A registration came in where this group takes none."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class GroupCleared(GroupEvent):
    """Keys and members are forgotten."""


@dataclass(frozen=True, slots=True)
class RegistrationBlocked(GroupEvent):
    """No member may register until it is known which keys are in force."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class NoSenderIds(GroupEvent):
    """The policy is one of counter modes, and there is no sender ID that is this key server's to give."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class RekeySent(GroupEvent):
    """A push went out to all members, to `multicast` where that is not None."""

    source: IPv4Address
    sequence: int
    replace: bool
    multicast: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class MemberEjected(GroupEvent):
    """Three rekeys in a row were not acknowledged."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class MemberExcluded(GroupEvent):
    """The next KEK is not for this member."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class LastMemberLeft(GroupEvent):
    """Nobody is left."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class UnsolicitedAcknowledgement(GroupEvent, Refusal):
    """An acknowledgement from nobody, or of nothing."""

    cause: ClassVar[str] = "acknowledgement of no rekey"
    source: IPv4Address


@dataclass(frozen=True, slots=True)
class AcknowledgementIgnored(GroupEvent):
    """An acknowledgement from a member that was ejected and has not registered again."""

    member: IPv4Address


@dataclass(frozen=True, slots=True)
class HierarchyBegun(GroupEvent):
    """The KEK is the root of a hierarchy of keys from now on."""


@dataclass(frozen=True, slots=True)
class SigningKeyMissing(GroupEvent):
    """No key to sign with, no rekey. `algorithm` is "RSA" or "EC"."""

    label: str
    algorithm: str = "RSA"


@dataclass(frozen=True, slots=True)
class AcknowledgementTaken(GroupEvent):
    """A member has acknowledged a rekey."""

    member: IPv4Address
    sequence: int
