"""Interfaces with PIM: hellos, neighbours, and who is the designated router (RFC 7761 section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.common import Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.pim.config import LinkConfig
from iosemu.engines.pim.events import DrChanged, NeighborDown, NeighborUp
from iosemu.wire.pim import Hello

EXPIRED, GOODBYE, RESTARTED = "hold time expired", "neighbor says goodbye", "generation ID changed"
GONE = "interface is not there any more"
UNKNOWN = IPv4Address(0)
# What a hello without a hold time that ends says.
FOREVER = 0xFFFF


@dataclass(slots=True)
class Neighbor:
    """Somebody whose hello has come in."""

    address: IPv4Address
    since: float
    expires_at: float
    hello: Hello


@dataclass(slots=True)
class Link:
    """One interface; `dr` is 0.0.0.0 before the first hello."""

    config: LinkConfig
    generation: int
    dr: IPv4Address = UNKNOWN
    neighbors: dict[IPv4Address, Neighbor] = field(default_factory=dict)
    hellos_in: int = 0
    hellos_out: int = 0

    @property
    def is_dr(self) -> bool:
        """Whether this router speaks for the hosts of the segment."""
        return self.dr == self.config.address

    def hello(self, hold_time: int | None = None) -> Hello:
        """What we say of ourselves."""
        held = self.config.hold_time if hold_time is None else hold_time
        return Hello(held, self.config.dr_priority, self.generation, state_refresh=0)


class Links:
    """All interfaces with PIM. `take_hellos` has what is to be sent."""

    def __init__(self) -> None:
        self.by_name: dict[str, Link] = {}
        self._timers: Deadlines[tuple[str, IPv4Address]] = Deadlines()
        self._hellos: list[tuple[str, Hello]] = []
        self._events: list[Event] = []

    def get(self, name: str) -> Link | None:
        """The interface of a name."""
        return self.by_name.get(name)

    def begin(self, config: LinkConfig, generation: int, now: float) -> Link:
        """Speak on an interface from now on."""
        link = self.by_name[config.name] = Link(config, generation)
        self._elect(link)
        self._say_hello(link, now)
        return link

    def change(self, link: Link, config: LinkConfig, now: float) -> None:
        """Go on under other settings of the same address."""
        link.config = config
        self._elect(link)
        self._say_hello(link, now)

    def end(self, name: str) -> None:
        """Say goodbye and forget an interface."""
        link = self.by_name.pop(name)
        self._hellos.append((name, link.hello(0)))
        self._timers.set((name, UNKNOWN), None)
        for address in list(link.neighbors):
            self._timers.set((name, address), None)
            self._events.append(NeighborDown(name, address, GONE, address == link.dr))

    def receive(self, link: Link, source: IPv4Address, hello: Hello, now: float) -> bool:
        """Take a hello; tells whether the sender is new, or has started anew."""
        name = link.config.name
        link.hellos_in += 1
        known = link.neighbors.get(source)
        if not hello.hold_time:
            self._lose(link, source, GOODBYE)
            return False
        if known is not None and known.hello.generation_id != hello.generation_id:
            self._lose(link, source, RESTARTED)
            known = None
        expires = now + hello.hold_time
        link.neighbors[source] = Neighbor(source, known.since if known else now, expires, hello)
        self._timers.set((name, source), None if hello.hold_time == FOREVER else expires)
        if known is None:
            self._events.append(NeighborUp(name, source))
            self._say_hello(link, now)
        self._elect(link)
        return known is None

    def next_timer(self) -> float | None:
        """When a hello is due, or a neighbour is gone."""
        return self._timers.next()

    def handle_timer(self, now: float) -> list[str]:
        """Send hellos and forget the silent; the interfaces on which somebody was lost."""
        lost = []
        for name, address in self._timers.pop_due(now):
            link = self.by_name[name]
            if address == UNKNOWN:
                self._say_hello(link, now)
            else:
                self._lose(link, address, EXPIRED)
                lost.append(name)
        return lost

    def take_hellos(self) -> list[tuple[str, Hello]]:
        """What is to be sent, with the interface."""
        hellos, self._hellos = self._hellos, []
        return hellos

    def take_events(self) -> list[Event]:
        """What has happened."""
        events, self._events = self._events, []
        return events

    def _say_hello(self, link: Link, now: float) -> None:
        link.hellos_out += 1
        self._hellos.append((link.config.name, link.hello()))
        self._timers.set((link.config.name, UNKNOWN), now + link.config.hello_interval)

    def _lose(self, link: Link, address: IPv4Address, reason: str) -> None:
        if link.neighbors.pop(address, None) is not None:
            self._timers.set((link.config.name, address), None)
            self._events.append(NeighborDown(link.config.name, address, reason, address == link.dr))
            self._elect(link)

    def _elect(self, link: Link) -> None:
        """The highest priority, then the highest address; the address alone where somebody has no priority."""
        own = link.config
        others = link.neighbors.values()
        if any(item.hello.dr_priority is None for item in others):
            dr = max([own.address, *link.neighbors])
        else:
            dr = max(
                [(own.dr_priority, own.address), *((item.hello.dr_priority or 0, item.address) for item in others)]
            )[1]
        if dr != link.dr:
            self._events.append(DrChanged(own.name, link.dr, dr))
            link.dr = dr
