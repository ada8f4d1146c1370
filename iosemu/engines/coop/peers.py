"""What a key server knows of each of its peers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.engines.gdoi.number_pool import Stay
from iosemu.engines.ike.vendor import Version
from iosemu.wire.coop import CoopMessage, CoopRole
from iosemu.wire.coop_ids import ServerIds
from iosemu.wire.coop_members import DatabaseForm

Rank = tuple[int, IPv4Address]


class Status(Enum):
    """Whether a peer is there; the value is what shows print."""

    UNKNOWN = "Unknown"
    ALIVE = "Alive"
    DEAD = "Dead"


class Contact(Enum):
    """The phase 1 SA with a peer; the value is what shows print."""

    NONE = "Unknown"
    IN_PROGRESS = "In Progress"
    ESTABLISHED = "Established"
    FAILED = "Failed"


@dataclass(slots=True)
class Counters:
    """Messages and octets since the counters were cleared."""

    sent: int = 0
    sent_with_request: int = 0
    received: int = 0
    received_with_request: int = 0
    sent_drops: int = 0
    received_drops: int = 0
    octets_sent: int = 0
    octets_received: int = 0


@dataclass(slots=True)
class Peer:
    """Another key server of the group.

    `incarnation` and `sequence` are of the last message that was taken. `acknowledged` is the version of our table of
    members that the peer has, `shared` the part of that which we know because it told us the same, `seen` the version
    of its table that we have. `keys` is the mark of the keys it holds.
    `unanswered` counts questions since it was heard last, `wanted_at` is when a phase 1 SA was asked for, `paged` the
    version up to which pages of a large table were acknowledged when the last one went out.
    """

    address: IPv4Address
    priority: int = 0
    role: CoopRole = CoopRole.UNKNOWN
    status: Status = Status.UNKNOWN
    contact: Contact = Contact.NONE
    version: Version | None = None
    coop_version: Version | None = None
    form: DatabaseForm = DatabaseForm.BASE
    incarnation: int | None = None
    sequence: int = 0
    heard_at: float | None = None
    wanted_at: float = 0.0
    acknowledged: int = 0
    shared: int = 0
    seen: int = 0
    paged: int = 0
    keys: tuple[int, int, int] = (0, 0, 0)
    server_ids: ServerIds | None = None
    unanswered: int = 0
    counters: Counters = field(default_factory=Counters)

    def accepts(self, message: CoopMessage) -> bool:
        """Whether a message is newer than all that came before."""
        return message.incarnation != self.incarnation or message.sequence > self.sequence

    def heard(self, message: CoopMessage, incarnation: int, version: int, now: float) -> None:
        """Take down what a message says of its sender; `incarnation` is ours, `version` that of our table."""
        if message.incarnation != self.incarnation:
            self.incarnation, self.acknowledged, self.shared, self.seen, self.paged = message.incarnation, 0, 0, 0, 0
        self.sequence, self.heard_at, self.unanswered = message.sequence, now, 0
        self.priority, self.role = message.priority, message.role
        self.version, self.coop_version = message.server_version, message.coop_version
        self.server_ids = message.server_ids
        if message.keys is not None:
            self.keys = message.keys.mark
        if message.database is not None:
            self.form = message.database.form
            known = message.database.known_version
            ours = message.database.known_incarnation == incarnation and known <= version
            self.acknowledged = max(self.shared, known if ours else 0)

    @property
    def series(self) -> int:
        """The series of sender IDs that goes with its keys; 0 without any."""
        return self.keys[2]

    @property
    def stay(self) -> Stay | None:
        """Its life, and how many series it has left in it; None while that is not known."""
        if self.incarnation is None or self.server_ids is None:
            return None
        return self.incarnation, self.server_ids.left

    @property
    def rank(self) -> Rank:
        """What decides an election."""
        return self.priority, self.address
