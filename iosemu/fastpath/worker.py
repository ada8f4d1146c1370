"""The thread that forwards. It owns all that it works with: devices, flows, followers of data planes, counters.

The router speaks to it by messages in order; what it cannot handle itself it hands to the router, as a frame.
"""

from __future__ import annotations

import os
import select
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from iosemu.engines.esp.sharing import Snapshot, Work
from iosemu.fastpath.flows import Flows
from iosemu.fastpath.forwarder import Forwarder
from iosemu.fastpath.handover import Handover, Punt
from iosemu.fastpath.lines import Line, Passed, flow_key
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.pure import Engine
from iosemu.router.names import InterfaceName

# How long counters may wait for their report while packets come, and when none come (seconds).
REPORT_BUSY, REPORT_IDLE = 0.1, 0.02
# Packets that the router has not handled yet, and frames of flows that it was asked about, at most; more are dropped.
HANDED_OVER, HELD = 1024, 4096


@dataclass(frozen=True, slots=True)
class Report:
    """Counters since the last one."""

    passed: dict[InterfaceName, Passed]
    work: dict[int, Work]
    repeats: list[tuple[Plan, int]]
    reasons: Counter[str]
    flows: int


class Worker(Thread):
    """`punt`, `report`, `failed` and `broken` are called in this thread."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], float],
        punt: Callable[[list[Punt]], None],
        report: Callable[[Report], None],
        failed: Callable[[InterfaceName, OSError], None],
        broken: Callable[[Exception], None],
    ) -> None:
        super().__init__(name="iosemu-fastpath", daemon=True)
        self._now, self._punt, self._report, self._failed, self._broken = now, punt, report, failed, broken
        self.flows = Flows(now)
        self.forwarder = Forwarder(engine, Handover(HANDED_OVER, HELD))
        self._messages: deque[Callable[[], None]] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll = select.epoll()
        self._poll.register(self._wake, select.EPOLLIN)
        self._reading: set[int] = set()
        self._reported = 0.0
        self._dirty = False
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

    def attach(self, line: Line, reads: bool = True) -> None:
        """Work with a device; whether it is read here too."""
        self.flows.lines[line.descriptor] = line
        if reads:
            self._reading.add(line.descriptor)
            self._poll.register(line.descriptor, select.EPOLLIN)

    def detach(self, descriptor: int) -> None:
        """Leave a device alone, and all flows to it."""
        line = self.flows.lines.pop(descriptor, None)
        if line is not None:
            if descriptor in self._reading:
                self._reading.remove(descriptor)
                self._poll.unregister(descriptor)
            self.forwarder.handover.abandon(line)
            self.flows.forget()
            self._tell(line)

    def forget(self) -> None:
        """Ask the router again about every flow."""
        self.flows.forget()

    def follow(self, number: int, snapshot: Snapshot) -> None:
        """A data plane has another policy or other keys."""
        # What was counted under keys that go belongs to them.
        self._tell()
        self.flows.follow(number, snapshot)
        self.forwarder.forget()

    def unfollow(self, number: int) -> None:
        """A data plane is no more."""
        self._tell()
        self.flows.unfollow(number)
        self.forwarder.forget()

    def learn(self, name: InterfaceName, opened: bool, packet: bytes, plan: Plan | None) -> None:
        """How to treat the flow of a packet from now on; None where the router must see each one."""
        if plan is not None:
            self.flows.learn(name, opened, packet, plan)
        side = self.flows.side(name, opened)
        if side is not None:
            self.forwarder.answered(side, flow_key(packet), self._now())
            self._dirty = True

    def done(self, count: int) -> None:
        """The router has handled some of what it was handed."""
        self.forwarder.handover.done(count)

    # Packets

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            # A defect of this program. Whoever is told takes the devices back, so that the router does not go deaf.
            self._broken(error)

    def _work(self) -> None:
        while self._running:
            dirty = self._dirty
            events = self._poll.poll(REPORT_IDLE if dirty else None)
            for descriptor, _ in events:
                if descriptor == self._wake:
                    os.eventfd_read(self._wake)
                    while self._messages:
                        self._messages.popleft()()
                elif (line := self.flows.lines.get(descriptor)) is not None:
                    self._batch(line)
            if self.forwarder.handover.punts:
                self._punt(self.forwarder.handover.take())
            if dirty and (not events or self._now() - self._reported > REPORT_BUSY):
                self._tell()
        self._tell()

    def _batch(self, line: Line) -> None:
        try:
            frames = line.channel.receive()
        except OSError as error:
            self._failed(line.name, error)
            return
        passed, count = line.passed, len(frames)
        passed.frames += count
        passed.batches += 1
        passed.largest_batch = max(passed.largest_batch, count)
        self._dirty = True
        self.forwarder.take(line.outer, frames, self._now())

    def _tell(self, gone: Line | None = None) -> None:
        """Report all counters, those of a device that was taken away too."""
        self._reported = self._now()
        passed = {}
        for line in (*self.flows.lines.values(), *((gone,) if gone is not None else ())):
            passed[line.name], line.passed = line.passed, Passed()
        work, repeats = self.flows.take_work()
        reasons = self.forwarder.handover.take_reasons()
        self._report(Report(passed, work, repeats, reasons, len(self.flows)))
        self._dirty = False
