"""Many key servers and members in virtual time, on a network that fails in every way, as a seed says.

One run is a schedule of faults, a healing, and a time of rest; promises.py says what must hold meanwhile. A seed gives
the same run each time: `python -m tests.engines.coop.simulation SEED` shows its course.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from random import Random

from iosemu.engines.coop import events
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.peers import Contact
from iosemu.engines.coop.server import CoopServer
from iosemu.engines.gdoi.sender_ids import SenderIds
from iosemu.wire.coop import CoopMessage, CoopRole
from tests.engines.coop.light import SID_BITS, LightKeys, LightMember, Push, Round
from tests.engines.coop.node import Node, numbers_of, sender_ids
from tests.engines.coop.promises import CHECK_EVERY, Promises

MEMBERS = 50
# Seconds of rest behind the healing.
SETTLED_FOR = 420.0
ATTEMPT_TIME = 10.0
# How many of the runs have a counter mode, with sender IDs.
COUNTING = 0.04
COUNTING_MEMBERS = 24
SHORT, LONG = 0.002, 0.05


class Simulation:
    """`run` plays the whole of a seed."""

    def __init__(self, seed: int, trace: bool = False, counting: bool | None = None) -> None:
        self.random = Random(seed)
        # What came later must not change the course of the seeds before.
        self.dice = Random(seed * 7919 + 1)
        drawn = self.dice.random() < COUNTING
        self.counting = drawn if counting is None else counting
        self.seed, self.trace = seed, trace
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._count = 0
        count = self.random.choice((2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 5, 5, 8))
        self.loss = self.random.choice((0.0, 0.0, 0.05, 0.15, 0.3))
        self.duplicate = self.random.choice((0.0, 0.05, 0.3))
        self.delay = self.random.choice(((SHORT, LONG), (SHORT, LONG), (0.0, 2.0)))
        self.keepalives = self.random.random() < 0.5
        self.cut: set[tuple[int, int]] = set()
        self.cut_members: set[tuple[int, int]] = set()
        self.healed_at: float | None = None
        self.failovers: list[float] = []
        self.granted = 0
        addresses = [IPv4Address("192.0.2.1") + number for number in range(count)]
        priorities = [self.random.choice((1, 50, 100, 200)) for _ in range(count)]
        self.nodes = [self._node(number, addresses, priorities[number]) for number in range(count)]
        self.sas: dict[tuple[int, int], int] = {}
        self.members = [
            LightMember(number, self.random.sample(range(count), count))
            for number in range(COUNTING_MEMBERS if self.counting else MEMBERS)
        ]
        self._members_by_address = {int(self.address_of(member)): member for member in self.members}
        self.promises = Promises(self)

    @staticmethod
    def address_of(member: LightMember) -> IPv4Address:
        return IPv4Address("10.9.0.0") + member.number

    def _node(self, number: int, addresses: list[IPv4Address], priority: int) -> Node:
        peers = tuple(address for address in addresses if address != addresses[number])
        config = CoopConfig("G", (0, bytes(4)), addresses[number], priority, peers)
        keys = LightKeys(self.random, sender_ids(numbers_of(number, self.dice) if self.counting else None))
        server = CoopServer(config, keys, self.random.randbytes)
        skew = self.random.choice((0.0, self.random.uniform(-1e6, 1e6)))
        rate = 1.0 + self.random.choice((0.0, self.random.uniform(-2e-4, 2e-4)))
        return Node(number, config, skew + 2e6, rate, server, keys)

    # The course of a run

    def run(self) -> None:
        """Play the seed; raises Violation."""
        for node in self.nodes:
            self.at(self.random.choice((0.0, self.random.uniform(0, 60))), self._boot, node)
        for member in self.members:
            self.at(self.random.uniform(0, 60), self._member_due, member)
        end = self.random.choice((250.0, 400.0, 700.0))
        time = self.random.uniform(60, 160)
        while time < end:
            self.at(time, self._fault)
            time += self.random.choice((self.random.expovariate(1 / 15), self.random.expovariate(1 / 120)))
        self.at(end, self._heal)
        self.at(CHECK_EVERY, self._check)
        self.play(end + SETTLED_FOR)
        self.promises.check_healed()

    def at(self, time: float, act: Callable[..., None], *arguments: object) -> None:
        """Do something later."""
        self._count += 1
        heapq.heappush(self._heap, (time, self._count, act, arguments))

    def play(self, end: float) -> None:
        """Let time pass."""
        heap = self._heap
        while heap and heap[0][0] <= end:
            self.now, _, act, arguments = heapq.heappop(heap)
            act(*arguments)

    def _check(self) -> None:
        self.at(self.now + CHECK_EVERY, self._check)
        self.promises.check()

    def say(self, text: str) -> None:
        """A line of the course."""
        if self.trace:
            print(f"{self.now:9.3f} {text}")

    # Faults

    def _fault(self) -> None:
        kind = self.random.choice(
            ("kill", "kill", "pause", "partition", "partition", "cut", "one-way", "mend", "clear", "members")
        )
        node = self.random.choice(self.nodes)
        self.say(f"fault: {kind} {node.number}")
        if kind == "kill" and node.alive:
            self._kill(node)
            self.at(self.now + self.random.choice((3.0, 30.0, 90.0, 300.0)), self._boot, node)
        elif kind == "pause" and node.alive and not node.paused:
            node.paused = True
            self.at(self.now + self.random.choice((5.0, 45.0, 120.0)), self._resume, node)
        elif kind == "partition":
            sides = [self.random.randrange(2) for _ in self.nodes]
            members = [self.random.randrange(2) for _ in self.members]
            numbers = range(len(self.nodes))
            self.cut = {(i, j) for i in numbers for j in numbers if sides[i] != sides[j]}
            self.cut_members = {(i, m) for i in numbers for m, side in enumerate(members) if side != sides[i]}
        elif kind == "cut" and len(self.nodes) > 1:
            other = self.random.choice([item for item in self.nodes if item is not node])
            self.cut |= {(node.number, other.number), (other.number, node.number)}
        elif kind == "one-way" and len(self.nodes) > 1:
            other = self.random.choice([item for item in self.nodes if item is not node])
            self.cut.add((node.number, other.number))
        elif kind == "mend":
            self.cut, self.cut_members = set(), set()
        elif kind == "clear" and node.alive and not node.paused:
            node.server.clear_role(node.clock(self.now))
            self._drive(node)
        elif kind == "members":
            self.cut_members = {(node.number, member.number) for member in self.members if self.random.random() < 0.5}
        if self.counting:
            self._fault_of_numbers(node)
        self.promises.topology_changed()

    def _fault_of_numbers(self, node: Node) -> None:
        """Numbers go from one configuration to another, or an administrator has all keys made anew."""
        kind, other = self.dice.choice(("none",) * 8 + ("numbers", "clear members")), self.dice.choice(self.nodes)
        if kind == "numbers" and node.keys.ids is not None and other.keys.ids is not None:
            self.say(f"numbers of {node.number} and {other.number} change places")
            mine, theirs = node.keys.ids.assigned, other.keys.ids.assigned
            node.keys.ids.reassign(SID_BITS, theirs)
            other.keys.ids.reassign(SID_BITS, mine)
        elif kind == "clear members" and node.alive and not node.paused:
            self._clear_members(node)

    def _clear_members(self, node: Node) -> None:
        self.say(f"KS{node.number} sends all members away")
        local = node.clock(self.now)
        node.keys.clear(local)
        node.server.members_cleared(local)
        self._drive(node)

    def _heal(self) -> None:
        self.say("healed")
        self.cut, self.cut_members = set(), set()
        self.loss = min(self.loss, 0.15)
        self.healed_at = self.now
        for node in self.nodes:
            if not node.alive:
                self._boot(node)
            elif node.paused:
                self._resume(node)
        self.promises.topology_changed()

    def _kill(self, node: Node) -> None:
        if node.server.role is CoopRole.PRIMARY:
            self.failovers.append(self.now)
        node.alive = node.paused = False
        node.timer = None
        node.backlog.clear()

    def _boot(self, node: Node) -> None:
        if node.alive and node.boots > 1:
            return
        node.alive, node.boots = True, node.boots + 1
        self.sas = {pair: epoch for pair, epoch in self.sas.items() if pair[0] != node.number}
        highest = node.keys.highest
        ids = node.keys.ids
        node.keys = LightKeys(self.random, sender_ids(ids.assigned if ids is not None else None))
        # A number that went out under a KEK must never be used again, not even by one who forgot it.
        node.keys.highest = dict.fromkeys(highest, 0)
        node.server = CoopServer(node.config, node.keys, self.random.randbytes)
        self.say(f"KS{node.number} boots")
        node.server.start(node.clock(self.now))
        self.promises.topology_changed()
        self._drive(node)

    def _resume(self, node: Node) -> None:
        if not node.alive or not node.paused:
            return
        node.paused = False
        backlog, node.backlog = node.backlog, []
        for act in backlog:
            act()
        self.promises.topology_changed()
        self._drive(node)

    # The network between key servers

    def connected(self, one: int, other: int) -> bool:
        """Whether messages pass in both directions."""
        return (one, other) not in self.cut and (other, one) not in self.cut

    def _drive(self, node: Node) -> None:
        """Carry out what a key server wants, and wait for its next timer."""
        server, keys = node.server, node.keys
        local = node.clock(self.now)
        server.poll(local)
        for peer, message in server.take_messages():
            target = int(peer.address) - int(self.nodes[0].config.local)
            server.sent(peer, message, 0)
            self.promises.check_sequence(node, message)
            self._transmit(node, self.nodes[target], message)
        if keys.outgoing and not server.holds_pushes:
            rounds, keys.outgoing = keys.outgoing, []
            for current in rounds:
                self.at(self.now + SHORT, self._push, node, keys, current, node.boots)
        for event in server.take_events():
            self._handle(node, event)
        due = min(server.next_timer() or 1e15, keys.next_timer())
        world = max(self.now, node.world(due))
        if node.timer is None or world < node.timer - 1e-9:
            node.timer = world
            self.at(world + 1e-6, self._timer, node, world)

    def _timer(self, node: Node, when: float) -> None:
        if node.timer != when or not node.alive:
            return
        node.timer = None
        if node.paused:
            node.backlog.append(lambda: None)
            return
        local = node.clock(self.now)
        if node.keys.next_timer() <= local:
            for number in node.keys.handle_timer(local):
                node.server.member_removed(IPv4Address(number), local)
        if (node.server.next_timer() or 1e15) <= local:
            node.server.handle_timer(local)
        self._drive(node)

    def _transmit(self, node: Node, target: Node, message: CoopMessage) -> None:
        pair = node.number, target.number
        epoch = self.sas.get(pair)
        if epoch is None or pair in self.cut:
            return
        copies = 1 + (self.random.random() < self.duplicate)
        for _ in range(copies):
            if self.random.random() >= self.loss:
                self.at(self.now + self.random.uniform(*self.delay), self._arrive, target, node.number, message, epoch)

    def _arrive(self, node: Node, source: int, message: CoopMessage, epoch: int) -> None:
        if not node.alive or self.sas.get((node.number, source)) != epoch:
            return
        if node.paused:
            if len(node.backlog) < 200:
                node.backlog.append(lambda: self._arrive(node, source, message, epoch))
            return
        node.server.receive(self.nodes[source].config.local, message, 0, node.clock(self.now))
        self._drive(node)

    def _handle(self, node: Node, event: object) -> None:
        if isinstance(event, events.ContactNeeded):
            target = int(event.peer) - int(self.nodes[0].config.local)
            self.at(self.now + 0.05, self._negotiate, node, self.nodes[target], 5, node.boots)
        elif self.trace and not isinstance(event, (events.AnnouncementSent, events.AnnouncementReceived)):
            self.say(f"KS{node.number} {event}")

    def _negotiate(self, node: Node, target: Node, left: int, boots: int) -> None:
        """Phase 1: a few attempts, ten seconds apart."""
        if not node.alive or node.boots != boots:
            return
        up = target.alive and not target.paused and not node.paused and self.connected(node.number, target.number)
        if up and self.random.random() >= self.loss**2:
            self._count += 1
            self.sas[node.number, target.number] = self.sas[target.number, node.number] = self._count
            for one, other in ((node, target), (target, node)):
                one.server.contact_up(other.config.local, one.clock(self.now))
                self._drive(one)
            if self.keepalives:
                self.at(self.now + 15.0, self._keepalive, node, target, self._count)
        elif left:
            self.at(self.now + 10.0, self._negotiate, node, target, left - 1, boots)
        elif node.paused:
            node.backlog.append(lambda: self._negotiate(node, target, 0, boots))
        else:
            node.server.contact_lost(target.config.local, Contact.FAILED, True, node.clock(self.now))
            self._drive(node)

    def _keepalive(self, node: Node, target: Node, epoch: int) -> None:
        """Periodic dead peer detection of both ends."""
        pairs = (node.number, target.number), (target.number, node.number)
        if all(self.sas.get(pair) != epoch for pair in pairs):
            return
        up = all(item.alive and not item.paused for item in (node, target)) and self.connected(*pairs[0])
        up = up and all(self.sas.get(pair) == epoch for pair in pairs)
        if up and self.random.random() >= self.loss**5:
            self.at(self.now + 15.0, self._keepalive, node, target, epoch)
            return
        for one, other in ((node, target), (target, node)):
            pair = one.number, other.number
            if one.alive and not one.paused and self.sas.get(pair) == epoch:
                del self.sas[pair]
                one.server.contact_lost(other.config.local, Contact.NONE, True, one.clock(self.now))
                self._drive(one)
        if any(self.sas.get(pair) == epoch for pair in pairs):
            self.at(self.now + 15.0, self._keepalive, node, target, epoch)

    # Members

    def member_reaches(self, node: Node, member: LightMember) -> bool:
        """Whether a member and a key server hear each other."""
        return (node.number, member.number) not in self.cut_members

    def _push(self, node: Node, keys: LightKeys, current: Round, boots: int) -> None:
        if not node.alive or node.boots != boots:
            return
        push, loss, random = current.push, self.loss, self.random.random
        for number in sorted(current.pending):
            member = self._members_by_address[number]
            if (node.number, member.number) in self.cut_members or (loss and random() < loss):
                continue
            if self._deliver(member, push) and not (loss and random() < loss):
                keys.acknowledged(number, push)

    def _deliver(self, member: LightMember, push: Push) -> bool:
        before = member.registers_at
        taken = member.receive(push, self.now)
        if member.registers_at != before:
            self.at(member.registers_at, self._member_due, member)
        if self.counting:
            self.promises.check_nonces(member)
        return taken

    def _member_due(self, member: LightMember) -> None:
        """Time to register, unless a rekey came in between."""
        if member.registering is None and member.registers_at <= self.now + 1e-6:
            self._attempt(member, 0)

    def _attempt(self, member: LightMember, index: int) -> None:
        if index >= len(member.servers):
            member.registering = None
            member.registers_at = self.now + self.random.uniform(10, 30)
            self.at(member.registers_at, self._member_due, member)
            return
        member.registering = index
        node = self.nodes[member.servers[index]]
        there = node.alive and not node.paused and self.member_reaches(node, member)
        if not there or self.random.random() < self.loss**3:
            self.at(self.now + ATTEMPT_TIME, self._attempt, member, index + 1)
        elif not node.serves:
            self.at(self.now + 0.1, self._attempt, member, index + 1)
        else:
            self._register(member, node)

    def _register(self, member: LightMember, node: Node) -> None:
        keys, local = node.keys, node.clock(self.now)
        keys.expire(local)
        if keys.ids is not None and not self._take_sender_id(member, node, keys.ids):
            return
        teks = {spi: self.now + ends - local for spi, (_, ends) in keys.teks.items()}
        member.registering = None
        member.download(keys.kek, keys.sequence, self.now + keys.kek_ends - local, teks, self.now)
        if self.counting:
            self.promises.check_nonces(member)
        if member.registers_at <= self.now + 1.0:
            # Keys that end at once: come back for others soon.
            member.registers_at = self.now + 10.0
        self.at(member.registers_at, self._member_due, member)
        address = self.address_of(member)
        keys.members.add(int(address))
        keys.missed.pop(int(address), None)
        node.server.member_registered(address, (1, 0, 17), local)
        self._drive(node)

    def _take_sender_id(self, member: LightMember, node: Node, ids: SenderIds) -> bool:
        sids = ids.take(1)
        if sids is None:
            # None is left, of the primary's; with all keys made anew every one is free again.
            self._clear_members(node)
            self.at(self.now + 1.0, self._attempt, member, 0)
            return False
        (member.sid,) = sids
        self.granted += 1
        return True


def main(arguments: list[str]) -> int:
    """Replay seeds with their course."""
    for word in arguments:
        Simulation(int(word), trace=True).run()
        print(f"seed {word}: all promises kept")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
