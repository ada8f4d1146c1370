"""The NHRP station of one tunnel interface: what its owner drives."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.common import Event
from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark, NhrpCache
from iosemu.engines.nhrp.client import Registrations
from iosemu.engines.nhrp.config import Locate, NhrpConfig
from iosemu.engines.nhrp.events import ClientDown, Dropped, ErrorReceived, Exchanged
from iosemu.engines.nhrp.redirects import Redirects
from iosemu.engines.nhrp.resolver import Resolver
from iosemu.engines.nhrp.responder import Responder
from iosemu.engines.nhrp.station import REQUEST, SERVER, Station
from iosemu.wire.errors import WireError
from iosemu.wire.nhrp import ErrorCode, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ExtensionType, authentication


class NhrpEngine:
    """Takes packets, packets of data that need a next hop, and the time; `take` gives what is to be sent and told."""

    def __init__(self, config: NhrpConfig, locate: Locate, now: float) -> None:
        self._station = Station(config, locate)
        self.registrations = Registrations(self._station)
        self._resolver = Resolver(self._station, self.registrations.responding)
        self._responder = Responder(self._station)
        self._redirects = Redirects(self._station, self._resolver.ask)
        self._station.set_statics(now)
        self.registrations.follow(now)

    # What the owner looks at

    @property
    def config(self) -> NhrpConfig:
        """What the station works by."""
        return self._station.config

    @property
    def cache(self) -> NhrpCache:
        """What is known."""
        return self._station.cache

    @property
    def sent(self) -> Counter[Operation]:
        """Packets that were sent, by type."""
        return self._station.sent

    @property
    def received(self) -> Counter[Operation]:
        """Packets that came and could be read, by type."""
        return self._station.received

    @property
    def has_output(self) -> bool:
        """Whether `take` has anything to give."""
        return bool(self._station.outbox or self._station.events)

    def nbma_of(self, next_hop: IPv4Address) -> IPv4Address | None:
        """The address below the tunnel of a station, as far as it is known."""
        return self._station.nbma_of(next_hop)

    @property
    def shortcuts(self) -> list[CacheEntry]:
        """Networks that are reached directly, which the owner's routing table has to know."""
        return [entry for entry in self._station.cache if Mark.SHORTCUT in entry.marks and entry.usable]

    def take(self) -> tuple[list[tuple[bytes, IPv4Address]], list[Event]]:
        """What is to be sent, each to an address below the tunnel, and what has happened; both are empty then."""
        station = self._station
        outbox, events = station.outbox, station.events
        station.outbox, station.events = [], []
        return outbox, events

    def next_deadline(self) -> float | None:
        """When `tick` has something to do."""
        return self._station.deadlines.next()

    # What the owner drives

    def configure(self, config: NhrpConfig, now: float) -> None:
        """Go on with another configuration."""
        old, self._station.config = self._station.config, config
        self._station.set_statics(now)
        self.registrations.follow(now)
        if _registered_as(old) != _registered_as(config):
            self.registrations.restart(now)

    def tick(self, now: float) -> None:
        """Do what is due."""
        for kind, key in self._station.deadlines.pop_due(now):
            if kind == SERVER:
                assert isinstance(key, IPv4Address)
                self.registrations.due(key, now)
            elif kind == REQUEST:
                assert isinstance(key, IPv4Address)
                self._resolver.due(key, now)
            else:
                assert isinstance(key, IPv4Network)
                self._ended(key, now)

    def receive(self, data: bytes, nbma: IPv4Address, now: float) -> None:
        """Take a packet that came from an address below the tunnel; a wrong one is dropped and reported."""
        station = self._station
        try:
            packet = NhrpPacket.parse(data)
        except WireError as error:
            station.events.append(Dropped(str(error), nbma))
            return
        station.received[packet.operation] += 1
        station.events.append(Exchanged(packet, nbma, False))
        if packet.operation is Operation.ERROR_INDICATION:
            station.events.append(ErrorReceived(packet.source, nbma, packet.error))
        elif not self._authentic(packet):
            station.events.append(Dropped("authentication failure", nbma))
            station.report(packet, ErrorCode.AUTHENTICATION_FAILURE, nbma)
        else:
            self._dispatch(packet, nbma, now)

    def lookup(self, next_hop: IPv4Address, now: float) -> list[IPv4Address]:
        """The addresses below the tunnel that a packet for a next hop, or a group, goes to. One that nobody knows yet
        goes by a server, which is asked meanwhile."""
        station, config = self._station, self._station.config
        if next_hop.is_multicast:
            return self._listeners()
        entry = station.cache.find(next_hop)
        if entry is not None:
            entry.used = now
            assert entry.nbma is not None
            return [entry.nbma]
        servers = [nbma for item in self.registrations.responding() if (nbma := station.nbma_of(item)) is not None]
        if not servers or config.server_only:
            return servers[:1]
        self._resolver.ask(next_hop, now)
        return servers[:1]

    def transit(self, packet: bytes, nbma: IPv4Address, now: float) -> None:
        """See an IPv4 packet that came out of the tunnel from an address below it."""
        self._redirects.transit(packet, nbma, now)

    def routes_changed(self) -> None:
        """Take back what others were told of networks that are no longer behind this router."""
        for entry in list(self._station.cache):
            if Mark.LOCAL in entry.marks:
                location = self._station.locate(entry.target.network_address)
                if location is None or location.next_hop is not None:
                    self._responder.withdraw(entry)

    def clear(self, target: IPv4Network | None = None) -> int:
        """Forget dynamic entries, all or those inside a network; tells how many."""
        doomed = [
            entry
            for entry in self._station.cache
            if entry.kind is not Kind.STATIC and (target is None or entry.target.subnet_of(target))
        ]
        for entry in doomed:
            if Mark.LOCAL in entry.marks:
                self._responder.withdraw(entry)
            self._resolver.withdraw(entry.target)
            self._station.forget(entry.target)
        return len(doomed)

    # The inside

    def _dispatch(self, packet: NhrpPacket, nbma: IPv4Address, now: float) -> None:
        own = packet.source == self._station.config.address
        if packet.operation is Operation.REGISTRATION_REQUEST:
            self._responder.register(packet, nbma, now)
        elif packet.operation is Operation.RESOLUTION_REQUEST and not own:
            self._responder.resolve(packet, nbma, now)
        elif packet.operation is Operation.PURGE_REQUEST:
            self._responder.purge(packet, nbma)
        elif packet.operation is Operation.TRAFFIC_INDICATION:
            self._redirects.redirected(packet, nbma, now)
        elif packet.operation is Operation.REGISTRATION_REPLY and own:
            self.registrations.replied(packet, nbma, now)
        elif packet.operation is Operation.RESOLUTION_REPLY and own:
            self._resolver.replied(packet, nbma, now)
        elif packet.operation is Operation.PURGE_REPLY and own:
            return
        elif packet.operation is not Operation.RESOLUTION_REQUEST:
            self._responder.pass_back(packet, nbma)

    def _authentic(self, packet: NhrpPacket) -> bool:
        """Whether a packet has the string of the network, or none where there is none."""
        wanted = self._station.config.authentication
        found = [item.value for item in packet.extensions if item.kind == ExtensionType.AUTHENTICATION]
        return found == ([authentication(wanted).value] if wanted is not None else [])

    def _listeners(self) -> list[IPv4Address]:
        config = self._station.config
        found = list(config.multicast)
        if config.multicast_dynamic:
            found += [item.nbma for item in self._station.cache if Mark.REGISTERED in item.marks and item.nbma]
        return list(dict.fromkeys(found))

    def _ended(self, target: IPv4Network, now: float) -> None:
        entry = self._station.cache.get(target)
        if entry is None or self._resolver.expired(entry, now):
            return
        self._station.forget(target)
        if Mark.REGISTERED in entry.marks and entry.nbma is not None:
            self._station.events.append(ClientDown(entry.next_hop, entry.nbma))


def _registered_as(config: NhrpConfig) -> tuple[object, ...]:
    """What a registration hangs on: another one is due when it changes."""
    return config.nbma, config.address, config.authentication, config.maps
