"""A path between two phase 1 speakers, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from random import Random
from typing import Any

from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.ike.events import MessageRefused, Phase1Established, Reason
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.engines.ike.peers import Strangers
from iosemu.engines.ike.sa import IsakmpSa
from tests.engines.ike.directories import SharedKey

A = Endpoint(IPv4Address("192.0.2.1"), 848)
B = Endpoint(IPv4Address("192.0.2.2"), 848)
STRONG = IkePolicy(10, "aes", 256, "sha256", 1, 14, 1200)


def engine(
    *policies: IkePolicy,
    psk: bytes | None = b"secret",
    seed: int = 1,
    directory: Strangers | None = None,
    keepalive: Keepalive | None = None,
    **settings: Any,
) -> IkeEngine:
    """A speaker; further settings are those of IkeConfig."""
    peers = directory or SharedKey(psk, keepalive)
    return IkeEngine(IkeConfig(policies or (STRONG,), peers, **settings), Random(seed).randbytes)


class Path:
    """Carries datagrams between two speakers; `loss` and `copies` spoil it, `translate` may change a datagram on its
    way, or stop it with None."""

    def __init__(self, a: IkeEngine, b: IkeEngine, *, loss: float = 0.0, copies: int = 1, seed: int = 1) -> None:
        self.engines = {A: a, B: b}
        self.loss, self.copies, self.random = loss, copies, Random(seed)
        self.translate: Callable[[Datagram], Datagram | None] = lambda datagram: datagram
        self.now = 0.0
        self.events: dict[Endpoint, list[Event]] = {A: [], B: []}
        self.carried: list[Datagram] = []

    def run(self, until: float = 200.0) -> None:
        """Let time pass."""
        self.settle()
        while True:
            due = earliest(*(item.next_timer() for item in self.engines.values()))
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            for item in self.engines.values():
                item.handle_timer(self.now)
            self.settle()
        self.now = until

    def settle(self) -> None:
        """Carry what there is until all is quiet."""
        moved = True
        while moved:
            moved = False
            for end, item in self.engines.items():
                self.events[end] += item.take_events()
                for datagram in item.take_datagrams():
                    moved = True
                    self.carried.append(datagram)
                    translated = self.translate(datagram)
                    if translated is not None and self.random.random() >= self.loss:
                        self._deliver(translated)

    def _deliver(self, datagram: Datagram) -> None:
        for end, item in self.engines.items():
            if end.address == datagram.destination.address:
                for _ in range(self.copies):
                    item.receive(datagram, self.now)

    def established(self, end: Endpoint) -> list[IsakmpSa]:
        """The SAs that came up at an end."""
        return [event.sa for event in self.events[end] if isinstance(event, Phase1Established)]

    def refusals(self, end: Endpoint) -> list[Reason]:
        """Why messages were refused at an end."""
        return [event.reason for event in self.events[end] if isinstance(event, MessageRefused)]


def meet(
    a: IkeEngine, b: IkeEngine, *, until: float = 200.0, loss: float = 0.0, copies: int = 1, seed: int = 1
) -> Path:
    """A initiates phase 1 with B."""
    path = Path(a, b, loss=loss, copies=copies, seed=seed)
    a.initiate(A, B, 0.0)
    path.run(until)
    return path
