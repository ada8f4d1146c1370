"""A key server of the simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.server import CoopServer
from iosemu.engines.gdoi.sender_ids import SenderIds
from tests.engines.coop.light import SID_BITS, LightKeys


@dataclass
class Node:
    """Its clock runs at `rate` and began at `offset`."""

    number: int
    config: CoopConfig
    offset: float
    rate: float
    server: CoopServer
    keys: LightKeys
    alive: bool = True
    paused: bool = False
    boots: int = 1
    timer: float | None = None
    backlog: list[Callable[[], None]] = field(default_factory=list)
    sequences: dict[int, int] = field(default_factory=dict)
    stable_since: float = 0.0

    def clock(self, now: float) -> float:
        """What its clock says."""
        return self.offset + now * self.rate

    def world(self, time: float) -> float:
        """When its clock will say that."""
        return (time - self.offset) / self.rate

    @property
    def serves(self) -> bool:
        """Whether a member could register."""
        there = self.alive and not self.paused and not self.server.blocked
        return there and bool(self.keys.teks) and self.keys.gives


def numbers_of(number: int, random: Random) -> tuple[int, ...]:
    """The numbers in sender IDs of a key server: sometimes one restart is one too many."""
    return tuple(range(16 * number, 16 * number + random.choice((2, 4, 16))))


def sender_ids(numbers: tuple[int, ...] | None) -> SenderIds | None:
    """Those of a key server that has just been started."""
    if numbers is None:
        return None
    ids = SenderIds(SID_BITS, numbers)
    ids.share(True)
    return ids
