"""`reload` of `iosemu run`: what boots, and what becomes of those who are on the lines."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

import pytest

from iosemu.app import main
from iosemu.labs.single import Machine
from iosemu.router.clock import RealClock
from iosemu.shell.service import Doors

CONFIG = "hostname R1\nusername u privilege 15 password 0 p\nline vty 0 4\n login local\n transport input telnet\n"


def test_commands_behind_a_reload_are_typed_on_the_router_that_has_booted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r1.cfg"
    file.write_text(CONFIG)
    items = ["configure terminal", "hostname R2", "end", "reload", "show running-config | include hostname"]
    arguments = ["run", str(file), "--virtual-time", "--nvram", str(tmp_path / "nvram")]
    assert main([*arguments, *(word for item in items for word in ("-c", item))]) == 0
    assert capsys.readouterr().out.endswith("hostname R2\n")


def test_a_guest_is_gone_and_comes_back_to_the_new_router(tmp_path: Path) -> None:
    file = tmp_path / "r1.cfg"
    file.write_text(CONFIG)

    async def enter(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for question, answer in ((b"Username: ", b"u\r"), (b"Password: ", b"p\r")):
            await asyncio.wait_for(reader.readuntil(question), 10)
            writer.write(answer)
        await asyncio.wait_for(reader.readuntil(b"R1#"), 10)
        return reader, writer

    async def run() -> None:
        clock = RealClock()
        driver = asyncio.ensure_future(clock.run())
        options = Namespace(port=[], nvram=None, config=file, hostname=None, no_console=False, keys=None)
        machine, doors = Machine(options, clock), Doors(clock)
        doors.add("R1", "telnet", "127.0.0.1", 0, lambda: machine.router)
        old, port = machine.router, doors.open[0].port
        (other, _), (reader, writer) = await enter(port), await enter(port)
        writer.write(b"reload\rno\r\r")
        assert b"Proceed with reload? [confirm]" in await asyncio.wait_for(reader.read(), 10)
        await asyncio.wait_for(other.read(), 10)
        _, writer = await enter(port)
        assert machine.router is not old
        writer.close()
        doors.close()
        driver.cancel()

    asyncio.run(run())
