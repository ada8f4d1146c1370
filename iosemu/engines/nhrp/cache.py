"""What a station knows: bindings of networks above the tunnel to addresses below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, Flag, auto
from ipaddress import IPv4Address, IPv4Network

LIMIT = 65536
HOST = 32


class Kind(Enum):
    """Where an entry comes from; the value is what shows print."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    INCOMPLETE = "incomplete"


class Mark(Flag):
    """What else is known of an entry."""

    NONE = 0
    ROUTER = auto()
    UNIQUE = auto()
    REGISTERED = auto()
    IMPLICIT = auto()
    LOCAL = auto()
    NEXT_HOP = auto()
    SHORTCUT = auto()
    NEGATIVE = auto()


@dataclass(slots=True)
class CacheEntry:
    """One binding. `expires` of None is never; `used` is when a packet last took it. A LOCAL entry is one that others
    were told: `told` has those stations and the number of their request, by their address below the tunnel."""

    target: IPv4Network
    next_hop: IPv4Address
    nbma: IPv4Address | None
    kind: Kind
    created: float
    expires: float | None = None
    marks: Mark = Mark.NONE
    used: float | None = None
    told: dict[IPv4Address, tuple[IPv4Address, int]] | None = None

    @property
    def usable(self) -> bool:
        """Whether packets can be sent by it."""
        return self.nbma is not None and not self.marks & (Mark.LOCAL | Mark.NEGATIVE)


class NhrpCache:
    """Entries by network; the longest prefix that holds an address is its entry."""

    def __init__(self) -> None:
        self._entries: dict[IPv4Network, CacheEntry] = {}
        self._hosts: dict[IPv4Address, CacheEntry] = {}

    def __iter__(self) -> Iterator[CacheEntry]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.target))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, target: IPv4Network) -> CacheEntry | None:
        """The entry of exactly this network."""
        return self._entries.get(target)

    def host(self, address: IPv4Address) -> CacheEntry | None:
        """The entry of a single address."""
        return self._hosts.get(address)

    def find(self, address: IPv4Address) -> CacheEntry | None:
        """The usable entry with the longest prefix that holds an address."""
        entry = self._hosts.get(address)
        if entry is not None and entry.usable:
            return entry
        found = [item for item in self._entries.values() if item.usable and address in item.target]
        return max(found, key=lambda item: item.target.prefixlen, default=None)

    def put(self, entry: CacheEntry) -> bool:
        """Enter or replace; False when there is no room."""
        if entry.target not in self._entries and len(self._entries) >= LIMIT:
            return False
        self._entries[entry.target] = entry
        if entry.target.prefixlen == HOST:
            self._hosts[entry.target.network_address] = entry
        return True

    def remove(self, target: IPv4Network) -> CacheEntry | None:
        """Take an entry out."""
        entry = self._entries.pop(target, None)
        if entry is not None and target.prefixlen == HOST:
            self._hosts.pop(target.network_address, None)
        return entry


def host_of(address: IPv4Address) -> IPv4Network:
    """The network of one address."""
    return IPv4Network((address, HOST))
