"""Which interfaces a packet leaves by (RFC 7761 section 4.2, RFC 3973 section 4.1.3)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.pim.asserts import Asserts
from iosemu.engines.pim.config import listed
from iosemu.engines.pim.core import Core
from iosemu.engines.pim.links import Link
from iosemu.engines.pim.registers import Registers
from iosemu.engines.pim.trees import Tree
from iosemu.engines.pim.upstream import Upstream

NOWHERE: tuple[str, ...] = ()


class Forwarding:
    """Looks at packets, and lets the trees follow what comes in."""

    def __init__(self, core: Core, upstream: Upstream, registers: Registers, asserts: Asserts) -> None:
        self._core = core
        self._upstream = upstream
        self._registers = registers
        self._asserts = asserts

    def route(
        self, source: IPv4Address, group: IPv4Address, interface: str, packet: bytes, now: float
    ) -> tuple[str, ...]:
        """The interfaces that a packet leaves by which came in on another one; its TTL is at least 2."""
        link = self._core.links.get(interface)
        if link is None:
            return NOWHERE
        if self._core.is_dense(group):
            return self._dense(source, group, link, packet, now)
        return self._sparse(source, group, link, packet, now)

    # The inside

    def _dense(self, source: IPv4Address, group: IPv4Address, link: Link, packet: bytes, now: float) -> tuple[str, ...]:
        tree = self._core.trees.get((group, source))
        if tree is None:
            if self._core.routes(source) is None:
                return NOWHERE
            tree = self._core.tree(group, source, now)
            self._core.keep(tree, now)
            self._upstream.review_group(group, now)
        if tree.incoming != link.config.name:
            return self._wrong_interface(tree, link, now)
        self._core.keep(tree, now)
        tree.spt = True
        if not tree.outgoing and not tree.pruned:
            self._upstream.review(tree, now)
        return self._count(tree, packet, tuple(tree.outgoing))

    def _sparse(
        self, source: IPv4Address, group: IPv4Address, link: Link, packet: bytes, now: float
    ) -> tuple[str, ...]:
        core, name = self._core, link.config.name
        tree, shared = core.trees.get((group, source)), core.shared(group)
        rpf = tree.rpf if tree is not None else core.routes(source)
        on_rpf = rpf is not None and rpf.interface == name
        if on_rpf and rpf is not None and rpf.neighbor is None and (link.is_dr or core.is_rp(group)):
            tree = self._first_hop(source, group, packet, now)
        elif tree is None and shared is not None and shared.incoming == name and self._last_hop(shared):
            tree = self._switch(source, group, now)
        elif tree is None and shared is not None and on_rpf and core.is_rp(group):
            # What comes by itself is as good as a register: this RP has begun anew, its neighbours have not.
            tree = self._new(source, group, now)
        if tree is not None and on_rpf:
            self._arrived_on_tree(tree, shared, now)
            if tree.spt:
                return self._count(tree, packet, tuple(tree.outgoing))
        if shared is not None and shared.incoming == name and not (tree is not None and tree.spt):
            wanted = core.wanted_on_shared(tree, shared) if tree is not None else core.interested(shared)
            return self._count(tree or shared, packet, tuple(sorted(wanted - {name})))
        found = tree or shared
        return self._wrong_interface(found, link, now) if found is not None else NOWHERE

    def _first_hop(self, source: IPv4Address, group: IPv4Address, packet: bytes, now: float) -> Tree:
        """The source is on a segment that we speak for."""
        tree = self._core.tree(group, source, now)
        self._core.keep(tree, now)
        if not tree.spt:
            tree.spt = True
            self._upstream.review(tree, now)
        self._registers.packet_of(tree, packet)
        return tree

    def _last_hop(self, shared: Tree) -> bool:
        """Whether members of ours get the group, and we go over to the trees of its sources."""
        return bool(self._core.responsible_members(shared)) and not listed(self._core.config.stay, shared.group)

    def _switch(self, source: IPv4Address, group: IPv4Address, now: float) -> Tree:
        """Join the tree of a source whose packets came by the shared one."""
        tree = self._new(source, group, now)
        tree.switched = True
        return tree

    def _new(self, source: IPv4Address, group: IPv4Address, now: float) -> Tree:
        tree = self._core.tree(group, source, now)
        self._core.keep(tree, now)
        self._upstream.review(tree, now)
        return tree

    def _arrived_on_tree(self, tree: Tree, shared: Tree | None, now: float) -> None:
        """A packet came from where the source is: is it by the tree that we have joined (RFC 7761 section 4.2.2)?"""
        if tree.upstream is None:
            return
        self._core.keep(tree, now)
        on_shared = shared.upstream if shared is not None else None
        apart = on_shared is None or on_shared[0] != tree.upstream[0]
        # On one segment an assert tells whose packets they are.
        if not tree.spt and (apart or on_shared == tree.upstream or tree.incoming in tree.asserts):
            tree.spt = True
            self._upstream.review(tree, now)

    def _wrong_interface(self, tree: Tree, link: Link, now: float) -> tuple[str, ...]:
        tree.rpf_failed += 1
        if link.config.name in tree.outgoing:
            self._asserts.packet_on(tree, link, now)
        return NOWHERE

    @staticmethod
    def _count(tree: Tree, packet: bytes, interfaces: tuple[str, ...]) -> tuple[str, ...]:
        tree.packets += 1
        tree.octets += len(packet)
        tree.no_outgoing += not interfaces
        return interfaces
