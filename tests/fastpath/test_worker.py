"""The worker's thread: what it is told, what it reports, and devices that are full, broken or taken away."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from iosemu.fastpath.handover import UNKNOWN, Punt
from iosemu.fastpath.lines import Line
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.pure import Engine
from iosemu.fastpath.worker import Report, Worker
from iosemu.router.names import InterfaceName
from tests.fastpath.room import LAN_HEAD, MACS, TYPE, datagram, framed

Making = Callable[[], Engine]
LAN, WAN = InterfaceName("GigabitEthernet", "0/1"), InterfaceName("GigabitEthernet", "0/0")
PATIENCE = 10.0
FRAME = framed(datagram(), MACS[0] + MACS[2] + TYPE)


@dataclass
class Desk:
    """A worker with two devices; `hosts` are the other ends of them."""

    worker: Worker
    lines: dict[InterfaceName, Line] = field(default_factory=dict)
    hosts: dict[InterfaceName, socket.socket] = field(default_factory=dict)
    punts: queue.Queue[Punt] = field(default_factory=queue.Queue)
    failures: queue.Queue[InterfaceName] = field(default_factory=queue.Queue)
    reports: list[Report] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)

    def total(self, name: InterfaceName, counter: str) -> int:
        return sum(getattr(report.passed[name], counter) for report in self.reports if name in report.passed)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.reports
            time.sleep(0.01)

    def send(self, count: int = 1) -> None:
        """From the WAN, no faster than it is read: a pair of sockets has little room."""
        for number in range(count):
            self.hosts[WAN].send(FRAME)
            if number % 8 == 7:
                time.sleep(0.001)

    def teach(self) -> None:
        done = threading.Event()
        self.worker.post(lambda: self.worker.learn(WAN, False, FRAME[24:], Plan(LAN, LAN_HEAD, 1500)))
        self.worker.post(done.set)
        assert done.wait(PATIENCE)


@contextmanager
def desk(engine: Engine) -> Iterator[Desk]:
    def punt(punts: list[Punt]) -> None:
        """A router that wants to see each packet."""
        for item in punts:
            found.punts.put(item)
            if item.learn:
                worker.post(partial(worker.learn, item.name, item.opened, item.packet, None))

    def report(report: Report) -> None:
        found.reports.append(report)

    def failed(name: InterfaceName, _: OSError) -> None:
        found.failures.put(name)

    worker = Worker(engine, time.monotonic, punt, report, failed, lambda error: found.broken.append(error))
    found = Desk(worker)
    with ExitStack() as stack:
        for number, name in enumerate((WAN, LAN)):
            near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            near.setblocking(False)
            far.settimeout(PATIENCE)
            stack.enter_context(near)
            found.hosts[name] = stack.enter_context(far)
            line = found.lines[name] = Line(name, near.fileno(), 14, MACS[number], engine.channel(near.fileno()))
            worker.post(partial(worker.attach, line))
        worker.start()
        stack.callback(worker.end)
        yield found
    assert found.broken == []


def test_punt_first_then_as_it_was_told(engine: Making) -> None:
    with desk(engine()) as here:
        here.send()
        punt = here.punts.get(timeout=PATIENCE)
        assert (punt.name, punt.data, punt.learn) == (WAN, FRAME, True)
        here.worker.post(lambda: here.worker.done(1))
        here.teach()
        here.send()
        assert here.hosts[LAN].recv(65536)[10:24] == LAN_HEAD
        here.until(lambda: here.total(LAN, "packets_out") == 1)
        assert (here.total(WAN, "frames"), here.total(WAN, "packets_in")) == (2, 1)
        assert sum(report.reasons[UNKNOWN] for report in here.reports) == 1
        assert here.reports[-1].flows == 1


def test_device_that_takes_no_more_loses_packets_and_counts_them(engine: Making) -> None:
    with desk(engine()) as here:
        here.teach()
        here.send(1000)
        here.until(lambda: here.total(WAN, "packets_in") == 1000)
        lost, sent = here.total(LAN, "output_drops"), here.total(LAN, "packets_out")
        assert lost > 0
        assert lost + sent == 1000
        for _ in range(sent):
            here.hosts[LAN].recv(65536)
        here.send()
        assert here.hosts[LAN].recv(65536)


def test_device_that_is_taken_away_during_traffic(engine: Making) -> None:
    with desk(engine()) as here:
        here.teach()
        here.send(200)
        here.worker.post(lambda: here.worker.detach(here.lines[LAN].descriptor))
        here.send(200)
        # Its flow leads nowhere any more, so the router is asked; nothing is lost without a count.
        here.until(lambda: here.total(WAN, "packets_in") + here.punts.qsize() == 400)
        assert here.punts.qsize() > 0
        assert here.total(LAN, "packets_out") + here.total(LAN, "output_drops") == here.total(WAN, "packets_in")


def test_device_that_breaks_is_reported_and_the_others_go_on(engine: Making) -> None:
    class Broken:
        def receive(self) -> list[bytes]:
            raise OSError(77, "gone")

        def send(self, frames: list[bytes]) -> list[int]:
            return list(range(len(frames)))

    with desk(engine()) as here:
        always = os.eventfd(1)
        name = InterfaceName("GigabitEthernet", "0/2")
        here.worker.post(lambda: here.worker.attach(Line(name, always, 14, MACS[3], Broken())))
        assert here.failures.get(timeout=PATIENCE) == name
        here.worker.post(lambda: here.worker.detach(always))
        here.teach()
        here.send()
        assert here.hosts[LAN].recv(65536)
        here.worker.end()
        here.worker = Worker(engine(), time.monotonic, *[lambda *_: None] * 4)
        os.close(always)


def test_frames_of_any_size_are_taken(engine: Making) -> None:
    with desk(engine()) as here:
        for size in (1, 9, 10, 24, 47, 60, 1514, 65000):
            frame = (FRAME + bytes(65000))[:size]
            here.hosts[WAN].send(frame)
            assert here.punts.get(timeout=PATIENCE).data == frame
            here.worker.post(lambda: here.worker.done(1))
