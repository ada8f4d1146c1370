"""The fast path of a router: it gives workers devices, plans and keys, and takes what they cannot handle."""

from __future__ import annotations

import os
from collections.abc import Callable

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.sharing import absorb
from iosemu.fastpath.handover import Punt
from iosemu.fastpath.messages import (
    Attach,
    Broken,
    Detach,
    Failed,
    Follow,
    Forget,
    Handled,
    Learn,
    Order,
    Punts,
    Report,
    Settled,
    Unfollow,
)
from iosemu.fastpath.native import best_engine
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.planner import Planner
from iosemu.fastpath.process import WorkerProcess
from iosemu.fastpath.shared import share
from iosemu.features.platform.statistics import EngineStatistics, PlatformService, QueueStatistics
from iosemu.ports.device import Device, DevicePort, queues
from iosemu.ports.errors import PortError
from iosemu.router.clock import RealClock
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router


class FastPath:
    """A service. It works while two devices or more are plugged in, and no more after a worker has broken down."""

    def __init__(self, router: Router, clock: RealClock) -> None:
        self._router, self._clock = router, clock
        self._planner = Planner(router, lambda: set(self._ports))
        self._workers: list[WorkerProcess] = []
        self._ports: dict[InterfaceName, DevicePort] = {}
        self._planes: dict[int, tuple[GroupDataPlane, Callable[[], None]]] = {}
        self._broken = False
        self._platform = router.service(PlatformService)
        router.ip.arp.listeners.append(self._forget)

    def reconcile(self) -> None:
        """Follow what is plugged in; ask anew about every flow."""
        devices = {
            name: port for name, port in self._router.ports.items() if isinstance(port, DevicePort) and port.is_open
        }
        wanted = devices if len(devices) > 1 and not self._broken else {}
        for name in [name for name, port in self._ports.items() if wanted.get(name) is not port]:
            self._ports.pop(name).take_back()
        if wanted and not self._workers:
            self._start()
        elif not wanted:
            self._end()
        if self._workers and all(worker.ready for worker in self._workers):
            for name, port in wanted.items():
                if name not in self._ports:
                    self._attach(name, port)
            self._forget()
            self._follow_planes()

    def stop(self) -> None:
        """Give the devices back."""
        for port in self._ports.values():
            port.take_back()
        self._ports = {}
        self._end()

    def _start(self) -> None:
        try:
            for _ in range(queues()):
                self._workers.append(WorkerProcess(self._clock.pace, self._obey, self._give_up))
        except OSError as error:
            self._give_up(f"{type(error).__name__}: {error.strerror}")

    def _end(self) -> None:
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()
        self._platform.statistics = None
        for plane, listener in self._planes.values():
            plane.listeners.remove(listener)
        self._planes = {}
        self._planner.forget_all()

    def _tell(self, order: Order, *descriptors: int) -> None:
        """Have all workers do something."""
        for worker in self._workers:
            worker.send(order, *descriptors)

    def _attach(self, name: InterfaceName, port: DevicePort) -> None:
        """Each worker gets a descriptor of the device for itself; the first one has the port's own."""
        mac, network = self._router.interfaces.add(name).mac, port.framing_offset
        shared: list[Device] = []
        for worker in self._workers:
            reads, device = True, port.device
            if worker is not self._workers[0]:
                try:
                    device = port.device.queue()
                    shared.append(device)
                except PortError:
                    # A device that cannot be shared is read by the first worker; the others still send by it.
                    reads = False
            worker.send(Attach(name, network, mac, reads), device.fileno())

        def release() -> None:
            for worker in self._workers:
                worker.send(Detach(name))
                worker.settle()
            for device in shared:
                device.close()

        self._ports[name] = port
        port.hand_over(release)

    def _forget(self) -> None:
        self._tell(Forget())

    # Data planes

    def _follow_planes(self) -> None:
        """Have the workers follow the planes that there are, with what they have been told by now."""
        if not self._workers:
            return
        current: dict[int, GroupDataPlane] = {}
        for name in self._ports:
            try:
                plane = self._planner.plane_of(name)
            except LookupError:
                continue
            if plane is not None:
                current[id(plane)] = plane
        for number in [number for number in self._planes if number not in current]:
            plane, listener = self._planes.pop(number)
            plane.listeners.remove(listener)
            self._tell(Unfollow(number))
        for number, plane in current.items():
            if number not in self._planes:
                listener = self._listener(plane)
                plane.listeners.append(listener)
                self._planes[number] = plane, listener
            self._planes[number][1]()

    def _listener(self, plane: GroupDataPlane) -> Callable[[], None]:
        def feed() -> None:
            sas = [plane.sas[tek.spi] for tek in plane.policy.teks]
            memories = [share(sa) for sa in sas]
            windows = tuple(None if sa.windows is None else sa.windows.size for sa in sas)
            order = Follow(id(plane), plane.policy, plane.df_rule, windows)
            self._tell(order, *(memory.descriptor for memory in memories))

        return feed

    # What a worker says

    def _obey(self, worker: WorkerProcess, message: object) -> None:
        if isinstance(message, Punts):
            self._take(worker, message.punts)
        elif isinstance(message, Report):
            self._absorb(worker, message)
        elif worker in self._workers:
            if isinstance(message, Settled):
                self._begin()
            elif isinstance(message, Failed):
                self._fail(message)
            elif isinstance(message, Broken):
                self._give_up(message.text)

    def _begin(self) -> None:
        """A worker is ready; the last one lets the work begin."""
        if self._platform.statistics is None and all(worker.ready for worker in self._workers):
            self._platform.statistics = EngineStatistics(best_engine().name, len(self._workers))
            self.reconcile()

    def _take(self, worker: WorkerProcess, punts: list[Punt]) -> None:
        for punt in punts:
            plan = self._handle(punt)
            if punt.learn:
                worker.send(Learn(punt.name, punt.opened, punt.packet, plan))
        worker.send(Handled(len(punts)))

    def _handle(self, punt: Punt) -> Plan | None:
        """Do what the router does with a packet, and say what becomes of others like it if that is asked."""
        port = self._ports.get(punt.name)
        interface = self._router.interfaces.get(punt.name)
        if port is None or interface is None:
            return None
        if punt.opened:
            self._router.ip.resume(punt.packet, interface)
        else:
            port.deliver(punt.data)
        return self._planner.plan(punt.packet, interface, punt.opened) if punt.learn else None

    def _absorb(self, worker: WorkerProcess, report: Report) -> None:
        now = self._router.clock.now()
        for name, passed in report.passed.items():
            interface = self._router.interfaces.get(name)
            if interface is None:
                continue
            counters = interface.counters
            if passed.packets_in:
                interface.count_in(passed.octets_in, now, passed.packets_in)
            if passed.packets_out:
                interface.count_out(passed.octets_out, now, passed.packets_out)
            counters.input_drops += passed.input_drops
            counters.output_drops += passed.output_drops
        for number, work in report.work.items():
            if number in self._planes:
                absorb(self._planes[number][0], work)
        for number, packets in report.repeats:
            self._planner.count(number, packets)
        for number in report.gone:
            self._planner.forget(number)
        self._note(worker, report)

    def _note(self, worker: WorkerProcess, report: Report) -> None:
        """For those who want to know how well it works."""
        statistics = self._platform.statistics
        if statistics is None or worker not in self._workers:
            return
        worker.flows = report.flows
        statistics.flows = sum(worker.flows for worker in self._workers)
        statistics.handed_over += report.reasons
        for name, passed in report.passed.items():
            queue = statistics.queues.setdefault(name, QueueStatistics())
            queue.frames += passed.frames
            queue.batches += passed.batches
            queue.largest = max(queue.largest, passed.largest_batch)
            queue.to_router += passed.input_drops
            queue.to_device += passed.output_drops
            statistics.forwarded += passed.packets_in

    def _fail(self, message: Failed) -> None:
        port = self._ports.get(message.name)
        if port is not None:
            port.failed(OSError(message.number, os.strerror(message.number)))

    def _give_up(self, text: str) -> None:
        """A worker has broken down: from now on the router forwards everything itself."""
        if not self._broken:
            self._broken = True
            self.stop()
            text = f"Fast path ended by {text}. The router forwards by itself"
            self._router.syslog.log("PLATFORM", 2, "FASTPATH_FAILED", text)
