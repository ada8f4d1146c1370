"""The fast path of a router: it gives the worker devices, plans and keys, and takes what the worker cannot handle."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from threading import Event

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.sharing import absorb, snapshot_of
from iosemu.fastpath.handover import Punt
from iosemu.fastpath.lines import Line
from iosemu.fastpath.native import best_engine
from iosemu.fastpath.plan import Plan, Planner
from iosemu.fastpath.worker import Report, Worker
from iosemu.features.platform.statistics import EngineStatistics, PlatformService, QueueStatistics
from iosemu.ports.device import Device, DevicePort, into_event_loop, queues
from iosemu.ports.errors import PortError
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router

# How long a thread may keep the interpreter while another waits (seconds).
SWITCH_INTERVAL = 0.001
# How often to see whether the worker that is to let go of a device still works (seconds).
RELEASE_CHECK = 0.05


class FastPath:
    """A service. It works while two devices or more are plugged in, and no more after a worker has broken down."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._call = into_event_loop()
        self._planner = Planner(router, lambda: set(self._ports))
        self._workers: list[Worker] = []
        self._known: dict[Worker, int] = {}
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
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._workers = [self._worker() for _ in range(queues())]
        name = self._workers[0].forwarder.engine.name
        self._platform.statistics = EngineStatistics(name, len(self._workers))
        for worker in self._workers:
            worker.start()

    def _worker(self) -> Worker:
        worker = Worker(
            best_engine(),
            self._router.clock.now,
            lambda punts: self._call(self._take, worker, punts),
            lambda report: self._call(self._absorb, worker, report),
            lambda name, error: self._call(self._failed, name, error),
            lambda error: self._call(self._give_up, error),
        )
        return worker

    def _end(self) -> None:
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()
        self._known, self._platform.statistics = {}, None
        for plane, listener in self._planes.values():
            plane.listeners.remove(listener)
        self._planes = {}

    def _post(self, message: Callable[[Worker], None]) -> None:
        """Have all workers do something."""
        for worker in self._workers:
            worker.post(lambda worker=worker: message(worker))  # type: ignore[misc]

    def _attach(self, name: InterfaceName, port: DevicePort) -> None:
        """Each worker gets a descriptor of the device for itself; the first one has the port's own."""
        interface, shared = self._router.interfaces.add(name), list[tuple[Worker, Device]]()
        for worker in self._workers:
            try:
                device = port.device.queue() if shared else port.device
            except PortError:
                # A device that cannot be shared is read by the first worker; the others still send by it.
                device = port.device
            shared.append((worker, device))
        lines = []
        for worker, device in shared:
            descriptor = device.fileno()
            channel = worker.forwarder.engine.channel(descriptor)
            line = Line(name, descriptor, port.framing_offset, interface.mac, channel)
            lines.append((worker, line, device is not port.device or worker is self._workers[0]))

        def release() -> None:
            for worker, line, _ in lines:
                released = Event()
                worker.post(lambda worker=worker, line=line: worker.detach(line.descriptor))  # type: ignore[misc]
                worker.post(released.set)
                while not released.wait(RELEASE_CHECK) and worker.is_alive():
                    pass
            for _, device in shared:
                if device is not port.device:
                    device.close()

        self._ports[name] = port
        port.hand_over(release)
        for worker, line, reads in lines:
            worker.post(lambda worker=worker, line=line, reads=reads: worker.attach(line, reads))  # type: ignore[misc]

    def _forget(self) -> None:
        self._post(lambda worker: worker.forget())

    # Data planes

    def _follow_planes(self) -> None:
        """Have the worker follow the planes that there are, with what they have been told by now."""
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
            self._post(lambda worker, number=number: worker.unfollow(number))  # type: ignore[misc]
        for number, plane in current.items():
            if number not in self._planes:
                listener = self._listener(plane)
                plane.listeners.append(listener)
                self._planes[number] = plane, listener
            self._planes[number][1]()

    def _listener(self, plane: GroupDataPlane) -> Callable[[], None]:
        def feed() -> None:
            snapshot = snapshot_of(plane)
            self._post(lambda worker: worker.follow(id(plane), snapshot))

        return feed

    # What the worker says

    def _take(self, worker: Worker, punts: list[Punt]) -> None:
        for punt in punts:
            plan = self._handle(punt)
            if punt.learn and worker in self._workers:
                arguments = punt.name, punt.opened, punt.packet, plan
                worker.post(lambda arguments=arguments: worker.learn(*arguments))  # type: ignore[misc]
        if worker in self._workers:
            worker.post(lambda: worker.done(len(punts)))

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

    def _absorb(self, worker: Worker, report: Report) -> None:
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
        for plan, packets in report.repeats:
            for repeat in plan.repeats:
                repeat(packets)
        self._note(worker, report)

    def _note(self, worker: Worker, report: Report) -> None:
        """For those who want to know how well it works."""
        statistics = self._platform.statistics
        if statistics is None or worker not in self._workers:
            return
        self._known[worker] = report.flows
        statistics.flows = sum(self._known.values())
        statistics.handed_over += report.reasons
        for name, passed in report.passed.items():
            queue = statistics.queues.setdefault(name, QueueStatistics())
            queue.frames += passed.frames
            queue.batches += passed.batches
            queue.largest = max(queue.largest, passed.largest_batch)
            queue.to_router += passed.input_drops
            queue.to_device += passed.output_drops
            statistics.forwarded += passed.packets_in

    def _failed(self, name: InterfaceName, error: OSError) -> None:
        port = self._ports.get(name)
        if port is not None:
            port.failed(error)

    def _give_up(self, error: Exception) -> None:
        """A worker has broken down: from now on the router forwards everything itself."""
        if not self._broken:
            self._broken = True
            self.stop()
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"Fast path ended by {type(error).__name__} in {where.name}, line {where.lineno}: {error}"
            self._router.syslog.log("PLATFORM", 2, "FASTPATH_FAILED", f"{text}. The router forwards by itself")
