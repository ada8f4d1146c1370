"""What the engine tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.common import Event


@dataclass(frozen=True, slots=True)
class NeighborUp(Event):
    """Somebody new is on a segment."""

    interface: str
    neighbor: IPv4Address


@dataclass(frozen=True, slots=True)
class NeighborDown(Event):
    """A neighbour has gone, for a reason; `was_dr` tells that it spoke for the segment."""

    interface: str
    neighbor: IPv4Address
    reason: str
    was_dr: bool


@dataclass(frozen=True, slots=True)
class DrChanged(Event):
    """A segment has another designated router."""

    interface: str
    before: IPv4Address
    after: IPv4Address


@dataclass(frozen=True, slots=True)
class Dropped(Event):
    """A message was refused."""

    interface: str
    source: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class InvalidRpJoin(Event):
    """A neighbour joins the shared tree of a router that is not the RP of the group as we know it."""

    group: IPv4Address
    source: IPv4Address
    rp: IPv4Address


@dataclass(frozen=True, slots=True)
class InvalidRpRegister(Event):
    """A register came to an address of ours that is not the RP of the group."""

    group: IPv4Address
    source: IPv4Address
    rp: IPv4Address
