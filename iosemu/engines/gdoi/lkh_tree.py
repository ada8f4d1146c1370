"""The key server's tree of keys: whom a rekey leaves out costs messages of the order of log n (RFC 2627 section 5.4).

The tree is binary, all leaves have the same depth, and nodes are numbered in order: leaves are odd, the nodes above
them 2, 6, 10 and so on, so that numbers stay when the tree grows. Where all leaves are taken, the root gets a parent.
The old root keeps its key, which is the KEK, so that nobody need be told. Such a key is *exposed*: members
outside of the subtree know it too. The next update renews it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes

# Node numbers have 16 bits on the wire.
DEEPEST = 15


class TreeFullError(Exception):
    """No leaf is left."""


@dataclass(frozen=True, slots=True)
class Node:
    """A key of the tree: its place (level above the leaves, index on that level), version, IV and key."""

    level: int
    index: int
    handle: int
    data: bytes = field(repr=False)

    @property
    def number(self) -> int:
        """The number on the wire."""
        return (2 * self.index + 1) << self.level


@dataclass(frozen=True, slots=True)
class Update:
    """New keys for those who hold `under`: each is for who has the one in front of it."""

    under: Node
    keys: tuple[Node, ...]


class LkhTree:
    """Keys of `size` octets (IV and key). `height` counts the levels above the leaves.

    Leaves of members that have left stay taken until an update has renewed all that they knew.
    """

    def __init__(self, root: bytes, size: int, random: RandomBytes) -> None:
        self.height = 1
        self._size = size
        self._random = random
        self._slots: dict[IPv4Address, int] = {}
        self._free: list[int] = []
        self._leaving: set[int] = set()
        self._exposed: set[tuple[int, int]] = set()
        self._nodes: dict[tuple[int, int], Node] = {}
        self._taken: dict[tuple[int, int], int] = {}
        self._next = 0
        self._root = root

    def __len__(self) -> int:
        return len(self._slots)

    def join(self, address: IPv4Address) -> tuple[Node, ...]:
        """Give a member a leaf with a fresh key; its keys from the leaf up to the root. Raises TreeFullError."""
        slot = self._slots.get(address)
        if slot is None:
            slot = self._slots[address] = self._take_slot()
            for place in self._path(slot):
                self._taken[place] = self._taken.get(place, 0) + 1
        self._renew((0, slot))
        return tuple(self._node(place) for place in self._path(slot))

    def leave(self, address: IPv4Address) -> None:
        """A member is gone; the next update renews what it knew."""
        slot = self._slots.pop(address, None)
        if slot is not None:
            self._leaving.add(slot)

    def keep(self, addresses: Iterable[IPv4Address]) -> None:
        """Whoever is not named is gone."""
        for address in self._slots.keys() - set(addresses):
            self.leave(address)

    def update(self, root: bytes) -> tuple[Update, ...]:
        """Make `root` the key of the root and renew what those who left knew; what the others must be told, each of
        them in exactly one of the updates."""
        for slot in self._leaving:
            for place in self._path(slot):
                self._taken[place] -= 1
        renewed = {place for slot in self._leaving for place in self._path(slot) if place[0] > 0}
        for level, index in self._exposed:
            renewed |= {(above, index >> (above - level)) for above in range(level, self.height + 1)}
        renewed.add((self.height, 0))
        before = {child: self._node(child) for place in renewed for child in _children(place) if self._in_use(child)}
        self._root = root
        for place in renewed - {(self.height, 0)}:
            self._renew(place)
        self._renew((self.height, 0), root)
        self._free += sorted(self._leaving, reverse=True)
        self._leaving, self._exposed = set(), set()
        return tuple(
            Update(node, tuple(self._node(place) for place in self._above(node)))
            for child, node in sorted(before.items())
            if child not in renewed
        )

    # The inside

    def _in_use(self, place: tuple[int, int]) -> bool:
        return self._taken.get(place, 0) > 0

    def _take_slot(self) -> int:
        if self._free:
            return self._free.pop()
        if self._next == 1 << self.height:
            self._grow()
        self._next += 1
        return self._next - 1

    def _grow(self) -> None:
        if self.height == DEEPEST:
            raise TreeFullError
        root = self._node((self.height, 0))
        self._exposed.add((self.height, 0))
        self.height += 1
        self._nodes[self.height, 0] = Node(self.height, 0, self._handle(), root.data)
        self._taken[self.height, 0] = self._taken.get((self.height - 1, 0), 0)

    def _path(self, slot: int) -> list[tuple[int, int]]:
        return [(level, slot >> level) for level in range(self.height + 1)]

    def _above(self, node: Node) -> list[tuple[int, int]]:
        return [(level, node.index >> (level - node.level)) for level in range(node.level + 1, self.height + 1)]

    def _node(self, place: tuple[int, int]) -> Node:
        if place not in self._nodes:
            self._renew(place, self._root if place == (self.height, 0) else None)
        return self._nodes[place]

    def _renew(self, place: tuple[int, int], data: bytes | None = None) -> None:
        self._nodes[place] = Node(*place, self._handle(), data or self._random(self._size))

    def _handle(self) -> int:
        return int.from_bytes(self._random(4), "big")


def _children(place: tuple[int, int]) -> list[tuple[int, int]]:
    level, index = place
    return [(level - 1, 2 * index), (level - 1, 2 * index + 1)] if level > 0 else []
