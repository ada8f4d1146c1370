"""Questions of ours: who is behind an address, asked when packets need it (RFC 2332 section 5.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark, host_of
from iosemu.engines.nhrp.events import Dropped, ResolutionFailed
from iosemu.engines.nhrp.station import ENTRY, REQUEST, Station
from iosemu.wire.nhrp import Flag, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Code

# Seconds until an unanswered request is repeated; then it is given up, and not asked again for a while.
RETRIES = (1, 2, 4, 8)
NEGATIVE = 180.0
# An entry that was used lately is asked for again so many seconds before it ends.
REFRESH = 120.0
LIMIT = 1024


@dataclass(slots=True)
class _Request:
    number: int
    attempts: int = 0


class Resolver:
    """Requests that wait for a reply, by the address that they ask about."""

    def __init__(self, station: Station, servers: Callable[[], list[IPv4Address]]) -> None:
        self._station = station
        self._servers = servers
        self._requests: dict[IPv4Address, _Request] = {}

    def ask(self, target: IPv4Address, now: float) -> None:
        """Ask who is behind an address, unless that is being asked already or nobody knew a short while ago."""
        station = self._station
        known = station.cache.host(target)
        if target in self._requests or (known is not None and Mark.NEGATIVE in known.marks):
            return
        if len(self._requests) >= LIMIT:
            return
        self._requests[target] = _Request(station.next_request())
        if known is None:
            entry = CacheEntry(host_of(target), target, None, Kind.INCOMPLETE, now)
            station.cache.put(entry)
        self.due(target, now)

    def due(self, target: IPv4Address, now: float) -> None:
        """Send a request for the first time or again."""
        station = self._station
        request = self._requests.get(target)
        if request is None:
            return
        if request.attempts == len(RETRIES):
            self._give_up(target, now)
            return
        station.deadlines.set((REQUEST, target), now + RETRIES[request.attempts])
        request.attempts += 1
        nbma = self._way(target)
        if nbma is None:
            return
        flags = Flag.ROUTER | Flag.AUTHORITATIVE | Flag.STABLE
        flags |= Flag.UNIQUE if station.config.unique else 0
        entry = ClientEntry(prefix=32, mtu=station.config.mtu, holding=station.config.holding)
        operation = Operation.RESOLUTION_REQUEST
        station.send(station.request(operation, target, request.number, flags, entry), nbma)

    def replied(self, packet: NhrpPacket, nbma: IPv4Address, now: float) -> None:
        """Take a reply to a request of ours."""
        station = self._station
        request = self._requests.get(packet.destination)
        if request is None or request.number != packet.request:
            station.events.append(Dropped("reply to no request of ours", nbma))
            return
        answer = packet.entries[0] if packet.entries else None
        if answer is None or answer.code != Code.SUCCESS or answer.nbma is None or answer.protocol is None:
            self._give_up(packet.destination, now)
            return
        network = _network(packet.destination, answer.prefix)
        if network is None:
            station.events.append(Dropped(f"reply with a prefix of {answer.prefix} bits", nbma))
            return
        self._done(packet.destination)
        self._install(network, answer.protocol, answer.nbma, float(answer.holding), now)

    def withdraw(self, target: IPv4Network) -> None:
        """Somebody takes an entry back: what was asked for it counts no more."""
        for address in [address for address in self._requests if address in target]:
            self._done(address)

    def expired(self, entry: CacheEntry, now: float) -> bool:
        """An entry's time is near its end: ask anew where it was used lately. False where it simply ends."""
        if entry.expires is None or now >= entry.expires:
            return False
        # A network is used where the station that it is behind is.
        host = self._station.cache.host(entry.next_hop)
        used = [item.used for item in (entry, host) if item is not None and item.used is not None]
        if used and max(used) > now - REFRESH and Mark.REGISTERED not in entry.marks:
            self.ask(entry.target.network_address, now)
        self._station.deadlines.set((ENTRY, entry.target), entry.expires)
        return True

    def _install(
        self, network: IPv4Network, next_hop: IPv4Address, nbma: IPv4Address, holding: float, now: float
    ) -> None:
        station = self._station
        own = station.config
        if next_hop == own.address or nbma == own.nbma or not holding:
            return
        host = host_of(next_hop)
        station.learn(host, next_hop, nbma, now, holding, Mark.ROUTER | Mark.NEXT_HOP)
        targets = [host]
        if network != host:
            marks = Mark.ROUTER | (Mark.SHORTCUT if own.shortcut else Mark.NONE)
            station.learn(network, next_hop, nbma, now, holding, marks)
            targets.append(network)
        for target in targets:
            if holding > REFRESH:
                station.deadlines.set((ENTRY, target), now + holding - REFRESH)

    def _give_up(self, target: IPv4Address, now: float) -> None:
        station = self._station
        self._done(target)
        station.events.append(ResolutionFailed(host_of(target)))
        if station.cache.host(target) is None:
            entry = CacheEntry(host_of(target), target, None, Kind.DYNAMIC, now, now + NEGATIVE, Mark.NEGATIVE)
            station.cache.put(entry)
            station.deadlines.set((ENTRY, entry.target), now + NEGATIVE)

    def _done(self, target: IPv4Address) -> None:
        """Nothing is asked about an address any more."""
        self._requests.pop(target, None)
        self._station.deadlines.set((REQUEST, target), None)
        known = self._station.cache.host(target)
        if known is not None and known.kind is Kind.INCOMPLETE:
            self._station.forget(known.target)

    def _way(self, target: IPv4Address) -> IPv4Address | None:
        """Whom to ask: the routed next hop, else a server that answers."""
        location = self._station.locate(target)
        if location is not None and location.next_hop is not None:
            nbma = self._station.nbma_of(location.next_hop)
            if nbma is not None:
                return nbma
        for server in self._servers():
            nbma = self._station.nbma_of(server)
            if nbma is not None:
                return nbma
        return None


def _network(address: IPv4Address, prefix: int) -> IPv4Network | None:
    """The network of an answer; a length of 255 is a whole address, one of 0 would be everything."""
    length = 32 if prefix == 255 else prefix
    return IPv4Network((address, length), strict=False) if 0 < length <= 32 else None
