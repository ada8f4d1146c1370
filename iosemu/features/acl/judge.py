"""What lists make of packets, whichever family these are of: the first entry that matches decides."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from iosemu.features.acl.config import AccessList, Entry
from iosemu.features.acl.groups import active, expanded
from iosemu.features.acl.packet_log import Flow, PacketLog
from iosemu.router.interfaces import Interface, Repeat
from iosemu.router.model import Model
from iosemu.router.router import Router

REFLEXIVE_TIMEOUT = 300
REFLEXIVE_LIMIT = 65536
# How a list judges every packet of a flow: whether it permits it, and the entry that counts it (None: the end).
_Judgement = tuple[bool, "Entry | None"]
FLOW_CACHE_SIZE = 65536

# An entry with its addresses and masks ready for comparison; `more` tells that the entry looks at more than these.
_Compiled = tuple[Entry, int, int, int, int, int, bool]


def _compile(model: Model, access_list: AccessList) -> list[_Compiled]:
    return [
        (
            entry,
            entry.protocol,
            entry.source.address,
            ~entry.source.wildcard,
            entry.destination.address,
            ~entry.destination.wildcard,
            bool(entry.source.operator or entry.destination.operator or entry.conditions or entry.icmp)
            or entry.evaluate is not None,
        )
        for written in access_list.entries
        if written.remark is None
        for entry in expanded(model, written)
    ]


class Family(Protocol):
    """What a list must know of the packets that it judges."""

    def flow_of(self, packet: bytes) -> Flow:
        """Protocol, source, source port, destination, destination port; ports are -1 where there are none."""

    def is_permitted_anyway(self, packet: bytes) -> bool:
        """Whether a packet that no entry matches is permitted all the same."""

    def refuse(self, packet: bytes, interface: Interface) -> None:
        """Tell the sender."""

    def describe(self, access_list: AccessList, entry: Entry, packet: bytes, flow: Flow) -> tuple[str, str]:
        """Mnemonic and text of the message about a packet that met an entry."""


class Judge:
    """The lists of one family, and how often their entries matched, by list name and sequence number."""

    def __init__(self, router: Router, family: Family, facility: str = "SEC") -> None:
        self._router = router
        self._family = family
        self.hits: Counter[tuple[str, int]] = Counter()
        self._log = PacketLog(router, family.describe, facility)
        # When the answers to a flow are no longer let in, by list and by the flow of the answer.
        self._reflected: dict[tuple[str, Flow], float] = {}
        self._reflexive_timeout = REFLEXIVE_TIMEOUT
        self._lists: dict[str, AccessList] = {}
        self._compiled: dict[str, list[_Compiled]] = {}
        # Judgements that nothing but another configuration changes, by list.
        self._judged: dict[str, dict[Flow, _Judgement]] = {}

    def load(self, lists: dict[str, AccessList], reflexive_timeout: int | None = None) -> None:
        """Judge by these lists from now on."""
        self._lists = lists
        self._reflexive_timeout = reflexive_timeout or REFLEXIVE_TIMEOUT
        self._compiled = {name: _compile(self._router.model, item) for name, item in lists.items() if item.entries}
        self._judged = {name: {} for name in self._compiled}

    def repeat(self, name: str, packet: bytes) -> Repeat | None:
        """What stands for the list where it permits all packets of a flow and does nothing but count them."""
        compiled = self._compiled.get(name)
        if compiled is None:
            return lambda _: None
        flow = self._family.flow_of(packet)
        self._walk(name, compiled, packet, flow)
        permitted, counted = self._judged[name].get(flow, (False, None))
        if not permitted or counted is None or counted.log or counted.reflect:
            return None
        key = name, counted.sequence

        def count(packets: int) -> None:
            self.hits[key] += packets

        return count

    def _reflect(self, entry: Entry, flow: Flow) -> None:
        """What was let out may be answered."""
        protocol, source, source_port, destination, destination_port = flow
        wait = entry.reflect_timeout or self._reflexive_timeout
        key = entry.reflect or "", (protocol, destination, destination_port, source, source_port)
        if key in self._reflected or len(self._reflected) < REFLEXIVE_LIMIT:
            self._reflected[key] = self._router.clock.now() + wait

    def _answers(self, entry: Entry, flow: Flow) -> bool:
        """Whether a packet answers one that was let out a short time ago."""
        key = entry.evaluate or "", flow
        ends = self._reflected.get(key)
        if ends is not None and ends <= self._router.clock.now():
            del self._reflected[key]
            return False
        return ends is not None

    def _active(self, time_range: str) -> bool:
        return active(self._router.model, time_range, self._router.calendar.local())

    def selects(self, name: str, packet: bytes) -> bool:
        """Whether a list names a packet, for a feature that chooses by lists; one that does not exist names none."""
        compiled = self._compiled.get(name)
        if compiled is None:
            return False
        flow = self._family.flow_of(packet)
        permitted, counted = self._judged[name].get(flow) or self._walk(name, compiled, packet, flow)
        if counted is not None:
            self.hits[name, counted.sequence] += 1
        return permitted

    def permits(self, name: str, packet: bytes, interface: Interface) -> bool:
        """A list that does not exist or is empty permits everything, one without a matching entry nothing."""
        compiled = self._compiled.get(name)
        if compiled is None:
            return True
        flow = self._family.flow_of(packet)
        judgement = self._judged[name].get(flow)
        permitted, counted = judgement if judgement is not None else self._walk(name, compiled, packet, flow)
        if counted is not None:
            self.hits[name, counted.sequence] += 1
            if counted.log:
                self._log.note(name, self._lists.get(name), counted, packet, flow)
            if permitted and counted.reflect:
                self._reflect(counted, flow)
        elif not permitted and self._family.is_permitted_anyway(packet):
            return True
        if not permitted:
            self._family.refuse(packet, interface)
        return permitted

    def _walk(self, name: str, compiled: list[_Compiled], packet: bytes, flow: Flow) -> _Judgement:
        """The first entry that matches. What hangs on more than the flow, or on the time, is not remembered."""
        number, source, _, destination, _ = flow
        remembered = True
        judgement: _Judgement = False, None
        for entry, protocol, from_address, from_mask, to_address, to_mask, more in compiled:
            if (
                (source ^ from_address) & from_mask
                or (destination ^ to_address) & to_mask
                or protocol not in (0, number)
            ):
                continue
            remembered &= not (entry.conditions or entry.icmp or entry.evaluate or entry.time_range)
            if (more and not (self._answers(entry, flow) if entry.evaluate else entry.covers(packet, flow))) or (
                entry.time_range and not self._active(entry.time_range)
            ):
                continue
            judgement = entry.permit, entry
            break
        if remembered:
            judged = self._judged[name]
            if len(judged) >= FLOW_CACHE_SIZE:
                judged.clear()
            judged[flow] = judgement
        return judgement
