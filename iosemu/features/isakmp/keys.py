"""Pre-shared keys: global ones and those of keyrings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import TypeVar

from iosemu.features.accounts.master_key import CLEAR, SEALED, Change

HOST_MASK = IPv4Address("255.255.255.255")
ANYBODY = IPv4Address("0.0.0.0")


@dataclass(frozen=True, repr=False)
class PresharedKey:
    """A key and the peers it is for."""

    key: str
    address: IPv4Address
    mask: IPv4Address = HOST_MASK
    kind: str = CLEAR
    no_xauth: bool = False

    def __repr__(self) -> str:
        return f"PresharedKey(address={self.address}, mask={self.mask})"

    def covers(self, peer: IPv4Address) -> bool:
        """Whether the key is for a peer."""
        return int(peer) & int(self.mask) == int(self.address) & int(self.mask)


@dataclass(frozen=True, repr=False)
class HostKey:
    """A key for the peer that bears a name."""

    key: str
    host: str
    kind: str = CLEAR
    no_xauth: bool = False

    def __repr__(self) -> str:
        return f"HostKey(host={self.host})"


K = TypeVar("K", PresharedKey, HostKey)


def changed(keys: list[K], change: Change) -> list[K]:
    """The keys, each passed through a function."""
    found = []
    for item in keys:
        kind, key = change(item.kind, item.key)
        found.append(replace(item, kind=kind, key=key))
    return found


def secret_words(item: PresharedKey | HostKey) -> list[str]:
    """The key as a line of the running-config writes it."""
    return [*([SEALED] if item.kind == SEALED else []), item.key]
