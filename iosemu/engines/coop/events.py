"""What cooperative key servers report."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.gdoi.events import GroupEvent


@dataclass(frozen=True, slots=True)
class PeerAdded(GroupEvent):
    """A key server was configured as a peer."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class PeerRemoved(GroupEvent):
    """A key server is no peer any more."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class ElectionStarted(GroupEvent):
    """A primary is sought; `previous` is the last one that was known."""

    previous: IPv4Address | None


@dataclass(frozen=True, slots=True)
class PrimaryChanged(GroupEvent):
    """A key server is primary from now on, this one or a peer."""

    primary: IPv4Address
    previous: IPv4Address | None


@dataclass(frozen=True, slots=True)
class PeerReachable(GroupEvent):
    """A peer that was lost is back."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class PeerUnreachable(GroupEvent):
    """A peer is lost; `contact` is what became of its phase 1 SA."""

    peer: IPv4Address
    contact: str


@dataclass(frozen=True, slots=True)
class PeerUnauthorized(GroupEvent):
    """A key server that is no peer speaks to this one."""

    peer: IPv4Address
    local: IPv4Address


@dataclass(frozen=True, slots=True)
class ContactNeeded(GroupEvent):
    """A phase 1 SA with a peer is wanted."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class ConfigMismatch(GroupEvent):
    """The primary's configuration differs from this one's in `what`."""

    primary: IPv4Address
    what: str


@dataclass(frozen=True, slots=True)
class ReplayMismatch(GroupEvent):
    """Only one of primary and this key server checks replay by time."""

    primary: IPv4Address


@dataclass(frozen=True, slots=True)
class VersionMismatch(GroupEvent):
    """A peer speaks another version; with another `major` one, which may be `older`, it is not listened to."""

    peer: IPv4Address
    version: str
    major: bool
    older: bool = False


@dataclass(frozen=True, slots=True)
class ServerIdsOverlap(GroupEvent):
    """A peer has numbers for sender IDs (KSSIDs) that are this one's as well: neither may use them."""

    peer: IPv4Address
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnnouncementTooLarge(GroupEvent):
    """An announcement was not sent; `size` is in octets."""

    peer: IPv4Address
    size: int


@dataclass(frozen=True, slots=True)
class LimitReached(GroupEvent):
    """The table of members is larger than the form of the announcements allows."""

    peer: IPv4Address
    form: str


@dataclass(frozen=True, slots=True)
class PseudotimeBehind(GroupEvent):
    """The primary's pseudotime went back; its keys were not taken. Times are in seconds."""

    peer: IPv4Address
    mine: float
    theirs: float


@dataclass(frozen=True, slots=True)
class PseudotimeAhead(GroupEvent):
    """A peer's pseudotime is far ahead and was adopted. Times are in seconds."""

    peer: IPv4Address
    mine: float
    theirs: float


@dataclass(frozen=True, slots=True)
class PseudotimeIgnored(GroupEvent):
    """A secondary's pseudotime is far ahead of this one's, which follows the primary's alone. Times are in seconds."""

    peer: IPv4Address
    mine: float
    theirs: float


@dataclass(frozen=True, slots=True)
class AnnouncementRefused(GroupEvent):
    """A message was dropped."""

    peer: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class AnnouncementSent(GroupEvent):
    """A message went out."""

    peer: IPv4Address
    kind: str
    sequence: int


@dataclass(frozen=True, slots=True)
class AnnouncementReceived(GroupEvent):
    """A message was taken."""

    peer: IPv4Address
    kind: str
    sequence: int


@dataclass(frozen=True, slots=True)
class KeysAdopted(GroupEvent):
    """The keys of the primary are in use here."""

    primary: IPv4Address
    generation: int


@dataclass(frozen=True, slots=True)
class KeysUnited(GroupEvent):
    """The keys of another part of the group were taken in."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class MembersSentAway(GroupEvent):
    """This part of the group gives up its keys: the sender IDs of its members are not known to the primary."""

    primary: IPv4Address
