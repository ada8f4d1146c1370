"""Dead peer detection (RFC 3706)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.vendor import detects_dead_peers

# Questions without an answer after which a peer counts as dead.
ATTEMPTS = 5


@dataclass(slots=True)
class _Watch:
    """What we know of one peer's life; when it was heard last is kept in the SA. `wanted` says that something waits for
    the peer, which is when on-demand detection asks."""

    settings: Keepalive
    sequence: int
    attempts: int = 0
    asked_at: float = 0.0
    wanted: bool = False


class PeerWatch:
    """Whether the peers of established SAs live, by connection ID. An SA that nobody watches costs nothing."""

    def __init__(self, random: RandomBytes) -> None:
        self._random = random
        self._watches: dict[int, _Watch] = {}

    def begin(self, sa: IsakmpSa, settings: Keepalive | None) -> None:
        """Watch the peer of an SA, if that is configured and the peer answers questions."""
        if settings is not None and detects_dead_peers(sa.peer_vendor_ids):
            # RFC 3706 section 5.4: the first number is random, its top bit zero.
            first = int.from_bytes(self._random(4), "big") & 0x7FFFFFFF
            self._watches[sa.connection_id] = _Watch(settings, first)

    def end(self, sa: IsakmpSa) -> None:
        """Stop watching."""
        self._watches.pop(sa.connection_id, None)

    def deadline(self, sa: IsakmpSa) -> float | None:
        """When `ask` is due; None while there is no reason to ask."""
        watch = self._watches.get(sa.connection_id)
        if watch is None:
            return None
        if watch.attempts:
            return watch.asked_at + watch.settings.retry
        if watch.settings.periodic or watch.wanted:
            return sa.heard_at + watch.settings.interval
        return None

    def heard(self, sa: IsakmpSa) -> None:
        """Protected traffic came from the peer (RFC 3706 section 5.1)."""
        watch = self._watches.get(sa.connection_id)
        if watch is not None:
            watch.attempts, watch.wanted = 0, False

    def wanted(self, sa: IsakmpSa) -> None:
        """Something was sent to the peer."""
        watch = self._watches.get(sa.connection_id)
        if watch is not None:
            watch.wanted = True

    def ask(self, sa: IsakmpSa, now: float) -> bytes | None:
        """The data of the next R-U-THERE; None when the peer is dead. A question that goes unanswered is repeated with
        its number (RFC 3706 section 5.4)."""
        watch = self._watches[sa.connection_id]
        if watch.attempts >= ATTEMPTS:
            return None
        if not watch.attempts:
            watch.sequence = (watch.sequence + 1) & 0xFFFFFFFF
        watch.attempts += 1
        watch.asked_at = now
        return watch.sequence.to_bytes(4, "big")
