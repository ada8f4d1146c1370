"""What the router side tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.common import Event


@dataclass(frozen=True, slots=True)
class MembersPresent(Event):
    """A group has its first member on the segment."""

    group: IPv4Address


@dataclass(frozen=True, slots=True)
class MembersGone(Event):
    """A group has no member on the segment any more."""

    group: IPv4Address


@dataclass(frozen=True, slots=True)
class QuerierChanged(Event):
    """Somebody else asks now, or this router itself."""

    querier: IPv4Address
