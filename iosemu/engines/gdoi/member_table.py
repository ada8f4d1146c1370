"""The key server's table of members and the state of the rekey under way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.vendor import Version

EJECT_AFTER = 3
SHOWN_SEQUENCE_NUMBERS = 4


def _history() -> deque[int]:
    return deque([0] * SHOWN_SEQUENCE_NUMBERS, SHOWN_SEQUENCE_NUMBERS)


@dataclass(slots=True)
class Member:
    """One registered member; `version` is None for a foreign implementation. Newest sequence numbers come first."""

    address: IPv4Address
    local: Endpoint
    remote: Endpoint
    version: Version | None
    registered_at: float
    sids: tuple[int, ...] = ()
    rekeys_sent: int = 0
    retries: int = 0
    acks_received: int = 0
    acks_missed: int = 0
    missed_in_a_row: int = 0
    sent: deque[int] = field(default_factory=_history)
    received: deque[int] = field(default_factory=_history)


@dataclass(slots=True)
class RekeyRound:
    """One push on its way to the members; retransmissions are the same octets.

    `messages` has the form for members that know our private payloads under True, the plain one under False.
    """

    messages: dict[bool, bytes]
    sequence: int
    spi: bytes
    started_at: float
    attempts_left: int
    next_at: float
    pending: set[IPv4Address]
    silent: set[IPv4Address]
    retransmits: int = 0

    def forget(self, address: IPv4Address) -> None:
        """Expect nothing from a member any more."""
        self.pending.discard(address)
        self.silent.discard(address)
