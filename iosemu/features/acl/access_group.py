"""`ip access-group`: lists on the forwarding path."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from iosemu.cli import CommandTable, Context
from iosemu.engines.esp.verdict import flow_of
from iosemu.features.acl.config import ANY, AccessList, AccessLists, Entry, find
from iosemu.features.acl.groups import active, expanded
from iosemu.features.acl.packet_log import Flow, PacketLog
from iosemu.features.interface.config import CONFIG_IF
from iosemu.router.interfaces import ACL_IN, ACL_OUT, Interface, Repeat
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution
from iosemu.wire import icmp

TABLE = CommandTable()
REFLEXIVE_TIMEOUT = 300
REFLEXIVE_LIMIT = 65536


@TABLE.command(
    CONFIG_IF,
    "ip access-group WORD$name (in|out)$direction",
    """Interface Internet Protocol config commands
    Specify access control for packets
    Access-list name or number
    Inbound packets
    Outbound packets""",
    no="ip access-group [WORD$name] (in|out)$direction",
)
def ip_access_group(ctx: Context, direction: str, name: str = "") -> None:
    groups = ctx.router.model.block(AccessLists).groups.setdefault(str(ctx.target.name), {})
    if ctx.negated:
        groups.pop(direction, None)
    else:
        groups[direction] = name


def _lines(model: Model, interface: str) -> list[str]:
    groups = model.block(AccessLists).groups.get(interface, {})
    return [f" ip access-group {groups[direction]} {direction}" for direction in ("in", "out") if direction in groups]


CONTRIBUTION = Contribution("interface", 20, _lines)

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
            ~entry.source.wildcard & ANY,
            entry.destination.address,
            ~entry.destination.wildcard & ANY,
            bool(entry.source.operator or entry.destination.operator or entry.conditions or entry.icmp)
            or entry.evaluate is not None,
        )
        for written in access_list.entries
        if written.remark is None
        for entry in expanded(model, written)
    ]


@dataclass(frozen=True, slots=True)
class _ListHook:
    """A list on an interface. On the way out what the router itself sends passes: IOS filters transit traffic only."""

    service: AccessGroupService
    name: str
    transit_only: bool

    def __call__(self, packet: bytes, interface: Interface) -> list[bytes]:
        own = self.transit_only and self.service.is_own(packet, interface)
        return [packet] if own or self.service.permits(self.name, packet, interface) else []

    def repeat(self, packet: bytes, interface: Interface) -> Repeat | None:
        """As the list does; see `FlowHook`."""
        return self.service.repeat(self.name, packet)


class AccessGroupService:
    """Puts the lists on the interfaces and counts their matches, by list name and sequence number."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.hits: Counter[tuple[str, int]] = Counter()
        self._log = PacketLog(router)
        # When the answers to a flow are no longer let in, by list and by the flow of the answer.
        self._reflected: dict[tuple[str, Flow], float] = {}
        self._compiled: dict[str, list[_Compiled]] = {}
        # Judgements that nothing but another configuration changes, by list.
        self._judged: dict[str, dict[Flow, _Judgement]] = {}

    def reconcile(self) -> None:
        """Set or remove the hooks of every interface."""
        block = self._router.model.block(AccessLists)
        self._compiled = {
            name: _compile(self._router.model, item) for name, item in block.lists.items() if item.entries
        }
        self._judged = {name: {} for name in self._compiled}
        for interface in self._router.interfaces:
            wanted = block.groups.get(str(interface.name), {})
            if "in" in wanted:
                interface.input_hooks[ACL_IN] = _ListHook(self, wanted["in"], transit_only=False)
            else:
                interface.input_hooks.pop(ACL_IN, None)
            if "out" in wanted:
                interface.output_hooks[ACL_OUT] = _ListHook(self, wanted["out"], transit_only=True)
            else:
                interface.output_hooks.pop(ACL_OUT, None)

    def stop(self) -> None:
        """Nothing runs."""

    def repeat(self, name: str, packet: bytes) -> Repeat | None:
        """What stands for the list where it permits all packets of a flow and does nothing but count them."""
        compiled = self._compiled.get(name)
        if compiled is None:
            return lambda _: None
        flow = flow_of(packet)
        self._walk(name, compiled, packet, flow)
        permitted, counted = self._judged[name].get(flow, (False, None))
        if not permitted or counted is None or counted.log or counted.reflect:
            return None
        key = name, counted.sequence

        def count(packets: int) -> None:
            self.hits[key] += packets

        return count

    def is_own(self, packet: bytes, interface: Interface) -> bool:
        """Whether the router itself sends a packet."""
        return self._router.ip.is_local_number(int.from_bytes(packet[12:16], "big"), interface.vrf)

    def _reflect(self, entry: Entry, flow: Flow) -> None:
        """What was let out may be answered."""
        protocol, source, source_port, destination, destination_port = flow
        wait = entry.reflect_timeout or self._router.model.block(AccessLists).reflexive_timeout or REFLEXIVE_TIMEOUT
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

    def permits(self, name: str, packet: bytes, interface: Interface) -> bool:
        """A list that does not exist or is empty permits everything, one without a matching entry nothing."""
        compiled = self._compiled.get(name)
        if compiled is None:
            return True
        flow = flow_of(packet)
        judgement = self._judged[name].get(flow)
        permitted, counted = judgement if judgement is not None else self._walk(name, compiled, packet, flow)
        if counted is not None:
            self.hits[name, counted.sequence] += 1
            if counted.log:
                self._log.note(name, find(self._router.model, name), counted, packet, flow)
            if permitted and counted.reflect:
                self._reflect(counted, flow)
        if not permitted:
            code = icmp.ADMINISTRATIVELY_PROHIBITED
            self._router.ip.icmp.error(icmp.UNREACHABLE, code, packet, interface.address, vrf=interface.vrf)
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
