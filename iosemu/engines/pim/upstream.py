"""What we ask of the neighbour towards a tree's root: joins and prunes, in dense mode prunes and grafts."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.pim.config import GRAFT_RETRY, HOLD_TIME, JOIN_INTERVAL
from iosemu.engines.pim.core import Core, Timer
from iosemu.engines.pim.trees import Hop, Tree
from iosemu.wire.pim import GroupSet, JoinPrune, PimType
from iosemu.wire.pim_addresses import TreeSource


def root_of(tree: Tree) -> TreeSource:
    """How a join names a tree."""
    if tree.source is not None:
        return TreeSource(tree.source)
    return TreeSource(tree.rp or IPv4Address(0), wildcard=True, rpt=True)


class Upstream:
    """Keeps what was asked true to what is wanted. Whoever changes a tree calls `review`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def review(self, tree: Tree, now: float) -> None:
        """Compare a tree with what was asked for it, and ask. Trees that nobody needs end here."""
        if self._core.trees.get(tree.key) is not tree:
            return
        self._core.refresh(tree, now)
        if tree.dense:
            self._dense(tree, now)
        else:
            self._sparse(tree, now)
        if tree.source is None:
            for other in self._core.sources(tree.group):
                self.review(other, now)
        if self._unused(tree, now):
            self._core.forget(tree)
            shared = self._core.shared(tree.group)
            if tree.source is not None and shared is not None and not self._core.sources(tree.group):
                self.review(shared, now)

    def review_group(self, group: IPv4Address, now: float) -> None:
        """All trees of a group."""
        shared = self._core.shared(group)
        if shared is not None:
            self.review(shared, now)

    def reroute(self, tree: Tree, now: float) -> None:
        """The routes may have changed: find the way to the root again."""
        rpf = self._core.way(tree)
        if rpf != tree.rpf:
            tree.rpf = rpf
            tree.spt = tree.spt and rpf is not None and rpf.neighbor is None
        self.review(tree, now)

    # Timers

    def repeat(self, tree: Tree, now: float) -> None:
        """The join timer: joins are repeated, and a prune of somebody else is overridden."""
        core = self._core
        if tree.dense:
            hop = core.neighbor(tree)
            if hop is not None and tree.outgoing:
                core.ask(hop, tree.group, join=root_of(tree))
        elif tree.upstream is not None:
            core.ask(tree.upstream, tree.group, join=root_of(tree))
            if tree.source is None:
                for other in core.sources(tree.group):
                    if other.rpt_told == tree.upstream and other.source is not None:
                        core.ask(tree.upstream, tree.group, prune=TreeSource(other.source, rpt=True))
            core.timers.set(Timer("join", tree.key), now + JOIN_INTERVAL)

    def graft_again(self, tree: Tree, now: float) -> None:
        """Nobody has acknowledged the graft."""
        hop = self._core.neighbor(tree)
        if tree.grafting and hop is not None and tree.outgoing:
            self._graft(tree, hop, now)

    def graft_acknowledged(self, tree: Tree) -> None:
        """The neighbour forwards again."""
        tree.grafting = False
        self._core.timers.set(Timer("graft", tree.key), None)

    def prune_over(self, tree: Tree, now: float) -> None:
        """Our prune has lapsed: the neighbour floods again."""
        tree.pruned = False
        self.review(tree, now)

    # The inside

    def _sparse(self, tree: Tree, now: float) -> None:
        core = self._core
        wanted = bool(core.interested(tree)) and (tree.source is None or self._source_wanted(tree, now))
        hop = core.neighbor(tree) if wanted else None
        if hop != tree.upstream:
            if tree.upstream is not None:
                core.ask(tree.upstream, tree.group, prune=root_of(tree))
            if hop is not None:
                core.ask(hop, tree.group, join=root_of(tree))
            tree.upstream = hop
            core.timers.set(Timer("join", tree.key), None if hop is None else now + JOIN_INTERVAL)
        direct = tree.rpf is not None and tree.rpf.neighbor is None
        if tree.upstream is None and not direct:
            tree.spt = False
        if tree.source is not None:
            self._on_shared(tree)

    @staticmethod
    def _source_wanted(tree: Tree, now: float) -> bool:
        """A join for the source itself, or that it sends and we have found that out (RFC 7761 section 4.5.5)."""
        return bool(tree.joined()) or tree.alive_until > now

    def _on_shared(self, tree: Tree) -> None:
        """Leave the source out on the shared tree once it comes by its own, or nobody below wants it from there."""
        core, shared = self._core, self._core.shared(tree.group)
        assert tree.source is not None
        hop = shared.upstream if shared is not None else None
        if shared is not None and not (tree.spt and tree.upstream != hop) and core.wanted_on_shared(tree, shared):
            hop = None
        if hop == tree.rpt_told:
            return
        source = TreeSource(tree.source, rpt=True)
        if tree.rpt_told is not None:
            core.ask(tree.rpt_told, tree.group, join=source)
        if hop is not None:
            core.ask(hop, tree.group, prune=source)
        tree.rpt_told = hop

    def _dense(self, tree: Tree, now: float) -> None:
        core = self._core
        hop = core.neighbor(tree) if tree.source is not None else None
        if hop is None:
            return
        if tree.outgoing and tree.pruned:
            tree.pruned = False
            core.timers.set(Timer("unprune", tree.key), None)
            self._graft(tree, hop, now)
        elif not tree.outgoing and not tree.pruned:
            tree.pruned = True
            self.graft_acknowledged(tree)
            core.ask(hop, tree.group, prune=root_of(tree))
            core.timers.set(Timer("unprune", tree.key), now + HOLD_TIME)

    def _graft(self, tree: Tree, hop: Hop, now: float) -> None:
        tree.grafting = True
        message = JoinPrune(hop[1], (GroupSet(tree.group, (root_of(tree),)),), 0, PimType.GRAFT)
        self._core.send(hop[0], hop[1], message)
        self._core.timers.set(Timer("graft", tree.key), now + GRAFT_RETRY)

    def _unused(self, tree: Tree, now: float) -> bool:
        if tree.key not in self._core.trees or tree.joins or tree.prunes:
            return False
        if tree.source is not None:
            return tree.alive_until <= now
        if self._core.sources(tree.group):
            return False
        # With members it stays also where another router serves them, who may go.
        return tree.group not in self._core.members and (tree.dense or not self._core.interested(tree))
