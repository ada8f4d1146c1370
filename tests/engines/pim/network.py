"""Routers with PIM on segments without hosts: messages pass at once, packets are counted where they pass."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from itertools import count
from random import Random

from iosemu.engines.common import Event, earliest
from iosemu.engines.pim.config import LinkConfig, Mode, PimConfig, Rpf, StaticRp
from iosemu.engines.pim.engine import PimEngine
from iosemu.engines.pim.trees import Tree
from iosemu.wire.ipv4 import UDP, Packet, decrement_ttl
from iosemu.wire.pim import Pim

GROUP = IPv4Address("239.1.1.1")


@dataclass
class Node:
    """A router; the names of its interfaces are those of the segments."""

    name: str
    config: PimConfig
    engine: PimEngine
    addresses: dict[str, IPv4Address]
    events: list[Event] = field(default_factory=list)

    def address(self, segment: str) -> IPv4Address:
        return self.addresses[segment]

    def find_tree(self, source: IPv4Address | None = None, group: IPv4Address = GROUP) -> Tree | None:
        return next((tree for tree in self.engine.trees if tree.key == (group, source)), None)

    def tree(self, source: IPv4Address | None = None, group: IPv4Address = GROUP) -> Tree:
        """The tree, which must be there."""
        found = self.find_tree(source, group)
        assert found is not None
        return found


class Network:
    """`segments` has the routers of each, in the order of their addresses: `10.0.N.1`, `.2` ...; metrics are hops.
    `messages` has what was sent: who, where, what."""

    def __init__(
        self, segments: dict[str, str], rp: str | None = None, mode: Mode = Mode.SPARSE, seed: int = 1
    ) -> None:
        random = Random(seed)
        self.now = 1.0
        self.prefixes = {name: IPv4Network(f"10.0.{n}.0/24") for name, n in zip(segments, count(1), strict=False)}
        self.segments = {name: text.split() for name, text in segments.items()}
        self.nodes: dict[str, Node] = {}
        self.messages: list[tuple[str, str | None, Pim]] = []
        self.down: set[str] = set()
        names = sorted({name for members in self.segments.values() for name in members})
        for name in names:
            links = tuple(
                LinkConfig(segment, self.prefixes[segment][members.index(name) + 1], mode)
                for segment, members in self.segments.items()
                if name in members
            )
            config = PimConfig(links, own=frozenset(link.address for link in links))
            engine = PimEngine(partial(self._route, name), random.uniform)
            self.nodes[name] = Node(name, config, engine, {link.name: link.address for link in links})
        if rp is not None:
            rps = (StaticRp(self.nodes[rp].config.links[0].address),)
            for node in self.nodes.values():
                node.config = replace(node.config, rps=rps)
        for node in self.nodes.values():
            node.engine.configure(node.config, self.now)
        self.settle()

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def host(self, segment: str) -> IPv4Address:
        """A host of a segment."""
        return self.prefixes[segment][100]

    def configure(self, name: str, config: PimConfig) -> None:
        """Give a router other settings."""
        self[name].config = config
        self[name].engine.configure(config, self.now)
        self.settle()

    def cut(self, segment: str) -> None:
        """Nothing passes on a segment, and routes avoid it."""
        self.down.add(segment)
        for node in self.nodes.values():
            node.engine.routes_changed(self.now)
        self.settle()

    def join(self, segment: str, present: bool = True) -> None:
        """A host of a segment joins the group, or leaves it; all its routers hear of it."""
        for name in self.segments[segment]:
            self[name].engine.set_members(segment, GROUP, present, self.now)
        self.settle()

    def send(self, segment: str, source: IPv4Address | None = None) -> Counter[str]:
        """A host sends a packet; how many copies pass on each segment."""
        source = source or self.host(segment)
        seen: Counter[str] = Counter()
        waiting = deque([(segment, "", Packet(source, GROUP, UDP, b"payload!", ttl=16).pack())])
        while waiting:
            place, sender, packet = waiting.popleft()
            seen[place] += 1
            for name in self.segments[place] if packet[8] > 1 and place not in self.down else ():
                if name != sender:
                    out = self[name].engine.route(source, GROUP, place, packet, self.now)
                    waiting += [(where, name, decrement_ttl(packet)) for where in out]
            if not waiting:
                # What the packet made the routers say is not faster than the packet.
                waiting += [(where, name, decrement_ttl(packet)) for name, where, packet in self.settle()]
        return seen

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while (due := earliest(*(node.engine.next_timer() for node in self.nodes.values()))) is not None and due <= end:
            self.now = max(self.now, due)
            for node in self.nodes.values():
                node.engine.handle_timer(self.now)
            self.settle()
        self.now = end

    def settle(self) -> list[tuple[str, str, bytes]]:
        """Exchange messages until all is quiet; what came out of registers, and where it goes."""
        unwrapped = []
        for _ in range(200):
            sent = list(self._take())
            for node in self.nodes.values():
                node.events += node.engine.take_events()
                for item in node.engine.take_unwrapped():
                    unwrapped += [(node.name, where, item.packet) for where in item.interfaces]
            if not sent and all((node.engine.next_timer() or self.now + 1) > self.now for node in self.nodes.values()):
                return unwrapped
            for node in self.nodes.values():
                node.engine.handle_timer(self.now)
            for name, interface, destination, message in sent:
                self.messages.append((name, interface, message))
                self._deliver(name, interface, destination, message)
        raise AssertionError("no end of messages")

    def _take(self) -> Iterator[tuple[str, str | None, IPv4Address, Pim]]:
        for node in self.nodes.values():
            for item in node.engine.take_messages():
                yield node.name, item.interface, item.destination, item.message

    def _deliver(self, sender: str, interface: str | None, destination: IPv4Address, message: Pim) -> None:
        data = message.pack()
        if interface is None:
            source = next(iter(self[sender].addresses.values()))
            for node in self.nodes.values():
                if destination in node.config.own:
                    node.engine.receive(node.config.links[0].name, source, destination, data, self.now)
            return
        if interface in self.down:
            return
        source = self[sender].address(interface)
        for name in self.segments[interface]:
            to_us = destination.is_multicast or destination == self[name].address(interface)
            if name != sender and to_us:
                self[name].engine.receive(interface, source, destination, data, self.now)

    def _route(self, name: str, address: IPv4Address) -> Rpf | None:
        """The shortest way, by segments; of equals the first."""
        target = next((segment for segment, prefix in self.prefixes.items() if address in prefix), None)
        if target is None:
            return None
        if name in self.segments[target]:
            return Rpf(target, None)
        seen, waiting = {name}, deque([(name, "", "", 0)])
        while waiting:
            here, first, neighbor, hops = waiting.popleft()
            if here in self.segments[target]:
                return Rpf(first, self[neighbor].address(first), 1, hops)
            for segment, members in self.segments.items():
                if here in members and segment not in self.down:
                    for other in members:
                        if other not in seen:
                            seen.add(other)
                            waiting.append((other, first or segment, neighbor or other, hops + 1))
        return None
