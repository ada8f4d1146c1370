"""Two connections and a wire between them that loses, doubles and reorders, in virtual time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint, Event, earliest
from iosemu.engines.tcp.config import TcpConfig
from iosemu.engines.tcp.connection import Connection
from iosemu.engines.tcp.events import DataArrived, PeerClosed, RoomToWrite
from iosemu.engines.tcp.states import State
from iosemu.wire.tcp import Segment

A, B = Endpoint(IPv4Address("10.0.0.1"), 40000), Endpoint(IPv4Address("10.0.0.2"), 80)
MAXIMUM_STEPS = 100_000


@dataclass(slots=True)
class Faults:
    """Probabilities, and seconds that a segment is on its way."""

    loss: float = 0.0
    doubling: float = 0.0
    delay: tuple[float, float] = (0.01, 0.01)
    drop: Callable[[Segment], bool] = lambda segment: False


@dataclass(slots=True)
class End:
    """A connection with an owner that writes what it has and reads what comes, unless `reads` is off."""

    connection: Connection
    to_send: bytes = b""
    closes_after: bool = True
    reads: bool = True
    received: bytearray = field(default_factory=bytearray)
    events: list[Event] = field(default_factory=list)
    states: list[State] = field(default_factory=list)

    def names(self) -> list[str]:
        """The events but those of data."""
        return [type(event).__name__ for event in self.events if not isinstance(event, DataArrived | RoomToWrite)]


class Network:
    """Runs both ends until nothing is left to do; `log` has all segments that were sent with their times."""

    def __init__(self, seed: int = 1, faults: Faults | None = None, **configs: TcpConfig) -> None:
        self.now = 0.0
        self.faults = faults or Faults()
        self._random = random.Random(seed)
        self._heap: list[tuple[float, int, End, Segment]] = []
        self._count = 0
        self.log: list[tuple[float, Segment]] = []
        initials = [self._random.choice((0, 0xFFFFFF00, self._random.randrange(1 << 32))) for _ in range(2)]
        self.a = End(Connection(A, B, configs.get("a", TcpConfig()), initials[0]))
        self.b = End(Connection(B, A, configs.get("b", TcpConfig()), initials[1]))

    def open(self) -> None:
        """A connects to B, which listens."""
        self.b.connection.listen()
        self.note(self.b)
        self.a.connection.connect(self.now)
        self.pump()

    def pump(self) -> None:
        """Let both owners act, and put on the wire what they send."""
        for end in (self.a, self.b):
            self._own(end)
            self.note(end)
            for segment in end.connection.take_segments():
                self._carry(self.b if end is self.a else self.a, segment)

    def run(self, until: float = 3600.0, stop: Callable[[], bool] = lambda: False) -> None:
        """Let time pass."""
        for _ in range(MAXIMUM_STEPS):
            if stop():
                return
            timers = [end.connection.next_timer() for end in (self.a, self.b)]
            due = earliest(self._heap[0][0] if self._heap else None, *timers)
            if due is None or due > until:
                self.now = until if due is None else self.now
                return
            self.now = max(self.now, due)
            if self._heap and self._heap[0][0] <= self.now:
                _, _, end, segment = heapq.heappop(self._heap)
                end.connection.receive(segment, self.now)
                self.note(end)
            for end in (self.a, self.b):
                timer = end.connection.next_timer()
                if timer is not None and timer <= self.now:
                    end.connection.handle_timer(self.now)
            self.pump()
        raise AssertionError("this never ends")

    def _own(self, end: End) -> None:
        for event in end.connection.take_events():
            end.events.append(event)
            if isinstance(event, PeerClosed) and end.closes_after and not end.to_send:
                self.note(end)
                end.connection.close(self.now)
        if end.reads:
            end.received += end.connection.read(self.now)
        if end.to_send and end.connection.state not in (State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED):
            end.to_send = end.to_send[end.connection.write(end.to_send, self.now) :]
            if not end.to_send and end.closes_after:
                end.connection.close(self.now)
        end.events += end.connection.take_events()

    def note(self, end: End) -> None:
        """Remember the state that an end has come to."""
        if not end.states or end.states[-1] is not end.connection.state:
            end.states.append(end.connection.state)

    def _carry(self, to: End, segment: Segment) -> None:
        source, destination = (A, B) if to is self.b else (B, A)
        octets = segment.pack(source.address, destination.address)
        assert Segment.parse(octets, source.address, destination.address) == segment
        self.log.append((self.now, segment))
        faults = self.faults
        copies = 1 + (self._random.random() < faults.doubling)
        for _ in range(copies):
            if self._random.random() >= faults.loss and not faults.drop(segment):
                self._count += 1
                heapq.heappush(self._heap, (self.now + self._random.uniform(*faults.delay), self._count, to, segment))
