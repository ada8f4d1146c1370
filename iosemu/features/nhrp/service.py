"""Runs a station on each tunnel interface with NHRP, and makes its shortcuts routes."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address

from iosemu.engines.nhrp.cache import CacheEntry
from iosemu.engines.nhrp.config import Locate
from iosemu.engines.nhrp.engine import NhrpEngine
from iosemu.engines.nhrp.events import ShortcutsChanged
from iosemu.features.nhrp.config import Nhrp
from iosemu.features.nhrp.messages import Narrator
from iosemu.features.nhrp.policy import configuration, locate
from iosemu.features.tunnel.port import TunnelPort
from iosemu.features.tunnel.service import TunnelService
from iosemu.router.clock import Timer
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.routes import SHORTCUT, StaticRoute
from iosemu.wire.gre import PROTOCOL_NHRP

# NHRP goes with the precedence of network control; shortcuts are worse than any other route.
TOS = 0xC0
DISTANCE, METRIC = 250, 255


class TunnelStation:
    """One interface: its engine and what carries the engine's packets."""

    def __init__(self, port: TunnelPort, engine: NhrpEngine, narrator: Narrator) -> None:
        self.port = port
        self.engine = engine
        self.narrator = narrator
        self.timer: Timer | None = None


class NhrpService:
    """All stations of a router, by interface."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._tunnels = router.service(TunnelService)
        self.stations: dict[InterfaceName, TunnelStation] = {}
        self._tunnels.receivers[PROTOCOL_NHRP] = self._receive
        self._tunnels.watchers.append(self._watch)
        self._tunnels.resolver = self._resolve
        router.ip.listeners.append(self._routes_changed)

    def reconcile(self) -> None:
        """Start, reconfigure and stop stations."""
        now = self._router.clock.now()
        for name in [*self.stations, *self._router.model.block(Nhrp).by_name]:
            port = self._tunnels.ports.get(name)
            config = configuration(self._router, name, port) if port is not None else None
            station = self.stations.get(name)
            if station is not None and (port is None or config is None or station.port is not port):
                self._end(name)
                station = None
            if port is None or config is None:
                continue
            if station is None:
                self._begin(name, port, NhrpEngine(config, self._locator(port.interface), now))
            elif station.engine.config != config:
                station.engine.configure(config, now)
                self._flush(station)

    def stop(self) -> None:
        """End all stations."""
        for name in list(self.stations):
            self._end(name)

    def clear(self) -> None:
        """Forget all that was learned."""
        for station in self.stations.values():
            station.engine.clear()
            self._flush(station)

    def clear_address(self, address: IPv4Address) -> None:
        """Forget what was learned of the networks that hold an address."""
        for station in self.stations.values():
            for entry in list(station.engine.cache):
                if address in entry.target:
                    station.engine.clear(entry.target)
            self._flush(station)

    def is_override(self, interface: Interface, entry: CacheEntry) -> bool:
        """Whether a shortcut stands in the place of another route for its network."""
        return entry.target in self._router.ip.routes_of(interface.vrf).overrides

    # Stations

    def _begin(self, name: InterfaceName, port: TunnelPort, engine: NhrpEngine) -> None:
        station = self.stations[name] = TunnelStation(port, engine, Narrator(self._router, port.interface))
        self._flush(station)

    def _end(self, name: InterfaceName) -> None:
        station = self.stations.pop(name)
        if station.timer is not None:
            station.timer.cancel()
        self._inject()

    def _locator(self, interface: Interface) -> Locate:
        return lambda address: locate(self._router, interface, address)

    def _flush(self, station: TunnelStation) -> None:
        """Send what the engine has to say, tell what has happened, and wake it in time."""
        outbox, events = station.engine.take()
        for data, nbma in outbox:
            station.port.encapsulate(PROTOCOL_NHRP, data, nbma, TOS)
        config = station.engine.config
        for event in events:
            station.narrator.tell(event, config.address, config.nbma)
        if any(isinstance(event, ShortcutsChanged) for event in events):
            self._inject()
        if station.timer is not None:
            station.timer.cancel()
        deadline = station.engine.next_deadline()
        station.timer = None
        if deadline is not None:
            station.timer = self._router.clock.call_at(deadline, lambda: self._tick(station))

    def _tick(self, station: TunnelStation) -> None:
        station.engine.tick(self._router.clock.now())
        self._flush(station)

    def _inject(self) -> None:
        """Routes for the shortcuts of all stations."""
        routes = []
        for name, station in self.stations.items():
            vrf = station.port.interface.vrf
            for entry in station.engine.shortcuts:
                way = entry.target, entry.next_hop, name, DISTANCE
                routes.append(StaticRoute(*way, vrf=vrf, code=SHORTCUT, metric=METRIC, since=entry.created))
        self._router.ip.inject(SHORTCUT, routes)

    def _routes_changed(self) -> None:
        for station in list(self.stations.values()):
            station.engine.routes_changed()
            if station.engine.has_output:
                self._router.clock.call_later(0, partial(self._flush, station))

    # Packets

    def _receive(self, port: TunnelPort, payload: bytes, nbma: IPv4Address) -> None:
        station = self.stations.get(port.interface.name)
        if station is not None:
            station.engine.receive(payload, nbma, self._router.clock.now())
            self._flush(station)

    def _watch(self, port: TunnelPort, packet: bytes, nbma: IPv4Address) -> None:
        station = self.stations.get(port.interface.name)
        if station is not None and station.engine.config.redirect:
            station.engine.transit(packet, nbma, self._router.clock.now())
            if station.engine.has_output:
                self._flush(station)

    def _resolve(self, interface: Interface, next_hop: IPv4Address) -> list[IPv4Address]:
        station = self.stations.get(interface.name)
        if station is None:
            return []
        found = station.engine.lookup(next_hop, self._router.clock.now())
        if station.engine.has_output:
            self._flush(station)
        return found
