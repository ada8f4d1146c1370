"""What the IPsec engine reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Endpoint, Event
from iosemu.engines.keylog import TekKeys

if TYPE_CHECKING:
    from iosemu.engines.ipsec.sa import SaPair


class Refusal(Enum):
    """Why a message or a negotiation was refused."""

    MALFORMED = "message is malformed"
    BAD_HASH = "hash is wrong"
    UNEXPECTED = "message does not fit the state"
    NO_PROPOSAL = "no offered transform set matches"
    IDENTITIES = "no crypto map entry is for these identities"
    ANSWER = "the peer's answer is not acceptable"
    TOO_MANY = "too many exchanges are open"
    MESSAGE_ID = "message ID was used before"
    TIMEOUT = "peer does not answer"
    NOTIFIED = "the peer refused"
    PHASE1 = "phase 1 failed"


class Removal(Enum):
    """Why SAs went away."""

    EXPIRED = "lifetime is over"
    VOLUME = "volume is used up"
    IDLE = "no traffic"
    REPLACED = "newer SAs are in use"
    BY_PEER = "deleted by the peer"
    PEER_DEAD = "peer is dead"
    CLEARED = "cleared"
    POLICY = "the crypto map changed"
    UNCONFIRMED = "the peer never confirmed them"


@dataclass(frozen=True, slots=True)
class Phase1Needed(Event):
    """A negotiation waits for a phase 1 SA between two addresses."""

    local: IPv4Address
    remote: IPv4Address


@dataclass(frozen=True, slots=True)
class ExchangeBegun(Event):
    """Quick mode begins, as initiator or as responder."""

    remote: Endpoint
    message_id: int
    initiator: bool


@dataclass(frozen=True, slots=True)
class ExchangeRefused(Event):
    """A quick mode message was dropped. `flow` is what the peer asked for, where that much could be read."""

    remote: Endpoint
    refusal: Refusal
    detail: str = ""
    local: IPv4Address | None = None
    flow: AclEntry | None = None


@dataclass(frozen=True, slots=True)
class NegotiationFailed(Event):
    """A negotiation that we began has ended without SAs."""

    remote: IPv4Address
    refusal: Refusal
    flow: AclEntry


@dataclass(frozen=True, slots=True)
class SaInstalled(Event):
    """A pair of SAs is there. `keys` are those of both directions, for a key log."""

    pair: SaPair
    keys: tuple[TekKeys, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SaConfirmed(Event):
    """Both sides use the pair now; `first` tells that it is the only one with the peer."""

    pair: SaPair
    first: bool


@dataclass(frozen=True, slots=True)
class PeerSilent(Event):
    """We send, and nothing has come back for a while: the peer may be dead."""

    pair: SaPair


@dataclass(frozen=True, slots=True)
class SaRemoved(Event):
    """A pair of SAs is gone; `last` tells that none is left with the peer."""

    pair: SaPair
    removal: Removal
    last: bool
