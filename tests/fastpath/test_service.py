"""The fast path of a router whose worker breaks down."""

from __future__ import annotations

import socket

import pytest

from iosemu.cli import load_config
from iosemu.fastpath.forwarder import Forwarder
from iosemu.fastpath.service import FastPath
from iosemu.features.assembly import build_grammar, build_router
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


def test_router_forwards_by_itself_after_a_worker_has_broken_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(*_: object) -> None:
        raise RuntimeError("what nobody thought of")

    async def body() -> None:
        router = build_router(RealClock(), MemoryNvram(), "R1")
        assert load_config(router, build_grammar(), CONFIG) == []
        for number in (0, 1):
            router.attach(InterfaceName("GigabitEthernet", f"0/{number}"), DevicePort(TunTap("tun", f"lan{number}")))
        ip("address add 10.1.1.10/24 dev lan0")
        ip("route add 10.1.2.0/24 via 10.1.1.1")
        messages: list[str] = []
        router.syslog.subscribe(lambda message: messages.append(message.line()))
        router.add_service(FastPath(router))
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host,
            socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as other,
        ):
            other.bind(("lan1", 0x0800))
            host.sendto(b"first", ("10.1.2.10", 7))
            await until(lambda: any("FASTPATH_FAILED" in line for line in messages))
            host.sendto(b"second", ("10.1.2.10", 7))
            other.setblocking(False)
            found: list[bytes] = []

            def arrived() -> bool:
                try:
                    found.append(other.recv(2048))
                except BlockingIOError:
                    return False
                return found[-1].endswith(b"second")

            await until(arrived)
        assert next(line for line in messages if "FASTPATH" in line).partition("%")[2] == (
            "PLATFORM-2-FASTPATH_FAILED: Fast path ended by RuntimeError in take, line "
            f"{take.__code__.co_firstlineno + 1}: what nobody thought of. The router forwards by itself"
        )
        router.stop()

    monkeypatch.setattr(Forwarder, "take", take)
    in_namespace(body)
