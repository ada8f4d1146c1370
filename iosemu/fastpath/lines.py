"""What the worker works on: devices, flows and what went through."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import Rule
from iosemu.fastpath.plan import Plan
from iosemu.ports.batches import Channel
from iosemu.ports.offload import HEADER
from iosemu.router.names import InterfaceName
from iosemu.wire.ipv4 import TCP, UDP

# Flags of both and kind of an offload header; receiver, type and first octet, type of service, length, identification,
# fragment, TTL, protocol, checksum, addresses, and the ports behind them.
_FRAME = struct.Struct("!H8x6s6x3sBHHHBBH12s")
_PACKET = struct.Struct("!H8x0s1sBHHHBBH12s")
# Protocols whose flows are told apart by the four octets behind the IP header.
TOLD_APART = frozenset((TCP, UDP))

FlowKey = tuple[int, bytes]


def flow_key(packet: bytes) -> FlowKey:
    """Protocol and addresses, with ports where there are some, of a packet without IP options."""
    return packet[9], packet[12:24] if packet[9] in TOLD_APART else packet[12:20]


@dataclass(slots=True)
class Passed:
    """What went through an interface since the last report, and in how many frames and batches it came."""

    packets_in: int = 0
    octets_in: int = 0
    packets_out: int = 0
    octets_out: int = 0
    input_drops: int = 0
    output_drops: int = 0
    frames: int = 0
    batches: int = 0
    largest_batch: int = 0


@dataclass(slots=True, eq=False)
class Flow:
    """A plan at work. `sample` has the first packet's headers, `words` is the sum of those words of the IP header that
    do not change. What each packet asks for comes first, so that it lies together in memory."""

    until: float
    words: int
    lane: Lane = field(init=False)
    packets: int = field(init=False, default=0)
    plan: Plan
    sample: bytes
    opener: GroupDataPlane | None
    sealer: GroupDataPlane | None


class FlowTable:
    """Flows by protocol, and then by what tells those of a protocol apart: with so many that they do not fit into the
    processor's caches, each object on the way to a flow costs."""

    __slots__ = ("by_protocol",)

    def __init__(self) -> None:
        self.by_protocol: defaultdict[int, dict[bytes, Flow]] = defaultdict(dict)

    def __len__(self) -> int:
        return sum(map(len, self.by_protocol.values()))

    def __iter__(self) -> Iterator[Flow]:
        return chain.from_iterable(table.values() for table in self.by_protocol.values())

    def get(self, key: FlowKey) -> Flow | None:
        """The flow of a key."""
        protocol, rest = key
        return self.by_protocol[protocol].get(rest)

    def put(self, key: FlowKey, flow: Flow) -> None:
        """Know a flow."""
        protocol, rest = key
        self.by_protocol[protocol][rest] = flow

    def keep(self, wanted: Callable[[Flow], bool]) -> None:
        """Know no flows but some."""
        for protocol, table in self.by_protocol.items():
            self.by_protocol[protocol] = {rest: flow for rest, flow in table.items() if wanted(flow)}

    def clear(self) -> None:
        """Know none."""
        self.by_protocol.clear()


@dataclass(slots=True, eq=False)
class Lane:
    """What flows of a side have in common, so that their packets are treated together: they go out by a device behind
    the same head, in clear or as a rule protects them, none longer than `limit`; or a plane opens them.

    `whole` are their frames in the batch at hand as they came, `onward` the same with a lower TTL behind an offload
    header alone. What a flow has of its own is not touched by more than a counter: 10,000 flows have no room in the
    processor's caches.
    """

    out: Line | None
    head: bytes
    limit: int
    plane: GroupDataPlane | None
    rule: Rule | None
    whole: list[bytes] = field(default_factory=list)
    onward: list[bytes] = field(default_factory=list)
    packets: int = 0
    octets: int = 0

    def gathered(self) -> tuple[list[bytes], list[bytes]]:
        """The frames in their order: as they came, and as they go on. The lane is empty then."""
        whole, onward = self.whole, self.onward
        self.whole, self.onward = [], []
        self.packets = self.octets = 0
        return whole, onward


class Side:
    """Where packets come from: a device, or the ESP that it brought. `at` is where an IP header stands behind an
    offload header and what frames it; `receiver` and `form` are what must stand before it."""

    __slots__ = ("asked", "at", "flows", "form", "lanes", "line", "opened", "receiver", "unpack")

    def __init__(self, line: Line, opened: bool) -> None:
        self.line, self.opened = line, opened
        framed = line.network and not opened
        self.at = HEADER.size + (line.network if framed else 0)
        self.receiver, self.form = (line.mac, b"\x08\x00\x45") if framed else (b"", b"\x45")
        self.unpack = (_FRAME if framed else _PACKET).unpack_from
        self.flows = FlowTable()
        # Frames of flows that the router has been asked about.
        self.asked: dict[FlowKey, list[bytes]] = {}
        self.lanes: dict[tuple[object, ...], Lane] = {}


@dataclass(slots=True, eq=False)
class Line:
    """A device that the worker reads. `network` is where the IP header of a frame stands."""

    name: InterfaceName
    descriptor: int
    network: int
    mac: bytes
    channel: Channel
    passed: Passed = field(default_factory=Passed)
    outer: Side = field(init=False)
    inner: Side = field(init=False)

    def __post_init__(self) -> None:
        self.outer, self.inner = Side(self, False), Side(self, True)
