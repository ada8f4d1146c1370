"""What neighbours ask of us: joins, prunes and grafts (RFC 7761 section 4.5, RFC 3973 section 4.4)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.pim.config import JOIN_INTERVAL, OVERRIDE_INTERVAL
from iosemu.engines.pim.core import Core, Timer
from iosemu.engines.pim.events import InvalidRpJoin
from iosemu.engines.pim.links import Link
from iosemu.engines.pim.states import RESTING, TRANSITIONS, WAITING, State, Step, advance
from iosemu.engines.pim.trees import Downstream, Tree
from iosemu.engines.pim.upstream import Upstream
from iosemu.wire.pim import GroupSet, JoinPrune, PimType
from iosemu.wire.pim_addresses import TreeSource

# A join is put off when somebody else has sent it, and sent soon when somebody else prunes (seconds).
SUPPRESSED, OVERRIDDEN_WITHIN = (1.1 * JOIN_INTERVAL, 1.4 * JOIN_INTERVAL), 2.5


class DownstreamSide:
    """Takes join/prune messages and grafts, those to others as well."""

    def __init__(self, core: Core, upstream: Upstream) -> None:
        self._core = core
        self._upstream = upstream

    def receive(self, link: Link, message: JoinPrune, source: IPv4Address, now: float) -> None:
        """Take a message of a neighbour."""
        if message.kind is PimType.GRAFT_ACK:
            self._acknowledged(message)
        elif message.kind is PimType.GRAFT:
            self._graft(link, message, source, now)
        elif message.upstream != link.config.address:
            self._overhear(link, message, now)
        else:
            for item in message.groups:
                self._take(link, item, source, message.hold_time, now)

    def overridable(self, timer: Timer, now: float) -> None:
        """A prune was not overridden in time."""
        self._step_by(timer, Step.OVERRIDABLE, now)

    def expired(self, timer: Timer, now: float) -> None:
        """A join or prune was not repeated in time."""
        self._step_by(timer, Step.EXPIRED, now)

    # The inside

    def _take(self, link: Link, item: GroupSet, source: IPv4Address, hold: int, now: float) -> None:
        for root in item.joins:
            self._join(link, item.group, root, source, hold, now)
        if any(root.wildcard for root in item.joins):
            # What is not pruned in the same message is wanted on the shared tree.
            pruned = {root.address for root in item.prunes if root.rpt and not root.wildcard}
            for tree in self._core.sources(item.group):
                if tree.source not in pruned and not tree.dense:
                    self._step(tree, link, True, Step.JOIN, hold, now)
        for root in item.prunes:
            self._prune(link, item.group, root, hold, now)

    def _join(
        self, link: Link, group: IPv4Address, root: TreeSource, source: IPv4Address, hold: int, now: float
    ) -> None:
        core = self._core
        if root.wildcard:
            if root.address != core.rp_of(group):
                core.events.append(InvalidRpJoin(group, source, root.address))
                return
            self._step(core.tree(group, None, now), link, False, Step.JOIN, hold, now)
        elif root.rpt or core.is_dense(group):
            tree = core.trees.get((group, root.address))
            if tree is not None:
                self._step(tree, link, True, Step.JOIN, hold, now)
        else:
            self._step(core.tree(group, root.address, now), link, False, Step.JOIN, hold, now)

    def _prune(self, link: Link, group: IPv4Address, root: TreeSource, hold: int, now: float) -> None:
        core = self._core
        of_prunes = not root.wildcard and (root.rpt or core.is_dense(group))
        tree = core.trees.get((group, None if root.wildcard else root.address))
        if tree is None and root.rpt and not root.wildcard and core.shared(group) is not None:
            tree = core.tree(group, root.address, now)
        if tree is not None:
            self._step(tree, link, of_prunes, Step.PRUNE, hold, now)

    def _graft(self, link: Link, message: JoinPrune, source: IPv4Address, now: float) -> None:
        for item in message.groups:
            for root in item.joins:
                tree = self._core.trees.get((item.group, root.address))
                if tree is not None and tree.dense:
                    self._step(tree, link, True, Step.JOIN, 0, now)
        answer = JoinPrune(message.upstream, message.groups, message.hold_time, PimType.GRAFT_ACK)
        self._core.send(link.config.name, source, answer)

    def _acknowledged(self, message: JoinPrune) -> None:
        for item in message.groups:
            for root in item.joins:
                tree = self._core.trees.get((item.group, root.address))
                if tree is not None:
                    self._upstream.graft_acknowledged(tree)

    def _overhear(self, link: Link, message: JoinPrune, now: float) -> None:
        """Somebody asks our own upstream neighbour for the same, or for the contrary."""
        hop = link.config.name, message.upstream
        for item in message.groups:
            for root in item.joins:
                tree = self._core.trees.get((item.group, None if root.wildcard else root.address))
                if tree is not None and tree.upstream == hop and root.rpt == root.wildcard:
                    self._core.timers.set(Timer("join", tree.key), now + self._core.uniform(*SUPPRESSED))
            for root in item.prunes:
                # A join of the shared tree keeps what it does not prune.
                tree = self._core.trees.get((item.group, None if root.rpt else root.address))
                if tree is not None and hop in (tree.upstream, self._core.neighbor(tree) if tree.dense else None):
                    self._core.timers.set(Timer("join", tree.key), now + self._core.uniform(0, OVERRIDDEN_WITHIN))

    def _step(self, tree: Tree, link: Link, of_prunes: bool, step: Step, hold: int, now: float) -> None:
        """Move an interface on; a step that its state does not know changes nothing."""
        name = link.config.name
        table = tree.prunes if of_prunes else tree.joins
        resting = State.FLOODED if of_prunes else State.ABSENT
        item = table.get(name, Downstream(resting, now))
        if (item.state, step) not in TRANSITIONS:
            return
        item.state = advance(item.state, step)
        if step is (Step.PRUNE if of_prunes else Step.JOIN):
            item.expires_at = now + hold
        timers = self._core.timers
        override, expire = (Timer(what, tree.key, name, of_prunes) for what in ("override", "expire"))
        timers.set(override, None)
        if item.state in RESTING:
            table.pop(name, None)
            timers.set(expire, None)
        else:
            table[name] = item
            timers.set(expire, item.expires_at)
            if item.state in WAITING:
                alone = len(link.neighbors) < 2
                timers.set(override, now if alone else now + OVERRIDE_INTERVAL)
        self._upstream.review(tree, now)

    def _step_by(self, timer: Timer, step: Step, now: float) -> None:
        tree, link = self._core.trees.get(timer.key), self._core.links.get(timer.interface)
        if tree is not None and link is not None:
            self._step(tree, link, timer.of_prunes, step, 0, now)
