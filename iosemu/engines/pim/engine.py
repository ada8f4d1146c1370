"""A PIM router: what its owner drives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.engines.common import Event, earliest
from iosemu.engines.pim.asserts import Asserts
from iosemu.engines.pim.config import LinkConfig, PimConfig, Routes
from iosemu.engines.pim.core import Core, Outgoing, Timer
from iosemu.engines.pim.downstream import DownstreamSide
from iosemu.engines.pim.events import Dropped
from iosemu.engines.pim.forwarding import Forwarding
from iosemu.engines.pim.links import Link
from iosemu.engines.pim.registers import Registers, Unwrapped
from iosemu.engines.pim.trees import Tree
from iosemu.engines.pim.upstream import Upstream
from iosemu.wire.errors import WireError
from iosemu.wire.pim import Assert, Hello, JoinPrune, Register, RegisterStop, parse_pim


class PimEngine:
    """Messages, members and packets go in; messages, packets out of registers and events come out."""

    def __init__(self, routes: Routes, uniform: Callable[[float, float], float]) -> None:
        self._core = Core(routes, uniform)
        self._upstream = Upstream(self._core)
        self._downstream = DownstreamSide(self._core, self._upstream)
        self._registers = Registers(self._core, self._upstream)
        self._asserts = Asserts(self._core, self._upstream)
        self._forwarding = Forwarding(self._core, self._upstream, self._registers, self._asserts)
        self.route = self._forwarding.route

    # For shows

    @property
    def config(self) -> PimConfig:
        """What holds."""
        return self._core.config

    @property
    def trees(self) -> list[Tree]:
        """By group, the shared tree of each first."""
        return sorted(self._core.trees.values(), key=lambda tree: (tree.group, tree.source or IPv4Address(0)))

    @property
    def links(self) -> list[Link]:
        """The interfaces with PIM."""
        return list(self._core.links.by_name.values())

    def rp_of(self, group: IPv4Address) -> IPv4Address | None:
        """The RP of a group."""
        return self._core.rp_of(group)

    # What the owner tells

    def configure(self, config: PimConfig, now: float) -> None:
        """Go on under other settings. Another RP begins all trees anew."""
        core = self._core
        before, core.config = core.config, config
        self._configure_links(config.links, now)
        if (before.rps, before.own_rps()) != (config.rps, config.own_rps()):
            self.clear(None, now)
        for tree in list(core.trees.values()):
            self._upstream.review(tree, now)

    def routes_changed(self, now: float) -> None:
        """Find the ways to all roots again."""
        for tree in list(self._core.trees.values()):
            self._upstream.reroute(tree, now)

    def set_members(self, interface: str, group: IPv4Address, present: bool, now: float) -> None:
        """A group has members on a segment, or has none any more."""
        members = self._core.members.setdefault(group, set())
        members.add(interface) if present else members.discard(interface)
        if not members:
            del self._core.members[group]
        elif present:
            self._core.tree(group, None, now)
        self._upstream.review_group(group, now)

    def clear(self, group: IPv4Address | None, now: float) -> None:
        """Forget the trees of a group or of all; what members and neighbours want comes back."""
        core = self._core
        for tree in list(core.trees.values()):
            if group in (None, tree.group):
                core.forget(tree)
        for one in sorted(core.members):
            if group in (None, one):
                core.tree(one, None, now)
                self._upstream.review_group(one, now)

    # Messages

    def receive(self, interface: str, source: IPv4Address, destination: IPv4Address, data: bytes, now: float) -> None:
        """Take a message that came in on an interface; whatever is wrong with it is an event."""
        try:
            reason = self._take(interface, source, destination, data, now)
        except WireError as error:
            reason = str(error)
        if reason:
            self._core.events.append(Dropped(interface, source, reason))

    def next_timer(self) -> float | None:
        """When something falls due."""
        return earliest(self._core.timers.next(), self._core.links.next_timer())

    def handle_timer(self, now: float) -> None:
        """Do what is due."""
        for name in self._core.links.handle_timer(now):
            self._neighbors_changed(name, now)
        for timer in self._core.timers.pop_due(now):
            self._fire(timer, now)

    def take_messages(self) -> list[Outgoing]:
        """What is to be sent."""
        return self._core.take_messages()

    def take_unwrapped(self) -> list[Unwrapped]:
        """Packets that came in registers."""
        found, self._registers.unwrapped = self._registers.unwrapped, []
        return found

    def take_events(self) -> list[Event]:
        """What has happened."""
        events, self._core.events = self._core.links.take_events() + self._core.events, []
        return events

    # The inside

    def _configure_links(self, wanted: tuple[LinkConfig, ...], now: float) -> None:
        links = self._core.links
        by_name = {config.name: config for config in wanted}
        for name, link in list(links.by_name.items()):
            config = by_name.get(name)
            if config is None or replace(link.config, dr_priority=0, hello_interval=0) != replace(
                config, dr_priority=0, hello_interval=0
            ):
                links.end(name)
                self._link_ended(name)
        for config in wanted:
            link_now = links.get(config.name)
            if link_now is None:
                links.begin(config, round(self._core.uniform(1, 0xFFFFFFFF)), now)
            elif link_now.config != config:
                links.change(link_now, config, now)

    def _link_ended(self, name: str) -> None:
        """What was asked for there is void."""
        for tree in self._core.trees.values():
            for of_prunes, table in ((False, tree.joins), (True, tree.prunes)):
                if table.pop(name, None) is not None:
                    for what in ("expire", "override"):
                        self._core.timers.set(Timer(what, tree.key, name, of_prunes), None)
            if tree.asserts.pop(name, None) is not None:
                self._core.timers.set(Timer("assert", tree.key, name), None)

    def _take(self, interface: str, source: IPv4Address, destination: IPv4Address, data: bytes, now: float) -> str:
        """Take a message; the reason why it was not."""
        core = self._core
        message = parse_pim(data)
        if isinstance(message, Register):
            self._registers.receive(message, source, destination, now)
            return ""
        if isinstance(message, RegisterStop):
            self._registers.stopped(message, now)
            return ""
        link = core.links.get(interface)
        if link is None or message is None:
            return "unknown message" if link is not None else "no PIM on the interface"
        if isinstance(message, Hello):
            count = len(link.neighbors)
            is_new = core.links.receive(link, source, message, now)
            if is_new:
                self._flood_anew(interface)
            if is_new or len(link.neighbors) != count:
                self._neighbors_changed(interface, now)
            return ""
        if source not in link.neighbors:
            return "not from a neighbor"
        if isinstance(message, JoinPrune):
            self._downstream.receive(link, message, source, now)
        elif isinstance(message, Assert):
            self._asserts.receive(link, message, source, now)
        return ""

    def _flood_anew(self, name: str) -> None:
        """A new neighbour has not pruned anything (RFC 3973 section 4.3.6)."""
        for tree in self._core.trees.values():
            if tree.dense:
                tree.pruned = tree.pruned and tree.incoming != name
                if tree.prunes.pop(name, None) is not None:
                    for what in ("expire", "override"):
                        self._core.timers.set(Timer(what, tree.key, name, True), None)

    def _neighbors_changed(self, name: str, now: float) -> None:
        link = self._core.links.get(name)
        if link is not None:
            self._asserts.neighbor_lost(link, now)
        for tree in list(self._core.trees.values()):
            if tree.upstream is not None and tree.upstream[0] == name:
                # Whoever was asked may have forgotten it.
                tree.upstream = tree.rpt_told = None
            self._upstream.review(tree, now)

    def _fire(self, timer: Timer, now: float) -> None:
        tree = self._core.trees.get(timer.key)
        if tree is None:
            return
        if timer.what == "join":
            self._upstream.repeat(tree, now)
        elif timer.what == "override":
            self._downstream.overridable(timer, now)
        elif timer.what == "expire":
            self._downstream.expired(timer, now)
        elif timer.what == "assert":
            self._asserts.expired(timer, now)
        elif timer.what == "register":
            self._registers.probe(tree, now)
        elif timer.what == "graft":
            self._upstream.graft_again(tree, now)
        elif timer.what == "unprune":
            self._upstream.prune_over(tree, now)
        elif timer.what == "alive":
            self._silent(tree, now)

    def _silent(self, tree: Tree, now: float) -> None:
        """The source may have sent since the timer was set."""
        if tree.alive_until > now:
            self._core.timers.set(Timer("alive", tree.key), tree.alive_until)
            return
        self._registers.gone(tree)
        tree.spt = tree.switched = False
        self._upstream.review(tree, now)
