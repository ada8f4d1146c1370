"""Nodes that listen: the table, files for clients, who is refused, and what wrong options say."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml

from iosemu.app import main
from iosemu.labs.doors import open_lab
from iosemu.labs.lab import Lab
from iosemu.labs.topology import load_topology
from iosemu.router.clock import RealClock
from iosemu.shell.service import Doors
from tests.features.typist import new_router

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "getvpn-basic"
CONFIG = (
    "hostname R1\nusername u privilege 15 password 0 p\nline vty 2 4\n transport input none\n"
    "line vty 0 1\n login local\n"
)


async def greet(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await asyncio.wait_for(reader.read(400), 5)
    finally:
        writer.close()


def test_a_line_without_a_password_refuses_and_too_many_guests_too() -> None:
    async def run() -> None:
        doors = Doors(RealClock())
        bare, full = new_router().router, new_router(CONFIG).router
        doors.add("bare", "telnet", "127.0.0.1", 0, lambda: bare)
        doors.add("full", "telnet", "127.0.0.1", 0, lambda: full)
        doors.add("off", "telnet", "127.0.0.1", 0, lambda: None)
        first, second, third = (door.port for door in doors.open)
        assert b"Password required, but none set" in await greet(first) + await greet(first)
        guests = [await asyncio.open_connection("127.0.0.1", second) for _ in range(2)]
        for reader, _ in guests:
            assert b"Username: " in await reader.readuntil(b"Username: ")
        assert b"Connection refused" in await greet(second)
        assert b"Connection refused" in await greet(third)
        for _, writer in guests:
            writer.close()
        await asyncio.sleep(0.1)
        assert b"refused" not in await greet(second)
        doors.close()

    asyncio.run(run())


def test_ssh_refuses_a_wrong_password_and_a_line_that_is_for_telnet() -> None:
    async def run() -> None:
        doors = Doors(RealClock())
        router, other = new_router(CONFIG).router, new_router(f"{CONFIG} transport input telnet\n").router
        doors.add("R1", "ssh", "127.0.0.1", 0, lambda: router)
        doors.add("R2", "ssh", "127.0.0.1", 0, lambda: other)
        options: dict[str, Any] = {"username": "u", "known_hosts": None, "client_keys": []}
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect("127.0.0.1", doors.open[0].port, password="wrong", **options)
        with pytest.raises((asyncssh.Error, OSError)):
            await asyncssh.connect("127.0.0.1", doors.open[1].port, password="p", **options)
        async with asyncssh.connect("127.0.0.1", doors.open[0].port, password="p", **options) as connection:
            assert "uptime" in str((await connection.run("show version")).stdout)
            assert str((await connection.run("show ssh")).stdout).count("Session started") == 2
        doors.close()

    asyncio.run(run())


def test_a_lab_listens_on_successive_ports_and_writes_files_for_clients(tmp_path: Path) -> None:
    async def run() -> None:
        clock = RealClock()
        lab = Lab(load_topology(EXAMPLE), clock)
        await lab.boot()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            base = min(free.getsockname()[1], 65000)
        doors = open_lab(lab, f"127.0.0.1:{base}", None, tmp_path)
        try:
            assert doors.table().splitlines()[:2] == [
                f"KS1  ssh     127.0.0.1:{base}",
                f"P    ssh     127.0.0.1:{base + 1}",
            ]
        finally:
            doors.close()
            lab.close()
        hosts = yaml.safe_load((tmp_path / "inventory.yml").read_text())["all"]["children"]["routers"]["hosts"]
        assert hosts["GM1"] == {"ansible_host": "127.0.0.1", "ansible_port": base + 2}
        devices = yaml.safe_load((tmp_path / "testbed.yaml").read_text())["devices"]
        assert list(devices) == ["KS1", "P", "GM1", "GM2", "GM3"]
        assert f"Host GM3\n  HostName 127.0.0.1\n  Port {base + 4}\n" in (tmp_path / "ssh_config").read_text()
        assert "password" not in json.dumps(hosts).lower()

    asyncio.run(run())


@pytest.mark.parametrize("address", ["127.0.0.1", "nowhere", ":22", "127.0.0.1:70000", "192.0.2.1:2222"])
def test_an_address_that_cannot_be_listened_on_is_an_error_of_one_line(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--ssh", address, "-c", "show clock"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("iosemu: ")
    assert error.count("\n") == 1
