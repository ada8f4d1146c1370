"""The neighbours of IPv6: who has an address, and whether they are still there (RFC 4861 section 7.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv6Address

from iosemu.router.clock import Clock, Timer
from iosemu.router.interfaces import Interface
from iosemu.wire.ethernet import IPV6
from iosemu.wire.neighbor import NeighborMessage, solicited_node

# RFC 4861 section 10, in seconds.
REACHABLE_TIME, DELAY_FIRST_PROBE, RETRANSMIT = 30.0, 5.0, 1.0
ATTEMPTS = 3
QUEUE = 32
# Entries that nobody asked for are made by whoever sends solicitations: there is an end to them.
LIMIT = 4096
# What nobody has used for this long is forgotten.
STALE_AGE = 4 * 3600.0


class State(Enum):
    """States of an entry; the values are those of `show ipv6 neighbors`."""

    INCOMPLETE = "INCMP"
    REACHABLE = "REACH"
    STALE = "STALE"
    DELAY = "DELAY"
    PROBE = "PROBE"


@dataclass(slots=True)
class Neighbor:
    """What is known of one neighbour. `mac` is set in every state but INCOMPLETE; `since` is when it was last
    confirmed."""

    address: IPv6Address
    interface: Interface
    state: State = State.INCOMPLETE
    mac: bytes | None = None
    router: bool = False
    since: float = 0.0
    attempts: int = 0
    timer: Timer | None = None
    queue: list[bytes] = field(default_factory=list)


class NeighborCache:
    """All neighbours of a router. `solicit(interface, target, destination)` asks, a group or the neighbour itself;
    `failed(interface, packet)` hears of packets whose neighbour did not answer."""

    def __init__(
        self,
        clock: Clock,
        transmit: Callable[[Interface, bytes], None],
        solicit: Callable[[Interface, IPv6Address, IPv6Address], None],
        failed: Callable[[Interface, bytes], None],
    ) -> None:
        self._clock = clock
        self._transmit = transmit
        self._solicit = solicit
        self._failed = failed
        self._entries: dict[tuple[Interface, IPv6Address], Neighbor] = {}

    @property
    def entries(self) -> list[Neighbor]:
        """All entries by address, as they are now."""
        for entry in list(self._entries.values()):
            self._age(entry)
        return sorted(self._entries.values(), key=lambda entry: entry.address)

    def send(self, interface: Interface, address: IPv6Address, packet: bytes) -> None:
        """Send a packet to a neighbour, after asking for its MAC address where necessary."""
        entry = self._entries.get((interface, address))
        if entry is None:
            entry = self._entries[interface, address] = Neighbor(address, interface)
            self._ask(entry)
        if entry.mac is None:
            if len(entry.queue) < QUEUE:
                entry.queue.append(packet)
            return
        self._age(entry)
        if entry.state is State.STALE:
            # Somebody above may confirm it soon; else the neighbour is asked.
            entry.state = State.DELAY
            entry.timer = self._clock.call_later(DELAY_FIRST_PROBE, lambda: self._probe(entry))
        self._transmit(interface, entry.mac + interface.mac + IPV6 + packet)

    def heard(self, interface: Interface, source: IPv6Address, mac: bytes | None) -> Neighbor | None:
        """A neighbour named its MAC address without being asked (RFC 4861 section 7.2.3); returns its entry."""
        if mac is None or source.is_unspecified:
            return self._entries.get((interface, source))
        entry = self._entries.get((interface, source))
        if entry is None:
            if len(self._entries) >= LIMIT:
                return None
            entry = self._entries[interface, source] = Neighbor(source, interface)
        if entry.mac != mac:
            self._settle(entry, mac, State.STALE)
        return entry

    def advertised(self, interface: Interface, message: NeighborMessage) -> None:
        """An advertisement; one about a neighbour of no interest is nothing to us (RFC 4861 section 7.2.5)."""
        entry = self._entries.get((interface, message.target))
        if entry is None:
            return
        mac = message.link_address
        if entry.mac is None:
            if mac is not None:
                entry.router = message.router
                self._settle(entry, mac, State.REACHABLE if message.solicited else State.STALE)
            return
        differs = mac is not None and mac != entry.mac
        if differs and not message.override:
            if entry.state is State.REACHABLE:
                self._settle(entry, entry.mac, State.STALE)
            return
        entry.router = message.router
        if message.solicited:
            self._settle(entry, mac or entry.mac, State.REACHABLE)
        elif differs and mac is not None:
            self._settle(entry, mac, State.STALE)

    def flush(self, interface: Interface | None = None) -> None:
        """Forget what was learned, on one interface or on all."""
        for key, entry in list(self._entries.items()):
            if interface in (None, key[0]):
                self._forget(entry)

    def _settle(self, entry: Neighbor, mac: bytes, state: State) -> None:
        if entry.timer is not None:
            entry.timer.cancel()
            entry.timer = None
        entry.mac, entry.state, entry.since, entry.attempts = mac, state, self._clock.now(), 0
        waiting, entry.queue = entry.queue, []
        for packet in waiting:
            self.send(entry.interface, entry.address, packet)

    def _age(self, entry: Neighbor) -> None:
        age = self._clock.now() - entry.since
        if entry.state is State.REACHABLE and age > REACHABLE_TIME:
            entry.state = State.STALE
        elif entry.state is State.STALE and age > STALE_AGE:
            self._forget(entry)

    def _forget(self, entry: Neighbor) -> None:
        if entry.timer is not None:
            entry.timer.cancel()
        self._entries.pop((entry.interface, entry.address), None)

    def _ask(self, entry: Neighbor) -> None:
        if entry.attempts == ATTEMPTS:
            self._forget(entry)
            for packet in entry.queue:
                self._failed(entry.interface, packet)
            return
        entry.attempts += 1
        self._solicit(entry.interface, entry.address, solicited_node(entry.address))
        entry.timer = self._clock.call_later(RETRANSMIT, lambda: self._ask(entry))

    def _probe(self, entry: Neighbor) -> None:
        entry.state = State.PROBE
        if entry.attempts == ATTEMPTS:
            self._forget(entry)
            return
        entry.attempts += 1
        self._solicit(entry.interface, entry.address, entry.address)
        entry.timer = self._clock.call_later(RETRANSMIT, lambda: self._probe(entry))
