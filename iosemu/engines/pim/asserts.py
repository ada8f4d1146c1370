"""Two routers that forward the same packets onto a segment find out which of them goes on (RFC 7761 section 4.6)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.pim.config import ASSERT_OVERRIDE, ASSERT_TIME
from iosemu.engines.pim.core import Core, Timer
from iosemu.engines.pim.links import Link
from iosemu.engines.pim.trees import Rank, Tree
from iosemu.engines.pim.upstream import Upstream, root_of
from iosemu.wire.pim import ALL_PIM_ROUTERS, Assert

ANY_SOURCE = IPv4Address(0)
# What is farther away than everything.
_INFINITE = 0x7FFFFFFF


class Asserts:
    """Winners and losers, kept in the trees."""

    def __init__(self, core: Core, upstream: Upstream) -> None:
        self._core = core
        self._upstream = upstream

    def packet_on(self, tree: Tree, link: Link, now: float) -> None:
        """A packet came in where we would send it out: somebody else forwards onto the segment."""
        winner = tree.asserts.get(link.config.name)
        if winner is None or winner.address == link.config.address:
            self._claim(tree, link, now)

    def receive(self, link: Link, message: Assert, source: IPv4Address, now: float) -> None:
        """Take somebody's claim."""
        trees = self._core.trees
        tree = trees.get((message.group, None if message.source == ANY_SOURCE else message.source))
        if tree is None:
            return
        name = link.config.name
        theirs = Rank(message.rpt, message.preference, message.metric, source)
        if name == tree.incoming:
            current = tree.asserts.get(name)
            if current is None or source == current.address or theirs.order < current.order:
                self._lose(tree, link, theirs, now)
        elif name in tree.outgoing or name in tree.asserts:
            if theirs.order < self._rank(tree, link).order:
                self._lose(tree, link, theirs, now)
            else:
                self._claim(tree, link, now)

    def expired(self, timer: Timer, now: float) -> None:
        """The winner has not said anything for long: as if nothing had been."""
        tree = self._core.trees.get(timer.key)
        if tree is not None and tree.asserts.pop(timer.interface, None) is not None:
            self._upstream.review(tree, now)

    def neighbor_lost(self, link: Link, now: float) -> None:
        """A winner that is gone has won nothing."""
        name = link.config.name
        for tree in list(self._core.trees.values()):
            winner = tree.asserts.get(name)
            if winner is not None and winner.address not in (link.config.address, *link.neighbors):
                self.expired(Timer("assert", tree.key, name), now)

    def _rank(self, tree: Tree, link: Link) -> Rank:
        rpf = tree.rpf
        if rpf is None:
            root_is_us = tree.source is None and self._core.is_rp(tree.group)
            return Rank(True, 0 if root_is_us else _INFINITE, 0, link.config.address)
        return Rank(tree.source is None, rpf.preference, rpf.metric, link.config.address)

    def _claim(self, tree: Tree, link: Link, now: float) -> None:
        rank = self._rank(tree, link)
        message = Assert(tree.group, tree.source or ANY_SOURCE, rank.rpt, rank.preference, rank.metric)
        self._core.send(link.config.name, ALL_PIM_ROUTERS, message)
        self._keep(tree, link, rank, now + ASSERT_TIME - ASSERT_OVERRIDE, now)

    def _lose(self, tree: Tree, link: Link, theirs: Rank, now: float) -> None:
        self._keep(tree, link, theirs, now + ASSERT_TIME, now)
        if tree.dense and link.config.name != tree.incoming:
            # We need nothing from there; who does overrides this.
            self._core.ask((link.config.name, theirs.address), tree.group, prune=root_of(tree))

    def _keep(self, tree: Tree, link: Link, rank: Rank, until: float, now: float) -> None:
        tree.asserts[link.config.name] = rank
        self._core.timers.set(Timer("assert", tree.key, link.config.name), until)
        self._upstream.review(tree, now)
