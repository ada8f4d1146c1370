"""The thread that forwards. It owns all that it works with: flows, followers of data planes, counters.

The router speaks to it by messages in order; what it cannot handle itself it hands to the router, as a frame.
"""

from __future__ import annotations

import os
import select
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from iosemu.engines.esp.policy import GroupDataPlane, Rule, Snapshot, Work
from iosemu.engines.esp.time_replay import STAMP_OCTETS
from iosemu.engines.esp.tunnel import plaintext_mtu
from iosemu.engines.esp.verdict import Outcome
from iosemu.fastpath.coalesce import Coalescer
from iosemu.fastpath.plan import Plan
from iosemu.ports.device import BATCH, LARGEST
from iosemu.ports.offload import HEADER, PLAIN, finished
from iosemu.router.names import InterfaceName
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import TCP, UDP, decrement_ttl

# How long counters may wait for their report while packets come, and when none come (seconds).
REPORT_BUSY, REPORT_IDLE = 0.1, 0.02
# Packets that wait for the router at most; more are dropped.
WAITING = 1024
MAXIMUM_FLOWS = 65536
FIN_SYN_RST = 0x07
_IPV4 = b"\x08\x00"


@dataclass(slots=True)
class Passed:
    """What went through an interface since the last report."""

    packets_in: int = 0
    octets_in: int = 0
    packets_out: int = 0
    octets_out: int = 0
    input_drops: int = 0
    output_drops: int = 0


@dataclass(slots=True, eq=False)
class Line:
    """A device that the worker reads. `network` is where the IP header of a frame stands."""

    name: InterfaceName
    descriptor: int
    network: int
    mac: bytes
    passed: Passed = field(default_factory=Passed)
    flows: dict[bytes, Flow] = field(default_factory=dict)
    opened: dict[bytes, Flow] = field(default_factory=dict)
    waiting: dict[bytes, Coalescer] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Flow:
    """A plan at work. `limit` is the longest packet that may go on, `sample` the first one's headers."""

    plan: Plan
    sample: bytes
    out: Line | None
    front: bytes
    opener: GroupDataPlane | None
    sealer: GroupDataPlane | None
    rule: Rule | None = None
    limit: int = 0
    packets: int = 0


@dataclass(frozen=True, slots=True)
class Punt:
    """A frame for the router, or a packet that came out of ESP. `learn` asks for a plan for its flow."""

    name: InterfaceName
    data: bytes
    packet: bytes
    opened: bool
    learn: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Counters since the last one."""

    passed: dict[InterfaceName, Passed]
    work: dict[int, Work]
    repeats: list[tuple[Plan, int]]
    punted: int
    batches: int
    frames: int


def flow_key(packet: bytes) -> bytes:
    """Protocol and addresses, with ports where there are some, of a packet without IP options."""
    return packet[9:10] + (packet[12:24] if packet[9] in (TCP, UDP) else packet[12:20])


class Worker(Thread):
    """`punt` and `report` are called in this thread."""

    def __init__(
        self,
        now: Callable[[], float],
        punt: Callable[[list[Punt]], None],
        report: Callable[[Report], None],
        failed: Callable[[InterfaceName, OSError], None],
    ) -> None:
        super().__init__(name="iosemu-fastpath", daemon=True)
        self._now, self._punt, self._report, self._failed = now, punt, report, failed
        self._lines: dict[int, Line] = {}
        self._planes: dict[int, GroupDataPlane] = {}
        # What a plane and an MTU leave for a packet, until the plane has other SAs.
        self._limits: dict[tuple[int, int], int] = {}
        self._messages: deque[Callable[[], None]] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll = select.epoll()
        self._poll.register(self._wake, select.EPOLLIN)
        self._buffer = bytearray(LARGEST)
        self._view = memoryview(self._buffer)
        self._punts: list[Punt] = []
        self._retired: list[tuple[Plan, int]] = []
        self._outstanding = self._punted = self._batches = self._frames = 0
        self._reported = 0.0
        self._running = True

    # Messages of the router, in its thread

    def post(self, message: Callable[[], None]) -> None:
        """Have something done between two batches."""
        self._messages.append(message)
        os.eventfd_write(self._wake, 1)

    def end(self) -> None:
        """Stop, and wait for that."""
        self.post(self._end)
        self.join()
        self._poll.close()
        os.close(self._wake)

    # What messages do, in the worker's thread

    def _end(self) -> None:
        self._running = False

    def attach(self, line: Line) -> None:
        """Read a device."""
        self._lines[line.descriptor] = line
        self._poll.register(line.descriptor, select.EPOLLIN)

    def detach(self, descriptor: int) -> None:
        """Leave a device alone, and all flows to it."""
        line = self._lines.pop(descriptor, None)
        if line is not None:
            self._flush()
            self._poll.unregister(descriptor)
            self.forget()
            self._tell()

    def forget(self) -> None:
        """Ask the router again about every flow."""
        for line in self._lines.values():
            self._count_flows(line)
            line.flows, line.opened = {}, {}

    def follow(self, number: int, snapshot: Snapshot) -> None:
        """A data plane has another policy or other keys; flows that it treats as before stay."""
        plane = self._planes.get(number)
        if plane is None:
            plane = self._planes[number] = GroupDataPlane(os.urandom)
        else:
            self._tell()
        plane.follow(snapshot)
        self._limits.clear()
        for line in self._lines.values():
            for flows in (line.flows, line.opened):
                for key, flow in list(flows.items()):
                    if plane in (flow.opener, flow.sealer) and not self._adjust(flow):
                        self._retire(flow)
                        del flows[key]

    def unfollow(self, number: int) -> None:
        """A data plane is no more."""
        self._tell()
        self._planes.pop(number, None)
        self.forget()

    def learn(self, name: InterfaceName, opened: bool, packet: bytes, plan: Plan) -> None:
        """How to treat the flow of a packet from now on."""
        by_name = {line.name: line for line in self._lines.values()}
        line, out = by_name.get(name), by_name.get(plan.egress) if plan.egress is not None else None
        if line is None or (plan.egress is not None and out is None):
            return
        opener = self._planes.get(id(plan.opener)) if plan.opener is not None else None
        sealer = self._planes.get(id(plan.sealer)) if plan.sealer is not None else None
        flow = Flow(plan, packet[:64], out, PLAIN + plan.head, opener, sealer)
        if (plan.opener is None) != (opener is None) or (plan.sealer is None) != (sealer is None):
            return
        flow.rule = sealer.rule_for(packet) if sealer is not None else None
        flows = line.opened if opened else line.flows
        if self._adjust(flow):
            if len(flows) >= MAXIMUM_FLOWS:
                self.forget()
                flows = line.opened if opened else line.flows
            flows[flow_key(packet)] = flow

    def done(self, count: int) -> None:
        """The router has handled some of what it was handed."""
        self._outstanding -= count

    def _adjust(self, flow: Flow) -> bool:
        """Fit a flow to its planes; False where its plan does not hold any more."""
        plan, now = flow.plan, self._now()
        if flow.out is None:
            return True
        if flow.opener is not None and flow.opener.inbound(flow.sample, now).outcome is not Outcome.CLEAR:
            return False
        flow.limit = plan.mtu
        if flow.sealer is not None:
            sealed = flow.rule is not None
            flow.rule = flow.sealer.rule_for(flow.sample)
            if (flow.rule is not None) != sealed:
                return False
            if flow.rule is not None:
                flow.limit = self._limit(flow.sealer, plan.mtu)
        return True

    def _limit(self, plane: GroupDataPlane, mtu: int) -> int:
        """The longest packet that every SA of a plane can bring through an MTU."""
        known = self._limits.get((id(plane), mtu))
        if known is None:
            sizes = [plaintext_mtu(sa.transform, mtu, STAMP_OCTETS if sa.by_time else 0) for sa in plane.sas.values()]
            known = self._limits[id(plane), mtu] = min(sizes, default=0)
        return known

    # Packets

    def run(self) -> None:
        while self._running:
            dirty = self._frames > 0
            events = self._poll.poll(REPORT_IDLE if dirty else None)
            for descriptor, _ in events:
                if descriptor == self._wake:
                    os.eventfd_read(self._wake)
                    while self._messages:
                        self._messages.popleft()()
                elif (line := self._lines.get(descriptor)) is not None:
                    self._batch(line)
            self._flush()
            if dirty and (not events or self._now() - self._reported > REPORT_BUSY):
                self._tell()
        self._tell()

    def _batch(self, line: Line) -> None:
        now = self._now()
        buffers, view, descriptor = (self._buffer,), self._view, line.descriptor
        try:
            for _ in range(BATCH):
                length = os.readv(descriptor, buffers)
                self._frames += 1
                self._frame(line, bytes(view[:length]), now)
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno is not None:
                self._failed(line.name, error)
        self._batches += 1

    def _frame(self, line: Line, data: bytes, now: float) -> None:
        at = HEADER.size + line.network
        packet = data[at:]
        if (
            (line.network and (data[10:16] != line.mac or data[22:24] != _IPV4))
            or len(packet) < 24
            or packet[0] != 0x45
            or int.from_bytes(packet[:20], "big") % 0xFFFF
            or packet[6] & 0x3F
            or packet[7]
        ):
            self._hand_over(line, data, packet, learn=False)
            return
        total = packet[2] << 8 | packet[3]
        if total != len(packet):
            if not 24 <= total < len(packet) or data[0] or data[1]:
                self._hand_over(line, data, packet, learn=False)
                return
            packet = packet[:total]
        if packet[9] == TCP and (total < 40 or packet[33] & FIN_SYN_RST):
            self._hand_over(line, data, packet, learn=False)
            return
        flow = line.flows.get(flow_key(packet))
        if flow is None or flow.plan.until <= now:
            self._hand_over(line, data, packet, learn=True)
        elif flow.out is None:
            self._open(line, flow, data, packet, now)
        else:
            self._forward(line, flow, data, packet, now)

    def _open(self, line: Line, flow: Flow, data: bytes, packet: bytes, now: float) -> None:
        """ESP. What is refused the router judges again: it logs, counts, and begins to recover."""
        assert flow.opener is not None
        verdict = flow.opener.inbound(packet, now)
        if verdict.outcome is not Outcome.PROTECTED:
            self._hand_over(line, data, packet, learn=False)
            return
        flow.packets += 1
        passed = line.passed
        passed.packets_in += 1
        passed.octets_in += len(packet) + line.network
        inner = verdict.packets[0]
        plain = len(inner) >= 24 and inner[0] == 0x45 and not (inner[6] & 0x3F or inner[7])
        if not plain or (inner[9] == TCP and (len(inner) < 40 or inner[33] & FIN_SYN_RST)):
            self._hand_over(line, b"", inner, learn=False)
            return
        onward = line.opened.get(flow_key(inner))
        if onward is None or onward.plan.until <= now or onward.out is None:
            self._hand_over(line, b"", inner, learn=True)
            return
        self._forward(line, onward, b"", inner, now)

    def _forward(self, line: Line, flow: Flow, data: bytes, packet: bytes, now: float) -> None:
        """One packet, or the many that a frame of the host stands for."""
        out = flow.out
        assert out is not None
        if packet[8] <= 1:
            self._hand_over(line, data, packet, learn=False)
            return
        onward = decrement_ttl(packet)
        pieces = [onward]
        if data and (data[0] or data[1]):
            try:
                flags, kind, length, size, start, offset = HEADER.unpack_from(data)
                header = HEADER.pack(flags, kind, length, size, max(0, start - line.network), offset)
                pieces = finished(header + onward, 0)
            except WireError:
                pieces = []
        if not pieces or len(pieces[0]) > flow.limit:
            self._hand_over(line, data, packet, learn=False)
            return
        sealed: list[bytes] = []
        if flow.rule is not None:
            assert flow.sealer is not None
            protected = flow.sealer.protect(pieces, flow.rule, now, flow.plan.mtu)
            if isinstance(protected, str):
                self._hand_over(line, data, packet, learn=False)
                return
            sealed = protected
        flow.packets += len(pieces)
        if data:
            line.passed.packets_in += len(pieces)
            line.passed.octets_in += sum(map(len, pieces)) + len(pieces) * line.network
        if flow.rule is not None:
            for piece in sealed:
                self._write(out, flow.front + piece, len(piece))
        else:
            joined = out.waiting.get(flow.front)
            if joined is None:
                joined = out.waiting[flow.front] = Coalescer(flow.front[HEADER.size :])
            for piece in pieces:
                joined.add(piece)

    def _flush(self) -> None:
        """End of a round: what was joined leaves, and the router gets its share."""
        for line in self._lines.values():
            if line.waiting:
                waiting, line.waiting = line.waiting, {}
                for joined in waiting.values():
                    for frame, packets, octets in joined.take():
                        self._write(line, frame, octets, packets)
        if self._punts:
            punts, self._punts = self._punts, []
            self._outstanding += len(punts)
            self._punted += len(punts)
            self._punt(punts)

    def _write(self, out: Line, frame: bytes, octets: int, packets: int = 1) -> None:
        try:
            os.write(out.descriptor, frame)
        except OSError:
            out.passed.output_drops += packets
            return
        out.passed.packets_out += packets
        out.passed.octets_out += octets + packets * out.network

    def _hand_over(self, line: Line, data: bytes, packet: bytes, learn: bool) -> None:
        if self._outstanding + len(self._punts) >= WAITING:
            line.passed.input_drops += 1
            return
        self._punts.append(Punt(line.name, data or packet, packet, not data, learn))

    # Counters

    def _tell(self) -> None:
        self._reported = self._now()
        passed = {}
        for line in self._lines.values():
            self._count_flows(line)
            passed[line.name], line.passed = line.passed, Passed()
        repeats, self._retired = self._retired, []
        work = {number: plane.take_work() for number, plane in self._planes.items()}
        self._report(Report(passed, work, repeats, self._punted, self._batches, self._frames))
        self._punted = self._batches = self._frames = 0

    def _count_flows(self, line: Line) -> None:
        for flows in (line.flows, line.opened):
            for flow in flows.values():
                self._retire(flow)

    def _retire(self, flow: Flow) -> None:
        """Note what a flow has counted."""
        if flow.packets and flow.plan.repeats:
            self._retired.append((flow.plan, flow.packets))
        flow.packets = 0
