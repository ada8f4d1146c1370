"""The key server's table of members."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.vendor import Version

SHOWN_SEQUENCE_NUMBERS = 4


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
    sent: tuple[int, ...] = (0,) * SHOWN_SEQUENCE_NUMBERS
    received: tuple[int, ...] = (0,) * SHOWN_SEQUENCE_NUMBERS

    @property
    def acknowledges(self) -> bool:
        """A foreign member is only expected to acknowledge once it has shown that it does (RFC 8263 section 3)."""
        return self.version is not None or self.acks_received > 0

    def take_history(self, known: Member) -> None:
        """Go on counting where the same member's earlier registration ended."""
        for name in ("rekeys_sent", "retries", "acks_received", "acks_missed", "sent", "received"):
            setattr(self, name, getattr(known, name))
