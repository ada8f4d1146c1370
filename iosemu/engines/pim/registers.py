"""Sources and the RP: the first-hop router registers, the RP takes packets out and stops it (RFC 7761 section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.pim.config import REGISTER_PROBE, REGISTER_SUPPRESSION
from iosemu.engines.pim.core import Core, Timer
from iosemu.engines.pim.events import InvalidRpRegister
from iosemu.engines.pim.states import REGISTER_TRANSITIONS, RegisterState, RegisterStep
from iosemu.engines.pim.trees import Tree
from iosemu.engines.pim.upstream import Upstream
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import PIM, Packet, decrement_ttl
from iosemu.wire.pim import Register, RegisterStop

ANY_SOURCE = IPv4Address(0)


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A packet that came in a register, and the interfaces that it goes out by."""

    packet: bytes
    interfaces: tuple[str, ...]


class Registers:
    """Both ends of registration."""

    def __init__(self, core: Core, upstream: Upstream) -> None:
        self._core = core
        self._upstream = upstream
        self.unwrapped: list[Unwrapped] = []

    # The first-hop router

    def packet_of(self, tree: Tree, packet: bytes) -> None:
        """A source on a segment of ours has sent; its TTL is at least 2."""
        if tree.rp is None or tree.rp in self._core.config.own:
            return
        self._step(tree, RegisterStep.SOURCE)
        if tree.register is RegisterState.JOIN:
            self._core.send(None, tree.rp, Register(decrement_ttl(packet)))

    def stopped(self, message: RegisterStop, now: float) -> None:
        """The RP wants no more."""
        for tree in self._core.sources(message.group):
            if message.source in (tree.source, ANY_SOURCE) and self._step(tree, RegisterStep.STOP):
                wait = REGISTER_SUPPRESSION * self._core.uniform(0.5, 1.5) - REGISTER_PROBE
                self._core.timers.set(Timer("register", tree.key), now + wait)

    def probe(self, tree: Tree, now: float) -> None:
        """Ask the RP whether it still wants none; without an answer the packets go there again."""
        self._step(tree, RegisterStep.TIMER)
        if tree.register is RegisterState.JOIN_PENDING and tree.source is not None and tree.rp is not None:
            header = Packet(tree.source, tree.group, PIM, b"").pack()
            self._core.send(None, tree.rp, Register(header, null=True))
            self._core.timers.set(Timer("register", tree.key), now + REGISTER_PROBE)

    def gone(self, tree: Tree) -> None:
        """The source is silent."""
        self._step(tree, RegisterStep.GONE)
        self._core.timers.set(Timer("register", tree.key), None)

    # The RP

    def receive(self, message: Register, sender: IPv4Address, own: IPv4Address, now: float) -> None:
        """Take a register that was sent to an address of ours; raises WireError where there is no packet in it."""
        core = self._core
        packet = Packet.parse(message.packet)
        group, source = packet.destination, packet.source
        if not group.is_multicast or source.is_multicast:
            raise WireError("register without a multicast packet")
        if core.rp_of(group) != own:
            core.events.append(InvalidRpRegister(group, sender, own))
            core.send(None, sender, RegisterStop(group, source))
            return
        tree = core.tree(group, source, now)
        core.keep(tree, now)
        self._upstream.review(tree, now)
        shared = core.shared(group)
        wanted = core.wanted_on_shared(tree, shared) if shared is not None else set()
        if tree.spt or not wanted:
            core.send(None, sender, RegisterStop(group, source))
        elif not message.null:
            tree.packets += 1
            tree.octets += len(message.packet)
            self.unwrapped.append(Unwrapped(message.packet, tuple(sorted(wanted))))

    @staticmethod
    def _step(tree: Tree, step: RegisterStep) -> bool:
        """Take a step where the state knows it."""
        after = REGISTER_TRANSITIONS.get((tree.register, step))
        if after is not None:
            tree.register = after
        return after is not None
