"""The fast path of a router between devices of the host, in processes of its own, and what becomes of it without."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from iosemu.cli import load_config
from iosemu.fastpath.service import FastPath
from iosemu.features.assembly import build_grammar, build_router
from iosemu.features.platform.statistics import PlatformService
from iosemu.ports.device import DevicePort
from iosemu.ports.tuntap import TunTap
from iosemu.router.clock import RealClock
from iosemu.router.names import InterfaceName
from iosemu.router.nvram import MemoryNvram
from tests.ports.kernel import in_namespace, ip, until

CONFIG = """interface GigabitEthernet0/0
 ip address 10.1.1.1 255.255.255.0
 no shutdown
interface GigabitEthernet0/1
 ip address 10.1.2.1 255.255.255.0
 no shutdown
end
"""


class Gateway:
    """A router between two TUN devices, a host that sends to one of them and one that sees what the other brings."""

    def __init__(self, host: socket.socket, other: socket.socket) -> None:
        clock = RealClock()
        self.router = build_router(clock, MemoryNvram(), "R1")
        assert load_config(self.router, build_grammar(), CONFIG) == []
        self.messages: list[str] = []
        self.router.syslog.subscribe(lambda message: self.messages.append(message.line()))
        for number in (0, 1):
            self.router.attach(
                InterfaceName("GigabitEthernet", f"0/{number}"), DevicePort(TunTap("tun", f"lan{number}"))
            )
        ip("address add 10.1.1.10/24 dev lan0")
        ip("route add 10.1.2.0/24 via 10.1.1.1")
        self.fastpath = FastPath(self.router, clock)
        self.router.add_service(self.fastpath)
        self._host, self._other = host, other
        other.bind(("lan1", 0x0800))
        other.setblocking(False)

    async def ready(self) -> None:
        """Until the workers have the devices."""
        await until(lambda: self.router.service(PlatformService).statistics is not None)

    async def carries(self, text: bytes) -> None:
        """A datagram gets through."""
        self._host.sendto(text, ("10.1.2.10", 7))
        await until(lambda: self._arrived(text))

    def _arrived(self, text: bytes) -> bool:
        try:
            return self._other.recv(2048).endswith(text)
        except BlockingIOError:
            return False

    def forwarded(self) -> int:
        statistics = self.router.service(PlatformService).statistics
        return statistics.forwarded if statistics is not None else 0

    def pids(self) -> list[int]:
        return [worker.pid for worker in self.fastpath._workers]


@contextmanager
def gateway() -> Iterator[Gateway]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host,
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as other,
    ):
        found = Gateway(host, other)
        yield found
        pids = found.pids()
        found.router.stop()
        assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]


def test_workers_forward_and_what_they_did_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOSEMU_WORKERS", "2")

    async def body() -> None:
        with gateway() as here:
            await here.ready()
            assert len(here.pids()) == 2
            for number in range(20):
                await here.carries(b"%d" % number)
            await until(lambda: here.forwarded() > 10)
            counters = here.router.interfaces.add(InterfaceName("GigabitEthernet", "0/1")).counters
            await until(lambda: counters.packets_out == 20)

    in_namespace(body)


def test_devices_come_back_from_the_workers() -> None:
    async def body() -> None:
        with gateway() as here:
            await here.ready()
            await here.carries(b"first")
            here.fastpath.stop()
            assert here.pids() == []
            await here.carries(b"second")
            here.fastpath.reconcile()
            await here.ready()
            await here.carries(b"third")

    in_namespace(body)


def test_router_forwards_by_itself_after_a_worker_was_killed() -> None:
    async def body() -> None:
        with gateway() as here:
            await here.ready()
            await here.carries(b"first")
            (pid,) = here.pids()
            os.kill(pid, signal.SIGKILL)
            await until(lambda: any("FASTPATH_FAILED" in line for line in here.messages))
            await here.carries(b"second")
            assert next(line for line in here.messages if "FASTPATH" in line).partition("%")[2] == (
                "PLATFORM-2-FASTPATH_FAILED: Fast path ended by signal SIGKILL. The router forwards by itself"
            )

    in_namespace(body)


def test_router_forwards_by_itself_where_there_can_be_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent")

    async def body() -> None:
        with gateway() as here:
            assert [line.partition("%")[2] for line in here.messages if "FASTPATH" in line] == [
                "PLATFORM-2-FASTPATH_FAILED: Fast path ended by FileNotFoundError: No such file or directory. "
                "The router forwards by itself"
            ]
            await here.carries(b"first")

    in_namespace(body)


def test_defect_of_a_worker_is_told() -> None:
    async def body() -> None:
        with gateway() as here:
            await here.ready()
            # What no router says.
            cast(Any, here.fastpath._workers[0]).send("nonsense")
            await until(lambda: any("FASTPATH_FAILED" in line for line in here.messages))
            (line,) = (line for line in here.messages if "FASTPATH" in line)
            assert "Fast path ended by KeyError in _obey, line " in line
            await here.carries(b"first")

    in_namespace(body)
