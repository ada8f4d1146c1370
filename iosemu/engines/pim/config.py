"""What a PIM router is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

# Seconds. How often joins are repeated and how long they hold (RFC 7761 section 4.11).
JOIN_INTERVAL, HOLD_TIME = 60.0, 210
# A prune on a segment with several neighbours waits for somebody who overrides it.
OVERRIDE_INTERVAL = 3.0
# A source that sends nothing is forgotten after this: IOS counts three minutes.
KEEPALIVE = 180.0
ASSERT_TIME, ASSERT_OVERRIDE = 180.0, 3.0
REGISTER_SUPPRESSION, REGISTER_PROBE = 60.0, 5.0
GRAFT_RETRY = 3.0


class Mode(Enum):
    """The mode of an interface, by the letters of `show ip pim interface`."""

    SPARSE = "S"
    DENSE = "D"
    SPARSE_DENSE = "SD"


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """An interface with PIM."""

    name: str
    address: IPv4Address
    mode: Mode
    dr_priority: int = 1
    hello_interval: int = 30

    @property
    def hold_time(self) -> int:
        """Neighbours forget us after so many seconds."""
        return self.hello_interval * 7 // 2


# An entry of a list of groups: permit or not, address and wildcard bits.
GroupEntry = tuple[bool, int, int]


def listed(entries: tuple[GroupEntry, ...], group: IPv4Address) -> bool:
    """Whether a list of groups has a group; what no entry matches is denied."""
    for permit, address, wildcard in entries:
        if not (int(group) ^ address) & ~wildcard & 0xFFFFFFFF:
            return permit
    return False


EVERY_GROUP: tuple[GroupEntry, ...] = ((True, 0, 0xFFFFFFFF),)


@dataclass(frozen=True, slots=True)
class StaticRp:
    """`ip pim rp-address` for the groups of a list; `named` tells that there is one."""

    address: IPv4Address
    groups: tuple[GroupEntry, ...] = EVERY_GROUP
    named: bool = False


@dataclass(frozen=True, slots=True)
class PimConfig:
    """What PIM is told of its router. `own` are the router's addresses; `stay` are the groups for which a last-hop
    router stays on the shared tree."""

    links: tuple[LinkConfig, ...] = ()
    rps: tuple[StaticRp, ...] = ()
    own: frozenset[IPv4Address] = frozenset()
    stay: tuple[GroupEntry, ...] = ()

    def own_rps(self) -> set[IPv4Address]:
        """The RPs that we are."""
        return {rp.address for rp in self.rps} & self.own


@dataclass(frozen=True, slots=True)
class Rpf:
    """The way back to an address: by an interface to a neighbour, None where it is on the segment or is our own;
    preference and metric are those of an assert."""

    interface: str
    neighbor: IPv4Address | None
    preference: int = 0
    metric: int = 0


Routes = Callable[[IPv4Address], "Rpf | None"]
