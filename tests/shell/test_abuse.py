"""What clients should not do: the line closes or recovers, the router goes on, other lines do not notice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncssh
import pytest

from iosemu.router.clock import RealClock
from iosemu.shell.service import Doors
from iosemu.shell.telnet import DO, ECHO, IAC, SB, SE
from iosemu.shell.terminal import FULL
from tests.features.typist import new_router

CONFIG = (
    "hostname R1\nusername u privilege 15 password 0 p\ninterface Loopback0\n ip address 10.1.1.1 255.255.255.255\n"
    "line vty 0 15\n login local\n transport input all\n"
)
LIMIT = 20.0
OPTIONS: dict[str, Any] = {"username": "u", "password": "p", "known_hosts": None, "client_keys": []}
# More commands than are answered in the time of the test.
MANY = 500_000


class Guest:
    """Somebody on a telnet line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def come(cls, port: int) -> Guest:
        guest = cls(*await asyncio.open_connection("127.0.0.1", port))
        for question, answer in ((b"Username: ", b"u"), (b"Password: ", b"p")):
            await guest.until(question)
            guest.writer.write(answer + b"\r\n")
        await guest.until(b"R1#")
        return guest

    async def until(self, end: bytes) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(end), LIMIT)

    async def ask(self, command: bytes = b"show clock") -> bytes:
        self.writer.write(command + b"\r\n")
        return await self.until(b"R1#")

    def vanish(self) -> None:
        self.writer.transport.abort()


class House:
    """A router with both doors, and a guest who behaves."""

    def __init__(self, telnet: int, ssh: int, witness: Guest) -> None:
        self.telnet, self.ssh, self.witness = telnet, ssh, witness

    async def goes_on(self, sessions: int = 1) -> None:
        """The witness is served, and in the end nobody else has a line."""
        assert b"UTC" in await self.witness.ask()
        for _ in range(200):
            if (await self.witness.ask(b"show users")).count(b"vty") == sessions:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("a line was not given back")


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    clock = RealClock()
    driver = asyncio.ensure_future(clock.run())
    doors, router = Doors(clock), new_router(CONFIG).router
    for protocol in ("telnet", "ssh"):
        doors.add("R1", protocol, "127.0.0.1", 0, lambda: router)
    telnet, ssh = (door.port for door in doors.open)
    try:
        yield House(telnet, ssh, await Guest.come(telnet))
    finally:
        doors.close()
        driver.cancel()
        await asyncio.sleep(0)


def visit(do: Callable[[House], Awaitable[None]]) -> None:
    async def run() -> None:
        async with house() as found:
            await do(found)

    asyncio.run(run())


@pytest.mark.parametrize(
    "command",
    [b"ping 192.0.2.1 repeat 100", b"show running-config", b"reload", b"copy running-config flash:x",
     b"configure terminal\r\nbanner motd ^\r\nabc", b"show r?", b"tclsh\r\nputs [open \"flash:x\" w] {"],
)  # fmt: skip
def test_who_vanishes_in_the_middle_gives_the_line_back(command: bytes) -> None:
    async def do(found: House) -> None:
        guest = await Guest.come(found.telnet)
        guest.writer.write(command + b"\r\n")
        await asyncio.sleep(0.02)
        guest.vanish()
        connection = await asyncssh.connect("127.0.0.1", found.ssh, **OPTIONS)
        process = await connection.create_process(term_type="vt100")
        process.stdin.write(f"{command.decode()}\n")
        await asyncio.sleep(0.02)
        connection.abort()
        await found.goes_on()

    visit(do)


def test_who_vanishes_while_typing_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is written to a connection that is gone: asyncio would complain on the screen of whoever runs this."""

    async def do(found: House) -> None:
        for keys in (b"\n" * 20, b"show version\n" * 3, b"abcdefghijklm" * 3):
            guest = await Guest.come(found.telnet)
            guest.writer.write(keys)
            guest.vanish()
        await found.goes_on()

    visit(do)
    assert caplog.messages == []


@pytest.mark.parametrize("reads", [True, False])
def test_a_flood_of_commands_waits_and_others_do_not(reads: bool) -> None:
    async def do(found: House) -> None:
        guest = await Guest.come(found.telnet)
        answered = 0

        async def flood() -> None:
            for _ in range(MANY // 1000):
                guest.writer.write(b"show clock\r\n" * 1000)
                await guest.writer.drain()

        async def read() -> None:
            nonlocal answered
            while data := await guest.reader.read(65536):
                answered += data.count(b"UTC")

        tasks = [asyncio.ensure_future(flood())] + ([asyncio.ensure_future(read())] if reads else [])
        for _ in range(20):
            assert b"UTC" in await found.witness.ask()
        assert answered < MANY
        for task in tasks:
            task.cancel()
        guest.vanish()
        await found.goes_on()

    visit(do)


def test_a_line_without_end_is_cut_and_the_next_one_is_read() -> None:
    async def do(found: House) -> None:
        guest = await Guest.come(found.telnet)
        guest.writer.write(b"x" * 1_000_000 + b"\r\n")
        assert b"UTC" in await found.witness.ask()
        assert b"% Unknown command" in await guest.until(b"R1#")
        assert b"UTC" in await guest.ask()
        async with asyncssh.connect("127.0.0.1", found.ssh, **OPTIONS) as connection:
            process = await connection.create_process(term_type="vt100")
            process.stdin.write("y" * 1_000_000 + "\nshow clock\n")
            seen = ""
            while "UTC" not in seen:
                seen = seen[-100:] + await asyncio.wait_for(process.stdout.read(65536), LIMIT)
        guest.vanish()
        await found.goes_on()

    visit(do)


def test_nonsense_options_and_octets_do_no_harm() -> None:
    async def do(found: House) -> None:
        dice = random.Random(1)
        for _ in range(30):
            _, writer = await asyncio.open_connection("127.0.0.1", found.telnet)
            for _ in range(30):
                writer.write(
                    bytes([IAC, dice.choice([SB, SE, DO, 0, 241, 244, 246, 251, 252, 254]), dice.randrange(256)])
                )
                writer.write(dice.randbytes(dice.randrange(30)))
            await asyncio.sleep(0)
            writer.transport.abort()
        guest = await Guest.come(found.telnet)
        guest.writer.write(bytes([IAC, DO, ECHO]) * FULL)
        guest.writer.write(b"\xc3(\xe2\x82 \x80\xff\xff\r\n")
        assert b"% Invalid input" in await guest.until(b"R1#")
        assert b"UTC" in await guest.ask()
        guest.vanish()
        for _ in range(10):
            _, writer = await asyncio.open_connection("127.0.0.1", found.ssh)
            writer.write(os.urandom(5000))
            await asyncio.sleep(0)
            writer.transport.abort()
        async with asyncssh.connect("127.0.0.1", found.ssh, **OPTIONS) as connection:
            process = await connection.create_process(term_type="vt100", encoding=None)
            process.stdin.write(b"\xff\xfe\xc3( show clock\nshow clock\n")
            seen = b""
            while b"UTC" not in seen:
                seen += await asyncio.wait_for(process.stdout.read(65536), LIMIT)
            with contextlib.suppress(asyncssh.Error):
                await connection.run(b"\xff\xfe show", encoding=None)
        await found.goes_on()

    visit(do)


def test_a_line_whose_client_takes_nothing_is_cleared() -> None:
    async def do(found: House) -> None:
        guest = await Guest.come(found.telnet)
        stuffing = asyncio.ensure_future(_stuff(guest))
        await asyncio.sleep(0.5)
        assert not stuffing.done()
        found.witness.writer.write(b"clear line vty 1\r\n\r\n")
        assert b"[OK]" in await found.witness.until(b"[OK]\r\nR1#")
        await found.goes_on()
        stuffing.cancel()

    visit(do)


async def _stuff(guest: Guest) -> None:
    while True:
        guest.writer.write(b"show running-config | include .\r\n" * 1000)
        await guest.writer.drain()
