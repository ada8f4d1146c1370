"""The multicast routing table: a tree per group, and one per source and group."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.pim.config import Rpf
from iosemu.engines.pim.states import RegisterState, State

Key = tuple[IPv4Address, "IPv4Address | None"]
# A neighbour: the interface, and its address.
Hop = tuple[str, IPv4Address]


@dataclass(slots=True)
class Downstream:
    """What was asked for on an interface, and until when it holds."""

    state: State
    expires_at: float


@dataclass(frozen=True, slots=True)
class Rank:
    """How near a router is to the source: the smallest wins an assert (RFC 7761 section 4.6)."""

    rpt: bool
    preference: int
    metric: int
    address: IPv4Address

    @property
    def order(self) -> tuple[bool, int, int, int]:
        """For comparison: of equals the highest address wins."""
        return self.rpt, self.preference, self.metric, -int(self.address)


@dataclass(slots=True, eq=False)
class Tree:
    """The tree of a source, or with `source` None the shared one. `rpf` is the way to its root.

    `joins` and `prunes` are what neighbours asked for, by interface; on the tree of a source in sparse mode `prunes`
    are of that source on the shared tree. `outgoing` are the interfaces that packets leave by, each since when.
    `asserts` has the winner by interface. `upstream` is the neighbour that was sent our join, `rpt_told` the one that
    was asked to leave out the source on the shared tree. `pruned` and `grafting` are of dense mode, `switched` tells
    that we are a last-hop router that went over to this tree. The source is known to send until `alive_until`.
    """

    group: IPv4Address
    source: IPv4Address | None
    dense: bool
    rp: IPv4Address | None
    created_at: float
    rpf: Rpf | None = None
    joins: dict[str, Downstream] = field(default_factory=dict)
    prunes: dict[str, Downstream] = field(default_factory=dict)
    outgoing: dict[str, float] = field(default_factory=dict)
    asserts: dict[str, Rank] = field(default_factory=dict)
    upstream: Hop | None = None
    rpt_told: Hop | None = None
    spt: bool = False
    pruned: bool = False
    grafting: bool = False
    register: RegisterState = RegisterState.NO_INFO
    switched: bool = False
    alive_until: float = 0.0
    packets: int = 0
    octets: int = 0
    rpf_failed: int = 0
    no_outgoing: int = 0

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.group, self.source

    @property
    def incoming(self) -> str | None:
        """The interface that packets have to come in by."""
        return self.rpf.interface if self.rpf is not None else None

    def joined(self) -> set[str]:
        """The interfaces with joins."""
        return {name for name, item in self.joins.items() if item.state in (State.JOINED, State.LEAVING)}

    def cut(self) -> set[str]:
        """The interfaces that are pruned."""
        return {name for name, item in self.prunes.items() if item.state is State.PRUNED}
