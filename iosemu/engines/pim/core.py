"""What the parts of the engine share: configuration, trees, members, timers, and what is to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from iosemu.engines.common import Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.pim.config import KEEPALIVE, Mode, PimConfig, Routes, Rpf, listed
from iosemu.engines.pim.links import Links
from iosemu.engines.pim.trees import Hop, Key, Tree
from iosemu.wire.pim import ALL_PIM_ROUTERS, GroupSet, JoinPrune, Pim
from iosemu.wire.pim_addresses import TreeSource


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message: to a segment, or with `interface` None to wherever its destination is routed."""

    interface: str | None
    destination: IPv4Address
    message: Pim


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is due on a tree. `what` is join, override, expire, alive, register, graft, unprune or assert."""

    what: str
    key: Key
    interface: str = ""
    of_prunes: bool = False


@dataclass(slots=True)
class _Asked:
    joins: list[TreeSource] = field(default_factory=list)
    prunes: list[TreeSource] = field(default_factory=list)


class Core:
    """What the parts of PIM share: configuration, trees, timers, messages to send. `routes` finds the way back to an
    address; `uniform(low, high)` spreads what many would do at once."""

    def __init__(self, routes: Routes, uniform: Callable[[float, float], float]) -> None:
        self.config = PimConfig()
        self.routes = routes
        self.uniform = uniform
        self.links = Links()
        self.trees: dict[Key, Tree] = {}
        self._sources: dict[IPv4Address, list[Tree]] = {}
        self.members: dict[IPv4Address, set[str]] = {}
        self.timers: Deadlines[Timer] = Deadlines()
        self.events: list[Event] = []
        self._outgoing: list[Outgoing] = []
        self._asked: dict[Hop, dict[IPv4Address, _Asked]] = {}

    # Groups

    def rp_of(self, group: IPv4Address) -> IPv4Address | None:
        """The RP of a group: lists first, then the highest address."""
        found = [rp for rp in self.config.rps if listed(rp.groups, group)]
        return max(found, key=lambda rp: (rp.named, rp.address)).address if found else None

    def is_rp(self, group: IPv4Address) -> bool:
        """Whether we are it."""
        return self.rp_of(group) in self.config.own

    def is_dense(self, group: IPv4Address) -> bool:
        """Whether a group is flooded: it has no RP, and an interface may be in dense mode."""
        dense = any(link.config.mode is not Mode.SPARSE for link in self.links.by_name.values())
        return dense and self.rp_of(group) is None

    # Trees

    def tree(self, group: IPv4Address, source: IPv4Address | None, now: float) -> Tree:
        """A tree, made when it is new."""
        key = group, source
        if key not in self.trees:
            rp = self.rp_of(group)
            made = self.trees[key] = Tree(group, source, self.is_dense(group), rp, now)
            made.rpf = self.way(made)
            if source is not None:
                self._sources.setdefault(group, []).append(made)
                self.tree(group, None, now)
        return self.trees[key]

    def shared(self, group: IPv4Address) -> Tree | None:
        """The shared tree of a group."""
        return self.trees.get((group, None))

    def sources(self, group: IPv4Address) -> list[Tree]:
        """The trees of a group's sources."""
        return list(self._sources.get(group, ()))

    def way(self, tree: Tree) -> Rpf | None:
        """The way to the root of a tree; None where that is us, or there is none."""
        if tree.source is not None:
            return self.routes(tree.source)
        if tree.rp is None or tree.rp in self.config.own:
            return None
        rpf = self.routes(tree.rp)
        # An RP on a segment of ours is the neighbour itself.
        return replace(rpf, neighbor=tree.rp) if rpf is not None and rpf.neighbor is None else rpf

    def neighbor(self, tree: Tree) -> Hop | None:
        """RPF': the neighbour that a tree's packets come from; None where no PIM router is in that place."""
        link = self.links.get(tree.rpf.interface) if tree.rpf is not None else None
        if link is None or tree.rpf is None:
            return None
        winner = tree.asserts.get(link.config.name)
        address = winner.address if winner is not None else tree.rpf.neighbor
        return (link.config.name, address) if address in link.neighbors and address is not None else None

    def keep(self, tree: Tree, now: float) -> None:
        """The source is alive."""
        if tree.alive_until <= now:
            self.timers.set(Timer("alive", tree.key), now + KEEPALIVE)
        tree.alive_until = now + KEEPALIVE

    def forget(self, tree: Tree) -> None:
        """Take a tree out of the table."""
        del self.trees[tree.key]
        if tree.source is not None:
            self._sources[tree.group].remove(tree)
            if not self._sources[tree.group]:
                del self._sources[tree.group]
        for what in ("join", "alive", "register", "graft", "unprune"):
            self.timers.set(Timer(what, tree.key), None)
        for name in tree.asserts:
            self.timers.set(Timer("assert", tree.key, name), None)
        for of_prunes, table in ((False, tree.joins), (True, tree.prunes)):
            for name in table:
                self.timers.set(Timer("expire", tree.key, name, of_prunes), None)
                self.timers.set(Timer("override", tree.key, name, of_prunes), None)

    # Where packets of a tree are wanted

    def interested(self, tree: Tree) -> set[str]:
        """All interfaces with a reason to get a tree's packets (RFC 7761 section 4.1.6, RFC 3973 section 4.1.3)."""
        found = self._flooded(tree) if tree.dense else tree.joined() | self.responsible_members(tree)
        shared = self.shared(tree.group) if tree.source is not None and not tree.dense else None
        if shared is not None:
            found |= self.interested(shared) - tree.cut()
        return {name for name in found if name in self.links.by_name and not self._lost(tree, name)}

    def wanted_on_shared(self, tree: Tree, shared: Tree) -> set[str]:
        """Where a source's packets are wanted that come by the shared tree."""
        return (self.interested(shared) - tree.cut()) | self.responsible_members(tree)

    def responsible_members(self, tree: Tree) -> set[str]:
        """The interfaces with members that we are responsible for: as designated router, or winner of an assert."""
        return {name for name in self.members.get(tree.group, ()) if self._responsible(tree, name)}

    def refresh(self, tree: Tree, now: float) -> None:
        """Bring the outgoing interfaces up to date."""
        names = sorted(self.interested(tree) - {tree.incoming})
        if names != list(tree.outgoing):
            tree.outgoing = {name: tree.outgoing.get(name, now) for name in names}

    def _responsible(self, tree: Tree, name: str) -> bool:
        link = self.links.get(name)
        if link is None:
            return False
        winner = tree.asserts.get(name)
        return link.is_dr if winner is None else winner.address == link.config.address

    def _flooded(self, tree: Tree) -> set[str]:
        with_neighbors = {
            name
            for name, link in self.links.by_name.items()
            if link.neighbors and link.config.mode is not Mode.SPARSE and name not in tree.cut()
        }
        return with_neighbors | self.members.get(tree.group, set())

    def _lost(self, tree: Tree, name: str) -> bool:
        """Whether another router forwards onto an interface. Where packets come in, somebody else always does."""
        winner = tree.asserts.get(name)
        lost = winner is not None and winner.address != self.links.by_name[name].config.address
        return lost and name != tree.incoming

    # What is to be sent

    def send(self, interface: str | None, destination: IPv4Address, message: Pim) -> None:
        """Send a message."""
        self._outgoing.append(Outgoing(interface, destination, message))

    def ask(
        self, hop: Hop, group: IPv4Address, join: TreeSource | None = None, prune: TreeSource | None = None
    ) -> None:
        """Send a join or prune; those of one moment to one neighbour are one message."""
        asked = self._asked.setdefault(hop, {}).setdefault(group, _Asked())
        if join is not None:
            asked.joins.append(join)
        if prune is not None:
            asked.prunes.append(prune)

    def take_messages(self) -> list[Outgoing]:
        """Hellos first: a neighbour that does not know us drops everything else."""
        found = [Outgoing(name, ALL_PIM_ROUTERS, hello) for name, hello in self.links.take_hellos()]
        found += self._outgoing
        for (interface, address), groups in self._asked.items():
            message = JoinPrune(address, tuple(_sets(groups)))
            found.append(Outgoing(interface, ALL_PIM_ROUTERS, message))
        self._outgoing, self._asked = [], {}
        return found


def _sets(groups: dict[IPv4Address, _Asked]) -> Iterator[GroupSet]:
    for group, asked in groups.items():
        yield GroupSet(group, tuple(dict.fromkeys(asked.joins)), tuple(dict.fromkeys(asked.prunes)))
