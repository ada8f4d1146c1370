"""A worker's orders and reports, and devices that are full, broken or taken away."""

from __future__ import annotations

import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Thread

from iosemu.fastpath.handover import UNKNOWN, Punt
from iosemu.fastpath.messages import (
    Attach,
    Detach,
    End,
    Failed,
    Handled,
    Learn,
    Order,
    Punts,
    Report,
    Settle,
    Settled,
)
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.pure import Engine
from iosemu.fastpath.worker import Worker
from iosemu.ports.pipes import Pipe
from iosemu.router.names import InterfaceName
from tests.fastpath.room import LAN_HEAD, MACS, TYPE, datagram, framed

Making = Callable[[], Engine]
LAN, WAN = InterfaceName("GigabitEthernet", "0/1"), InterfaceName("GigabitEthernet", "0/0")
PATIENCE = 10.0
FRAME = framed(datagram(), MACS[0] + MACS[2] + TYPE)


@dataclass
class Desk:
    """A worker with two devices, whose router wants to see each packet; `hosts` are their other ends."""

    pipe: Pipe
    hosts: dict[InterfaceName, socket.socket] = field(default_factory=dict)
    punts: list[Punt] = field(default_factory=list)
    failures: list[InterfaceName] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    settled: int = 0

    def total(self, name: InterfaceName, counter: str) -> int:
        return sum(getattr(report.passed[name], counter) for report in self.reports if name in report.passed)

    def reasons(self) -> Counter[str]:
        return sum((report.reasons for report in self.reports), Counter())

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.reports
            if select.select([self.pipe], [], [], 0.01)[0]:
                for message, _ in self.pipe.receive():
                    self.receive(message)

    def handed_over(self, count: int) -> None:
        """Until the router has seen so many."""
        self.until(lambda: len(self.punts) == count)

    def receive(self, message: object) -> None:
        if isinstance(message, Punts):
            self.punts += message.punts
            for item in message.punts:
                if item.learn:
                    self.order(Learn(item.name, item.opened, item.packet, None))
        elif isinstance(message, Report):
            self.reports.append(message)
        elif isinstance(message, Failed):
            self.failures.append(message.name)
        else:
            assert isinstance(message, Settled)
            self.settled = message.number

    def order(self, order: Order, *descriptors: int) -> None:
        self.pipe.send(order, descriptors)

    def settle(self) -> None:
        """Until all orders are carried out."""
        number = self.settled + 1
        self.order(Settle(number))
        self.until(lambda: self.settled == number)

    def send(self, count: int = 1) -> None:
        """From the WAN, no faster than it is read: a pair of sockets has little room."""
        for number in range(count):
            self.hosts[WAN].send(FRAME)
            if number % 8 == 7:
                time.sleep(0.001)

    def teach(self) -> None:
        self.order(Learn(WAN, False, FRAME[24:], Plan(LAN, LAN_HEAD, 1500)))
        self.settle()


@contextmanager
def desk(engine: Engine) -> Iterator[Desk]:
    ours, theirs = Pipe.pair()
    worker, broken = Worker(theirs, engine, time.monotonic), list[BaseException]()

    def work() -> None:
        try:
            worker.run()
        except BaseException as error:
            broken.append(error)

    found, thread = Desk(ours), Thread(target=work)
    with ExitStack() as stack:
        stack.callback(ours.close)
        for number, name in enumerate((WAN, LAN)):
            near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            near.setblocking(False)
            far.settimeout(PATIENCE)
            found.hosts[name] = stack.enter_context(far)
            found.order(Attach(name, 14, MACS[number], True), near.fileno())
            near.close()
        thread.start()
        stack.callback(thread.join)
        stack.callback(found.order, End())
        yield found
    assert broken == []


def test_punt_first_then_as_it_was_told(engine: Making) -> None:
    with desk(engine()) as here:
        here.send()
        here.handed_over(1)
        (punt,) = here.punts
        assert (punt.name, punt.data, punt.packet, punt.learn) == (WAN, FRAME, FRAME[24:], True)
        here.order(Handled(1))
        here.teach()
        here.send()
        assert here.hosts[LAN].recv(65536)[10:24] == LAN_HEAD
        here.until(lambda: here.total(LAN, "packets_out") == 1)
        assert (here.total(WAN, "frames"), here.total(WAN, "packets_in")) == (2, 1)
        assert here.reasons()[UNKNOWN] == 1
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
        here.order(Detach(LAN))
        here.send(200)
        # Its flow leads nowhere any more, so the router is asked; nothing is lost without a count.
        here.until(lambda: here.total(WAN, "packets_in") + len(here.punts) == 400)
        assert len(here.punts) > 0
        assert here.total(LAN, "packets_out") + here.total(LAN, "output_drops") == here.total(WAN, "packets_in")


def test_device_that_breaks_is_reported_and_the_others_go_on(engine: Making) -> None:
    with desk(engine()) as here:
        name = InterfaceName("GigabitEthernet", "0/2")
        # What is not connected can be waited for, and each attempt to read it fails.
        with socket.socket() as strange:
            here.order(Attach(name, 14, MACS[3], True), strange.fileno())
        here.until(lambda: bool(here.failures))
        here.order(Detach(name))
        assert set(here.failures) == {name}
        here.teach()
        here.send()
        assert here.hosts[LAN].recv(65536)


def test_frames_of_any_size_are_taken(engine: Making) -> None:
    with desk(engine()) as here:
        for number, size in enumerate((1, 9, 10, 24, 47, 60, 1514, 65000)):
            frame = (FRAME + bytes(65000))[:size]
            here.hosts[WAN].send(frame)
            here.handed_over(number + 1)
            assert here.punts[number].data == frame
            here.order(Handled(1))


def test_worker_ends_with_its_router(engine: Making) -> None:
    ours, theirs = Pipe.pair()
    thread = Thread(target=Worker(theirs, engine(), time.monotonic).run)
    thread.start()
    ours.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()
