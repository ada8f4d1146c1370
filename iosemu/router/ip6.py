"""The forwarding path and the router's own host for IPv6; it shares interfaces and ports with IPv4."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address

from iosemu.router.advertiser import Advertiser
from iosemu.router.clock import Clock
from iosemu.router.discovery import Discovery
from iosemu.router.icmp6 import Icmp6Host
from iosemu.router.interfaces import Interface, InterfaceTable, run_hooks
from iosemu.router.link import LinkLayer
from iosemu.router.neighbors import NeighborCache
from iosemu.router.options6 import examine
from iosemu.router.own_addresses import OwnAddresses
from iosemu.router.path_mtu import PathMtus
from iosemu.router.reassembly import Reassembler
from iosemu.router.routes import RoutingTable6, StaticRoute6
from iosemu.router.sources6 import SourceAddresses, is_on_link
from iosemu.router.vrf import GLOBAL, NULL, Vrf6
from iosemu.wire import icmpv6
from iosemu.wire.errors import WireError
from iosemu.wire.ethernet import IPV6
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.ipv4 import UDP
from iosemu.wire.ipv6 import (
    ICMPV6,
    MINIMUM_MTU,
    NO_NEXT_HEADER,
    Packet6,
    check,
    decrement_hop_limit,
    fragments,
)
from iosemu.wire.neighbor import ALL_NODES, ALL_ROUTERS, multicast_mac
from iosemu.wire.udp import UdpDatagram

# The first octet of a group's address, and the first ten bits of an address of one link.
MULTICAST = 0xFF
LINK_LOCAL = 0xFE80 >> 6
# `::1`; the number below it is no address at all.
LOOPBACK = 1


class Ip6Stack:
    """Takes packets from interfaces, forwards or delivers them, and sends what the router itself has to say."""

    def __init__(self, clock: Clock, interfaces: InterfaceTable, link: LinkLayer) -> None:
        self._clock = clock
        self._interfaces = interfaces
        self._link = link
        # Whether packets of others are forwarded: a router, not a host.
        self.forwarding = False
        self.statics: list[StaticRoute6] = []
        self._vrfs: dict[str, Vrf6] = {GLOBAL: Vrf6()}
        self.discovery = discovery = Discovery(self)
        self.neighbors = NeighborCache(clock, link.transmit, discovery.solicit, self._unreachable)
        self.own = OwnAddresses(clock, discovery.examine, discovery.announce)
        self.sources = SourceAddresses(interfaces, self.own, self.routes_of, self.is_local)
        self.icmp = Icmp6Host(clock, self.send, self.sources.of_error)
        self.advertiser = Advertiser(clock, discovery.advertise)
        self._reassembler = Reassembler()
        self._identification = 0
        self.path_mtus = PathMtus(clock)
        self.icmp.listen(self.path_mtus.hear)
        # What happened to packets, by a word for it.
        self.counters: Counter[str] = Counter()
        link.receivers[IPV6] = self.receive

    # What the rest of the router uses

    def routes_of(self, vrf: str = GLOBAL) -> RoutingTable6:
        """The routing table of an instance, empty where nothing is in it."""
        found = self._vrfs.get(vrf)
        return found.routes if found is not None else RoutingTable6()

    def refresh(self) -> None:
        """Derive routes, addresses and advertisements from the interfaces as they are now."""
        interfaces = list(self._interfaces)
        names = {GLOBAL, *(item.vrf for item in interfaces), *(route.vrf for route in self.statics)}
        self._vrfs = {name: self._vrfs.get(name) or Vrf6() for name in sorted(names)}
        null = self._interfaces.add(NULL) if any(item.link_local for item in interfaces) else None
        for name, vrf in self._vrfs.items():
            members = [item for item in interfaces if item.vrf == name]
            vrf.rebuild(members, interfaces, [route for route in self.statics if route.vrf == name], null)
        self.own.refresh(interfaces)
        for interface in dict.fromkeys([*interfaces, *self.advertiser.interfaces]):
            self.follow_advertising(interface)

    def is_local(self, address: IPv6Address, vrf: str = GLOBAL) -> bool:
        """Whether an address of more than a link is ours, and up."""
        return self.is_local_number(int(address), vrf)

    def is_local_number(self, address: int, vrf: str = GLOBAL) -> bool:
        """The same for an address as a number."""
        found = self._vrfs.get(vrf)
        return found is not None and address in found.local

    def interface_towards(self, destination: IPv6Address, vrf: str = GLOBAL) -> Interface | None:
        """Where packets of ours leave towards a destination that is not on a link alone; an address of ours is where it
        was given to."""
        for interface in self._interfaces:
            if interface.vrf == vrf and any(item.ip == destination for item in interface.addresses6):
                return interface
        path = self.routes_of(vrf).lookup(int(destination))
        return path.interface if path is not None else None

    def send(self, packet: Packet6, interface: Interface) -> None:
        """Send a packet of ours. The routing table of the interface's instance says where it goes; the interface itself
        where the destination is on a link."""
        vrf = interface.vrf
        self.counters["generated"] += 1
        self.counters["UDP sent"] += packet.protocol == UDP
        destination = packet.destination
        if self.is_local(destination, vrf) or self.own.is_valid(interface, destination):
            # Through the event queue: a reply must not overtake the code that sent the request.
            self._clock.call_later(0, lambda: self._deliver(packet.pack(), interface))
        elif is_on_link(destination):
            self._send_whole_or_split(packet, interface, destination)
        elif path := self.routes_of(vrf).lookup(int(destination)):
            self._send_whole_or_split(packet, path.interface, path.next_hop or destination)

    def groups(self, interface: Interface) -> list[IPv6Address]:
        """The groups that are received on an interface."""
        if interface.link_local is None:
            return []
        return [ALL_NODES, *([ALL_ROUTERS] if self.forwarding else []), *self.own.groups(interface)]

    def receive(self, data: bytes, interface: Interface) -> None:
        """Take a packet that came in on an interface; raises WireError when it is malformed."""
        if interface.link_local is None:
            return
        data = data[: check(data)]
        self._count("received", data)
        for packet in run_hooks(interface.input_hooks6, data, interface):
            self._route(packet, interface)

    def follow_advertising(self, interface: Interface) -> None:
        """Start or end router advertisements on an interface as it is now."""
        wanted = (
            self.forwarding
            and interface.line_up
            and interface.link_local is not None
            and not interface.nd.silent
            and interface.port is not None
            and interface.port.framing == "ethernet"
        )
        if not wanted:
            self.advertiser.stop(interface)
        elif interface.link_local is not None and self.own.is_valid(interface, interface.link_local):
            self.advertiser.start(interface)

    # The inside

    def _route(self, data: bytes, interface: Interface) -> None:
        destination = int.from_bytes(data[24:40], "big")
        vrf = self._vrfs[interface.vrf]
        if data[24] == MULTICAST:
            if IPv6Address(destination) in self.groups(interface):
                self._deliver(data, interface)
        elif destination in vrf.local:
            self._deliver(data, interface)
        elif destination >> 118 == LINK_LOCAL:
            # Nobody forwards these.
            if interface.link_local is not None and destination == int(interface.link_local):
                self._deliver(data, interface)
        elif self.forwarding:
            self._forward(data, interface, vrf, destination)
        else:
            self.counters["not a router"] += 1

    def _forward(self, data: bytes, interface: Interface, vrf: Vrf6, destination: int) -> None:
        source = int.from_bytes(data[8:24], "big")
        if data[8] == MULTICAST or source <= LOOPBACK or destination <= LOOPBACK:
            # RFC 4291 sections 2.5.2, 2.5.3 and 2.7: such packets never leave a link, or a node.
            self.counters["bad source"] += 1
            interface.counters.input_errors += 1
            return
        if data[7] <= 1:
            self.counters["hop count exceeded"] += 1
            self.icmp.error(icmpv6.TIME_EXCEEDED, icmpv6.HOP_LIMIT_EXCEEDED, data, interface)
            return
        path = vrf.routes.lookup(destination)
        if path is None or path.interface.name == NULL:
            self.counters["no route"] += 1
            self.icmp.error(icmpv6.UNREACHABLE, icmpv6.NO_ROUTE, data, interface)
        elif source >> 118 == LINK_LOCAL:
            self.icmp.error(icmpv6.UNREACHABLE, icmpv6.BEYOND_SCOPE, data, interface)
        else:
            self.counters["forwarded"] += 1
            next_hop = path.next_hop or IPv6Address(destination)
            self._output(decrement_hop_limit(data), path.interface, next_hop, interface)

    def _send_whole_or_split(self, packet: Packet6, interface: Interface, next_hop: IPv6Address) -> None:
        data = packet.pack()
        mtu = self.path_mtus.largest(packet.destination, interface.mtu6)
        pieces = [data] if len(data) <= mtu else self._split(data, mtu)
        for piece in pieces:
            self._output(piece, interface, next_hop, interface)

    def _output(self, data: bytes, interface: Interface, next_hop: IPv6Address, came_from: Interface) -> None:
        for packet in run_hooks(interface.output_hooks6, data, interface):
            self._fit(packet, data, interface, next_hop, came_from)

    def _fit(
        self, packet: bytes, original: bytes, interface: Interface, next_hop: IPv6Address, came_from: Interface
    ) -> None:
        """Refuse what is too large; only its source may split it. What a hook put around it is ours to split, where the
        sender cannot be told of less than every link carries (RFC 2473 section 7.1)."""
        if len(packet) <= interface.mtu6:
            self._emit(packet, interface, next_hop)
            return
        grown = len(packet) - len(original)
        if grown and len(original) <= MINIMUM_MTU:
            for piece in self._split(packet, interface.mtu6):
                self._emit(piece, interface, next_hop)
            return
        self.counters["too big"] += 1
        mtu = max(MINIMUM_MTU, interface.mtu6 - grown)
        self.icmp.error(icmpv6.PACKET_TOO_BIG, 0, original, came_from, mtu)

    def _emit(self, packet: bytes, interface: Interface, next_hop: IPv6Address) -> None:
        self._count("sent", packet)
        if not interface.line_up or interface.port is None:
            interface.counters.output_drops += 1
        elif interface.port.framing == "ip":
            self._link.transmit(interface, packet)
        elif next_hop.is_multicast:
            self._link.transmit(interface, multicast_mac(next_hop) + interface.mac + IPV6 + packet)
        else:
            self.neighbors.send(interface, next_hop, packet)

    def _deliver(self, data: bytes, interface: Interface) -> None:
        try:
            packet = Packet6.parse(data)
            if not examine(self.icmp, packet, data, interface):
                return
            self.counters["fragments"] += packet.fragment is not None
            whole = self._reassembler.add6(packet, self._clock.now())
            if whole is None:
                return
            if whole is not packet:
                # What is behind the header of fragments has not been read yet.
                self.counters["reassembled"] += 1
                data = whole.pack()
                packet = Packet6.parse(data)
                if not examine(self.icmp, packet, data, interface):
                    return
            self.counters["delivered"] += 1
            self._hand_over(packet, data, interface)
        except WireError:
            interface.counters.input_errors += 1

    def _hand_over(self, packet: Packet6, data: bytes, interface: Interface) -> None:
        if packet.protocol == ICMPV6:
            message = Icmp6Message.parse(packet.payload, packet.source, packet.destination)
            self.icmp.counters["in", message.kind, message.code] += 1
            if not self.discovery.receive(packet, message, interface):
                self.icmp.receive(packet, message, interface)
        elif packet.protocol == UDP:
            self.counters["UDP"] += 1
            UdpDatagram.parse(packet.payload, packet.source, packet.destination)
            self.icmp.error(icmpv6.UNREACHABLE, icmpv6.PORT_UNREACHABLE, data, interface)
        elif packet.protocol != NO_NEXT_HEADER:
            self.counters["unknown protocol"] += 1
            # The octet that names the protocol is that of the last header.
            place = len(data) - len(packet.payload) - len(packet.extensions[-1].body) - 1 if packet.extensions else 6
            self.icmp.error(icmpv6.PARAMETER_PROBLEM, icmpv6.UNKNOWN_NEXT_HEADER, data, interface, place)

    def _unreachable(self, interface: Interface, packet: bytes) -> None:
        self.counters["encapsulation failed"] += 1
        self.icmp.error(icmpv6.UNREACHABLE, icmpv6.ADDRESS_UNREACHABLE, packet, interface)

    def _split(self, packet: bytes, mtu: int) -> list[bytes]:
        self._identification = (self._identification + 1) & 0xFFFFFFFF
        pieces = fragments(packet, mtu, self._identification)
        self.counters["fragmented"] += 1
        self.counters["made fragments"] += len(pieces)
        return pieces

    def _count(self, what: str, packet: bytes) -> None:
        """A packet that was received or sent."""
        for word in (what, f"groups {what}") if packet[24] == MULTICAST else (what,):
            self.counters[word] += 1
            self.counters[f"{word} octets"] += len(packet)
