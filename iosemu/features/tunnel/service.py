"""Tunnels follow their configuration and the routes to their destinations."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.features.interface.config import Interfaces
from iosemu.features.interface.service import InterfaceService
from iosemu.features.tunnel.config import KIND, MULTIPOINT, TunnelConfig, Tunnels, is_protected
from iosemu.features.tunnel.describe import details
from iosemu.features.tunnel.discovery import PathMtus
from iosemu.features.tunnel.keepalive import KEEPALIVE_PROTOCOL, Keepalives
from iosemu.features.tunnel.port import MEDIUM, TTL, Transport, TunnelPort
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.errors import WireError
from iosemu.wire.gre import PROTOCOL_IPV4, PROTOCOL_IPV6, GrePacket
from iosemu.wire.ipv4 import GRE, Packet

# How long a tunnel that leads through itself stays down before it is tried again (seconds).
RECURSION_PAUSE = 60.0

# Takes a tunnel, the payload of a packet that came out of it, and the address below it that sent the packet.
Receiver = Callable[[TunnelPort, bytes, IPv4Address], None]
# Instance, own address, the other end's (None: anyone's), key.
_Ends = tuple[str, IPv4Address, "IPv4Address | None", "int | None"]


class TunnelService:
    """Gives each tunnel interface its port, and takes the router's GRE packets.

    `receivers` take other payloads than IPv4, by their EtherType; `watchers` see the IPv4 packets that come out of a
    multipoint tunnel; `resolver` knows who is behind a next hop of one.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self.ports: dict[InterfaceName, TunnelPort] = {}
        self.receivers: dict[int, Receiver] = {}
        self.watchers: list[Receiver] = []
        self.resolver: Callable[[Interface, IPv4Address], list[IPv4Address]] | None = None
        self._by_ends: dict[_Ends, TunnelPort] = {}
        self._paused: dict[InterfaceName, float] = {}
        self._due = False
        self._path_mtus = PathMtus(router, self.ports)
        self._keepalives = Keepalives(router, self._commit_later)
        router.ip.listeners.append(self._routes_changed)
        router.service(InterfaceService).details[KIND] = lambda interface: details(router, interface, self.ports)

    def reconcile(self) -> None:
        """Make and remove ports, and find out which tunnels are up."""
        model = self._router.model
        wanted = {name for name in model.block(Interfaces).by_name if name.kind == KIND}
        for name in [name for name in self.ports if name not in wanted]:
            self._keepalives.end(self.ports.pop(name))
            self._paused.pop(name, None)
        for name in sorted(wanted, key=InterfaceName.sort_key):
            interface = self._router.interfaces.add(name)
            port = self.ports.get(name)
            if port is None or port.interface is not interface:
                port = self.ports[name] = TunnelPort(interface, self._router.ip, self._resolve)
                interface.port = port
            room = MEDIUM - model.block(Tunnels).by_name.get(name, TunnelConfig()).overhead
            if room != port.room:
                port.room = room
                self._commit_later()
        # Without a tunnel nobody takes GRE, and who sends it is told so.
        if self.ports:
            self._router.ip.protocols[GRE] = self._receive
        else:
            self._router.ip.protocols.pop(GRE, None)
        self._evaluate()

    def stop(self) -> None:
        """Nothing runs."""

    def port_of(self, interface: Interface) -> TunnelPort | None:
        """The port of an interface, None for one that is no tunnel."""
        return self.ports.get(interface.name)

    # Up and down

    def _routes_changed(self) -> None:
        if any(self._transport(name) != port.transport for name, port in self.ports.items()):
            self._commit_later()

    def _evaluate(self) -> None:
        for name, port in self.ports.items():
            transport = self._transport(name)
            if transport is not None and self._leads_back(name, transport):
                transport = None
                self._pause(name)
            if (transport is None) != (port.transport is None):
                self._commit_later()
            port.transport = transport
            self._keepalives.follow(name, port)
        up = [port for port in self.ports.values() if port.transport is not None]
        self._by_ends = {
            (transport.vrf, transport.source, transport.destination, transport.key): port
            for port in up
            if (transport := port.transport) is not None
        }

    def _commit_later(self) -> None:
        """Interfaces report, and routes follow, in a commit of its own."""
        if not self._due:
            self._due = True
            self._router.clock.call_later(0, self._commit)

    def _commit(self) -> None:
        self._due = False
        self._router.commit()

    def _transport(self, name: InterfaceName) -> Transport | None:
        """What the tunnel's packets look like when it can be up: it has a source that is up and, unless it is
        multipoint, a destination with a route."""
        config = self._router.model.block(Tunnels).by_name.get(name)
        paused = self._paused.get(name, 0.0) > self._router.clock.now()
        if config is None or paused or not config.is_gre or is_protected(self._router.model, name):
            return None
        source = self._source(config)
        if source is None:
            return None
        destination = config.destination
        if config.mode == MULTIPOINT:
            destination = None
        elif destination is None or self._router.ip.routes_of(config.vrf).lookup(int(destination)) is None:
            return None
        looks = config.vrf, config.key, config.checksum, config.sequence, config.tos, config.ttl or TTL
        return Transport(source, destination, *looks, config.discovery is not None)

    def _source(self, config: TunnelConfig) -> IPv4Address | None:
        if isinstance(config.source, IPv4Address):
            return config.source if self._router.ip.is_local(config.source, config.vrf) else None
        found = self._router.interfaces.get(config.source) if config.source is not None else None
        return found.address if found is not None and found.line_up and found.vrf == config.vrf else None

    def _leads_back(self, name: InterfaceName, transport: Transport) -> bool:
        """Whether the route to the destination leads into the tunnel itself, at once or through other tunnels."""
        seen = {name}
        while transport.destination is not None:
            path = self._router.ip.routes_of(transport.vrf).lookup(int(transport.destination))
            below = self.ports.get(path.interface.name) if path is not None else None
            if below is None or below.transport is None:
                return False
            if below.interface.name in seen:
                return True
            seen.add(below.interface.name)
            transport = below.transport
        return False

    def _pause(self, name: InterfaceName) -> None:
        self._paused[name] = self._router.clock.now() + RECURSION_PAUSE
        self._router.syslog.log("TUN", 5, "RECURDOWN", f"{name} temporarily disabled due to recursive routing")
        self._router.clock.call_later(RECURSION_PAUSE, self._commit_later)

    # Packets

    def _resolve(self, interface: Interface, neighbour: IPv4Address) -> list[IPv4Address]:
        return self.resolver(interface, neighbour) if self.resolver is not None else []

    def _receive(self, packet: Packet, interface: Interface) -> None:
        """Take a packet that is addressed to us; raises WireError when it is malformed."""
        gre, vrf = GrePacket.parse(packet.payload), interface.vrf
        port = self._by_ends.get((vrf, packet.destination, packet.source, gre.key))
        port = port or self._by_ends.get((vrf, packet.destination, None, gre.key))
        if port is None:
            raise WireError("GRE packet for no tunnel")
        if not port.in_order(gre.sequence):
            port.interface.counters.input_drops += 1
        elif gre.protocol == KEEPALIVE_PROTOCOL:
            self._keepalives.heard(port)
        elif gre.protocol == PROTOCOL_IPV4:
            if port.transport is not None and port.transport.destination is None:
                for watcher in self.watchers:
                    watcher(port, gre.payload, packet.source)
            self._router.link.receive(gre.payload, port.interface)
        elif gre.protocol == PROTOCOL_IPV6:
            self._router.link.receive(gre.payload, port.interface)
        elif gre.protocol in self.receivers:
            port.interface.count_in(len(gre.payload), self._router.clock.now())
            self.receivers[gre.protocol](port, gre.payload, packet.source)
        else:
            port.interface.counters.input_errors += 1
