"""The process that forwards. It owns all that it works with: devices, flows, followers of data planes, counters.

The router speaks to it by messages in order; what it cannot handle itself it hands to the router, as a frame.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import Any

from iosemu.engines.esp.sharing import Snapshot
from iosemu.fastpath import messages
from iosemu.fastpath.flows import Flows
from iosemu.fastpath.forwarder import Forwarder
from iosemu.fastpath.handover import Handover
from iosemu.fastpath.lines import Line, Passed, flow_key
from iosemu.fastpath.pure import Engine
from iosemu.fastpath.shared import SharedMemory, SharedNumbers, shared_windows
from iosemu.ports.pipes import Pipe

# How long counters may wait for their report while packets come, and when none come (seconds).
REPORT_BUSY, REPORT_IDLE = 0.1, 0.02
# Packets that the router has not handled yet, and frames of flows that it was asked about, at most; more are dropped.
HANDED_OVER, HELD = 1024, 4096


class Worker:
    """At work until the router says that it is to end, or is no more."""

    def __init__(self, pipe: Pipe, engine: Engine, now: Callable[[], float]) -> None:
        self._pipe, self._now = pipe, now
        self.flows = Flows(now)
        self.forwarder = Forwarder(engine, Handover(HANDED_OVER, HELD))
        self._orders: dict[type, Callable[[Any, list[int]], None]] = {
            messages.Attach: self._attach,
            messages.Detach: self._detach,
            messages.Forget: lambda order, _: self.flows.forget(),
            messages.Follow: self._follow,
            messages.Unfollow: self._unfollow,
            messages.Learn: self._learn,
            messages.Handled: lambda order, _: self.forwarder.handover.done(order.count),
            messages.Settle: lambda order, _: pipe.send(messages.Settled(order.number)),
            messages.End: self._end,
        }
        self._poll = select.epoll()
        self._poll.register(pipe.fileno(), select.EPOLLIN)
        self._reading: set[int] = set()
        self._reported = 0.0
        self._dirty = False
        self._running = True

    # What the router says

    def _attach(self, order: messages.Attach, descriptors: list[int]) -> None:
        (descriptor,) = descriptors
        channel = self.forwarder.engine.channel(descriptor)
        self.flows.lines[descriptor] = Line(order.name, descriptor, order.network, order.mac, channel)
        if order.reads:
            self._reading.add(descriptor)
            self._poll.register(descriptor, select.EPOLLIN)

    def _detach(self, order: messages.Detach, _: list[int]) -> None:
        line = self.flows.line(order.name)
        if line is not None:
            del self.flows.lines[line.descriptor]
            self.forwarder.handover.abandon(line)
            self.flows.forget()
            self._tell(line)
            if line.descriptor in self._reading:
                self._reading.remove(line.descriptor)
                self._poll.unregister(line.descriptor)
            os.close(line.descriptor)

    def _follow(self, order: messages.Follow, descriptors: list[int]) -> None:
        # What was counted under keys that go belongs to them.
        self._tell()
        memories = [SharedMemory(descriptor) for descriptor in descriptors]
        windows = tuple(
            None if size is None else shared_windows(memory, size)
            for memory, size in zip(memories, order.windows, strict=True)
        )
        snapshot = Snapshot(order.policy, order.df_rule, tuple(map(SharedNumbers, memories)), windows)
        self.flows.follow(order.plane, snapshot)
        self.forwarder.forget()

    def _unfollow(self, order: messages.Unfollow, _: list[int]) -> None:
        self._tell()
        self.flows.unfollow(order.plane)
        self.forwarder.forget()

    def _learn(self, order: messages.Learn, _: list[int]) -> None:
        if order.plan is not None:
            self.flows.learn(order.name, order.opened, order.packet, order.plan)
        side = self.flows.side(order.name, order.opened)
        if side is not None:
            self.forwarder.answered(side, flow_key(order.packet), self._now())
            self._dirty = True

    def _end(self, _: messages.End, __: list[int]) -> None:
        self._running = False

    # Packets

    def run(self) -> None:
        """Work; raises whatever is a defect of this program."""
        waiting, pipe = False, self._pipe.fileno()
        while self._running:
            dirty = self._dirty
            events = self._poll.poll(REPORT_IDLE if dirty else None)
            for descriptor, _ in events:
                if descriptor == pipe:
                    self._obey()
                elif (line := self.flows.lines.get(descriptor)) is not None:
                    self._batch(line)
            if self.forwarder.handover.punts:
                self._pipe.send(messages.Punts(self.forwarder.handover.take()))
            if dirty and (not events or self._now() - self._reported > REPORT_BUSY):
                self._tell()
            if waiting != self._pipe.pending:
                waiting = self._pipe.pending
                self._poll.modify(pipe, select.EPOLLIN | (select.EPOLLOUT if waiting else 0))
        self._tell()

    def _obey(self) -> None:
        self._pipe.flush()
        try:
            orders = self._pipe.receive()
        except EOFError:
            self._running = False
            return
        for order, descriptors in orders:
            self._orders[type(order)](order, descriptors)

    def _batch(self, line: Line) -> None:
        try:
            frames = line.channel.receive()
        except OSError as error:
            self._pipe.send(messages.Failed(line.name, error.errno or 0))
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
        work, repeats, forgotten = self.flows.take_work()
        reasons = self.forwarder.handover.take_reasons()
        self._pipe.send(messages.Report(passed, work, repeats, forgotten, reasons, len(self.flows)))
        self._dirty = False
