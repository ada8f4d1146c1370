"""The forwarding path and the router's own IP host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.router.arp import ArpTable
from iosemu.router.clock import Clock
from iosemu.router.group_path import GroupPath
from iosemu.router.icmp import IcmpHost
from iosemu.router.interfaces import CRYPTO_IN, Interface, InterfaceTable, run_hooks
from iosemu.router.link import LinkLayer
from iosemu.router.multicast import MulticastHost, hardware_address
from iosemu.router.reassembly import Reassembler
from iosemu.router.routes import RoutingTable, StaticRoute
from iosemu.router.udp_host import UdpHost
from iosemu.router.vrf import GLOBAL, Vrf
from iosemu.wire import icmp
from iosemu.wire.arp import ArpPacket
from iosemu.wire.errors import WireError
from iosemu.wire.ethernet import ARP, IPV4
from iosemu.wire.ipv4 import ICMP, IGMP, UDP, Packet, decrement_ttl, fragments, header_length

# The first four bits of a group's address.
MULTICAST = 14


class IpStack:
    """Takes packets from interfaces, forwards or delivers them, and sends what the router itself has to say."""

    def __init__(self, clock: Clock, interfaces: InterfaceTable, link: LinkLayer) -> None:
        self._clock = clock
        self._interfaces = interfaces
        self._link = link
        self.statics: list[StaticRoute] = []
        # Routes that services make for as long as they have a reason, by service.
        self._injected: dict[str, list[StaticRoute]] = {}
        self._vrfs: dict[str, Vrf] = {GLOBAL: Vrf()}
        self.arp = ArpTable(clock, link.transmit, self._answers)
        self.icmp = IcmpHost(clock, self.send)
        self.udp = UdpHost(self.send)
        self.multicast = MulticastHost(
            clock, lambda packet, where: self._output(packet.pack(), where, packet.destination)
        )
        self.groups = GroupPath(clock, self.multicast, self._output, self._deliver)
        self._reassembler = Reassembler()
        # Who takes the packets of a protocol that are addressed to us, with the interface that they came in by.
        self.protocols: dict[int, Callable[[Packet, Interface], None]] = {}
        # Addresses of an interface's network that are not ours and for which ARP is answered all the same, as numbers.
        self.aliases: frozenset[int] = frozenset()
        # Who must hear when routes or own addresses may have changed.
        self.listeners: list[Callable[[], None]] = []
        self._identification = 0
        link.receivers[IPV4] = self.receive
        link.receivers[ARP] = lambda data, interface: self.arp.receive(interface, ArpPacket.parse(data))

    # What the rest of the router uses

    @property
    def routes(self) -> RoutingTable:
        """The global routing table."""
        return self._vrfs[GLOBAL].routes

    def routes_of(self, vrf: str) -> RoutingTable:
        """The routing table of an instance, empty where nothing is in it."""
        found = self._vrfs.get(vrf)
        return found.routes if found is not None else RoutingTable()

    def refresh(self) -> None:
        """Derive routes and own addresses from the interfaces as they are now."""
        interfaces = list(self._interfaces)
        statics = [*self.statics, *(route for routes in self._injected.values() for route in routes)]
        names = {GLOBAL, *(item.vrf for item in interfaces), *(route.vrf for route in statics)}
        self._vrfs = {name: self._vrfs.get(name) or Vrf() for name in sorted(names)}
        # The global table is the first: others may lead into it.
        for name, vrf in self._vrfs.items():
            members = [item for item in interfaces if item.vrf == name]
            vrf.rebuild(members, interfaces, [self._leaked(route) for route in statics if route.vrf == name])
        for listener in self.listeners:
            listener()

    def inject(self, owner: str, routes: list[StaticRoute]) -> None:
        """Have these routes in the place of those that a service had before."""
        if routes != self._injected.get(owner, []):
            self._injected[owner] = routes
            self.refresh()

    def is_local(self, address: IPv4Address, vrf: str = GLOBAL) -> bool:
        """Whether an address is ours and up."""
        return self.is_local_number(int(address), vrf)

    def is_local_number(self, address: int, vrf: str = GLOBAL) -> bool:
        """The same for an address as a number."""
        found = self._vrfs.get(vrf)
        return found is not None and address in found.local

    def source_for(self, destination: IPv4Address, vrf: str = GLOBAL) -> IPv4Address | None:
        """The address that we use towards a destination."""
        if self.is_local(destination, vrf):
            return destination
        path = self.routes_of(vrf).lookup(int(destination))
        return path.interface.address_towards(path.next_hop or destination) if path else None

    def send(self, packet: Packet, vrf: str = GLOBAL) -> None:
        """Send a packet of ours; one without a route is lost."""
        self._identification = (self._identification + 1) & 0xFFFF
        if not packet.identification:
            packet = replace(packet, identification=self._identification)
        if self.is_local(packet.destination, vrf):
            # Through the event queue: a reply must not overtake the code that sent the request.
            self._clock.call_later(0, lambda: self._deliver(packet.pack(), self._loopback(packet.destination, vrf)))
            return
        path = self.routes_of(vrf).lookup(int(packet.destination))
        if packet.destination.is_multicast:
            # Where the source address is; routes say nothing about groups.
            own = (item for item in self._interfaces if item.vrf == vrf and item.address == packet.source)
            where = next(own, path.interface if path is not None else None)
            if where is not None:
                self.groups.send(packet.pack(), packet.destination, where)
        elif path is not None:
            self._output(packet.pack(), path.interface, path.next_hop or packet.destination)

    def receive(self, data: bytes, interface: Interface) -> None:
        """Take a packet that came in on an interface; raises WireError when it is malformed."""
        header_length(data)
        data = data[: int.from_bytes(data[2:4], "big")]
        if not interface.input_hooks:
            self._route(data, interface)
            return
        for packet in run_hooks(interface.input_hooks, data, interface):
            self._route(packet, interface)

    def resume(self, data: bytes, interface: Interface) -> None:
        """Go on with a packet that came out of encryption elsewhere, as if it had come in on an interface."""
        later = {stage: hook for stage, hook in interface.input_hooks.items() if stage > CRYPTO_IN}
        for packet in run_hooks(later, data, interface):
            self._route(packet, interface)

    def is_for_router(self, destination: int, interface: Interface) -> bool:
        """Whether a packet that comes in on an interface goes no further: to one of our addresses, or to all hosts of a
        network."""
        vrf = self._vrfs.get(interface.vrf)
        return vrf is None or destination in vrf.local or destination in vrf.broadcasts

    # The inside

    def _route(self, data: bytes, interface: Interface) -> None:
        destination = int.from_bytes(data[16:20], "big")
        vrf = self._vrfs[interface.vrf]
        if destination >> 28 == MULTICAST:
            self.groups.arrived(data, destination, interface)
            return
        if destination in vrf.local or destination in vrf.broadcasts:
            self._deliver(data, interface)
            return
        if data[8] <= 1:
            self.icmp.error(icmp.TIME_EXCEEDED, 0, data, interface.address, vrf=interface.vrf)
            return
        path = vrf.routes.lookup(destination)
        if path is None:
            self.icmp.error(icmp.UNREACHABLE, icmp.HOST_UNREACHABLE, data, interface.address, vrf=interface.vrf)
            return
        self._output(decrement_ttl(data), path.interface, path.next_hop or IPv4Address(destination))

    def _output(self, data: bytes, interface: Interface, next_hop: IPv4Address) -> None:
        if not interface.output_hooks:
            self._fit(data, data, interface, next_hop)
            return
        for packet in run_hooks(interface.output_hooks, data, interface):
            self._fit(packet, data, interface, next_hop)

    def _fit(self, packet: bytes, original: bytes, interface: Interface, next_hop: IPv4Address) -> None:
        """Fragment what is too large. What a hook added is taken off the MTU that the sender is told."""
        if len(packet) <= interface.mtu:
            self._emit(packet, interface, next_hop)
        elif packet[6] & 0x40:
            mtu = interface.mtu - (len(packet) - len(original))
            source = self.source_for(IPv4Address(original[12:16]), interface.vrf) or interface.address
            self.icmp.error(icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED, original, source, mtu, interface.vrf)
        else:
            for piece in fragments(packet, interface.mtu):
                self._emit(piece, interface, next_hop)

    def _emit(self, packet: bytes, interface: Interface, next_hop: IPv4Address) -> None:
        if not interface.line_up or interface.port is None:
            interface.counters.output_drops += 1
        elif interface.port.framing == "ip":
            self._link.transmit(interface, packet, next_hop)
        elif next_hop.is_multicast:
            self._link.transmit(interface, hardware_address(next_hop) + interface.mac + IPV4 + packet)
        else:
            self.arp.send(interface, next_hop, packet)

    def _deliver(self, data: bytes, interface: Interface) -> None:
        packet = self._reassembler.add(Packet.parse(data), self._clock.now())
        if packet is None:
            return
        try:
            taken = self._hand_over(packet, interface)
        except WireError:
            interface.counters.input_errors += 1
            return
        if not taken and self.is_local(packet.destination, interface.vrf):
            code = icmp.PORT_UNREACHABLE if packet.protocol == UDP else icmp.PROTOCOL_UNREACHABLE
            self.icmp.error(icmp.UNREACHABLE, code, data, packet.destination, vrf=interface.vrf)

    def _hand_over(self, packet: Packet, interface: Interface) -> bool:
        """Give a packet to whoever it is for; False where that is nobody."""
        if packet.protocol == ICMP:
            self.icmp.receive(packet, interface)
        elif packet.protocol == UDP:
            return self.udp.receive(packet, interface)
        elif packet.protocol == IGMP:
            self.multicast.receive(packet, interface)
        elif packet.protocol in self.protocols:
            self.protocols[packet.protocol](packet, interface)
        else:
            return False
        return True

    def _answers(self, interface: Interface, target: IPv4Address) -> bool:
        """Our own address, or (proxy ARP) one that we would forward out of another interface."""
        if any(address.ip == target for address in interface.addresses):
            return True
        if any(target in address.network for address in interface.addresses):
            return int(target) in self.aliases
        path = self.routes_of(interface.vrf).lookup(int(target))
        return path is not None and path.interface is not interface

    def _loopback(self, address: IPv4Address, vrf: str) -> Interface:
        members = (item for item in self._interfaces if item.vrf == vrf)
        return next(item for item in members if any(own.ip == address for own in item.addresses))

    def _leaked(self, route: StaticRoute) -> StaticRoute:
        """A route whose next hop is one of the global table leads out of the interface that it is reached by."""
        path = self.routes.lookup(int(route.next_hop)) if route.leaks and route.next_hop else None
        return replace(route, interface=path.interface.name) if path else route
