"""Phase 1 exchanges under way, and those just over: duplicates, retransmissions, and an end for each."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.engines.common import Datagram
from iosemu.engines.ike.aggressive_mode import AggressiveMode
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.main_mode import MainMode
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.states import State

# A duplicate of the last message is answered from the cache for this long after phase 1 ended (seconds).
CACHE_LIFETIME = 60.0


@dataclass(slots=True)
class Negotiation:
    """One exchange and what its retransmissions need. `held` waits for the verdict on a certificate."""

    exchange: MainMode | AggressiveMode
    ends_at: float
    sent: bytes = b""
    received: bytes = b""
    attempts: int = 0
    resend_at: float | None = None
    held: Datagram | None = None

    @property
    def sa(self) -> IsakmpSa:
        """The SA that the exchange makes."""
        return self.exchange.sa

    @property
    def deadline(self) -> float:
        """When something is due."""
        return self.ends_at if self.resend_at is None else min(self.resend_at, self.ends_at)

    def replied(self, message: bytes | None, config: IkeConfig, now: float) -> None:
        """A message was accepted; `message` is the answer. Until the exchange is over each end repeats its own: a
        responder on IOS does so too, at the same pace, which is how scanners know it."""
        self.sent = message or b""
        self.attempts = 0
        if self.sa.established:
            self.resend_at, self.ends_at = None, now + CACHE_LIFETIME
        else:
            self.resend_at = now + config.retransmit_interval

    def resend(self, config: IkeConfig, now: float) -> bytes | None:
        """The message to send again; None when the exchange has failed."""
        if self.ends_at <= now or self.attempts >= config.retransmit_attempts:
            return None
        self.attempts += 1
        self.resend_at = now + config.retransmit_interval
        return self.sent


class Negotiations:
    """All negotiations, by connection ID. Strangers can fill the table of those under way: the oldest of theirs gives
    way. Those that are over answer duplicates for a while, and are as many as there are new SAs."""

    def __init__(self) -> None:
        self._open: dict[int, Negotiation] = {}
        self._over: dict[int, Negotiation] = {}

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._open)

    def add(self, negotiation: Negotiation) -> None:
        """Take a new one."""
        self._open[negotiation.sa.connection_id] = negotiation

    def conclude(self, negotiation: Negotiation) -> None:
        """Its SA is established."""
        number = negotiation.sa.connection_id
        self._over[number] = self._open.pop(number)

    def of(self, sa: IsakmpSa) -> Negotiation | None:
        """The negotiation of an SA."""
        return self._open.get(sa.connection_id) or self._over.get(sa.connection_id)

    def remove(self, sa: IsakmpSa) -> None:
        """Forget the negotiation of an SA."""
        self._open.pop(sa.connection_id, None)
        self._over.pop(sa.connection_id, None)

    def held(self) -> list[Negotiation]:
        """Those that wait for a verdict."""
        return [negotiation for negotiation in self._open.values() if negotiation.held is not None]

    def oldest_stranger(self) -> IsakmpSa | None:
        """The SA whose peer sent a first message longest ago, and nothing since: most likely it never will."""
        for negotiation in self._open.values():
            sa = negotiation.sa
            if not sa.initiator and sa.state in (State.MM_SA_SETUP, State.AG_INIT_EXCH):
                return sa
        return None
