"""What a phase 1 speaker reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.engines.common import Datagram, Endpoint, Event
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.states import Step
from iosemu.wire.isakmp import Header
from iosemu.wire.isakmp_payloads import Delete, Notification


class Reason(Enum):
    """Why a message or a negotiation was refused."""

    MALFORMED = "message is malformed"
    BAD_DECRYPTION = "message does not decrypt; the pre-shared keys may differ"
    UNKNOWN_SA = "message belongs to no SA"
    NO_PROPOSAL = "no offered policy matches"
    NO_PSK = "no pre-shared key for the peer"
    NO_CERTIFICATE = "no certificate of our own for the method"
    CERTIFICATE = "certificate is refused"
    BAD_SIGNATURE = "signature is wrong"
    IDENTITY = "identity is refused"
    AGGRESSIVE_MODE = "aggressive mode is disabled"
    BAD_HASH = "hash is wrong"
    UNEXPECTED = "message does not fit the state"
    BAD_PUBLIC_VALUE = "public value is refused"
    TOO_MANY = "too many negotiations are open"
    TIMEOUT = "peer does not answer"
    EXCHANGE = "exchange type is not served"


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """A message was dropped; `exchange` is its type where the header could be read."""

    reason: Reason
    source: Endpoint
    detail: str = ""
    exchange: int = 0


@dataclass(frozen=True, slots=True)
class StateChanged(Event):
    """A phase 1 exchange began (`step` of None) or moved on by a step."""

    sa: IsakmpSa
    step: Step | None


@dataclass(frozen=True, slots=True)
class Phase1Established(Event):
    """Main or aggressive mode is complete."""

    sa: IsakmpSa


@dataclass(frozen=True, slots=True)
class Phase1Failed(Event):
    """A negotiation that we began has ended without an SA."""

    local: Endpoint
    remote: Endpoint
    reason: Reason


@dataclass(frozen=True, slots=True)
class SaDeleted(Event):
    """An established SA is gone: expired, cleared, or deleted by the peer."""

    sa: IsakmpSa
    by_peer: bool


@dataclass(frozen=True, slots=True)
class PeerDead(Event):
    """A peer answered none of our questions; its SAs are gone."""

    sa: IsakmpSa


@dataclass(frozen=True, slots=True)
class PeerRestarted(Event):
    """INITIAL-CONTACT: the peer of this SA has forgotten all that it had before (RFC 2407 section 4.6.3.3)."""

    sa: IsakmpSa


@dataclass(frozen=True, slots=True)
class SpisDeleted(Event):
    """The peer no longer receives under some SAs of another protocol than ISAKMP."""

    sa: IsakmpSa
    delete: Delete


@dataclass(frozen=True, slots=True)
class ExchangeMessage(Event):
    """A message of a later exchange under an established SA; it is not decrypted yet."""

    sa: IsakmpSa
    header: Header
    datagram: Datagram


@dataclass(frozen=True, slots=True)
class NotifyReceived(Event):
    """A notification; one that came in clear is only a hint."""

    remote: Endpoint
    notification: Notification
    authentic: bool
    sa: IsakmpSa | None = None
