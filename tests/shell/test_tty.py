"""Two people on one router: messages between them, and what a broken line looks like."""

from __future__ import annotations

import asyncio

from iosemu.cli import Seat
from iosemu.features.assembly import build_session
from iosemu.router.router import Router
from iosemu.shell.terminal import Terminal
from iosemu.shell.tty import Tty
from tests.features.typist import new_router


class Person:
    """Somebody at a terminal."""

    def __init__(self, router: Router, seat: Seat, privilege: int = 15) -> None:
        self.screen = ""
        self.terminal = Terminal(self._see)
        self.session = build_session(router, seat=seat, privilege=privilege)
        self.task = asyncio.ensure_future(Tty(self.session, router.clock, self.terminal).run())

    def _see(self, text: str) -> None:
        self.screen += text

    async def type(self, keys: str) -> str:
        """Type, and return what is new on the screen."""
        before = len(self.screen)
        self.terminal.feed(keys)
        for _ in range(5):
            await asyncio.sleep(0)
        return self.screen[before:].replace("\r\n", "\n")


def test_a_message_breaks_a_line_or_is_followed_by_it() -> None:
    router = new_router("line vty 1\n logging synchronous\n").router

    async def run() -> None:
        plain, tidy = Person(router, Seat("vty", 0)), Person(router, Seat("vty", 1))
        for person in (plain, tidy):
            await person.type("")
            assert await person.type("terminal monitor\r") == "terminal monitor\nRouter#"
            await person.type("show clo")
        router.syslog.log("SYS", 5, "TEST", "hello")
        message = "\r\n*Jan  5 10:00:00.000: %SYS-5-TEST: hello\r\n"
        assert plain.screen.endswith(f"Router#show clo{message}")
        assert tidy.screen.endswith(f"Router#show clo{message}Router#show clo")
        assert "10:00:00" in await plain.type("ck\r")
        await tidy.type("\x03terminal no monitor\r")
        router.syslog.log("SYS", 5, "TEST", "again")
        assert "again" in plain.screen
        assert "again" not in tidy.screen

    asyncio.run(run())


def test_send_and_clear_line() -> None:
    router = new_router().router

    async def run() -> None:
        first, second = Person(router, Seat("vty", 0, "10.0.0.1")), Person(router, Seat("vty", 1))
        await first.type("")
        await second.type("")
        rows = (await first.type("show users\r")).splitlines()
        assert rows[2] == "*  2 vty 0                idle                 00:00:00 10.0.0.1"
        assert rows[3] == "   3 vty 1                idle                 00:00:00   "
        await first.type("send 3\r")
        await first.type("see you\x1a")
        await first.type("\r")
        assert "***\n*** Message from tty2 to tty3:\n***\nsee you\n" in second.screen.replace("\r\n", "\n")
        await first.type("clear line vty 1\r")
        await first.type("\r")
        await asyncio.wait_for(second.task, 1)
        assert second.session.closed
        assert not first.session.closed

    asyncio.run(run())


def test_the_prompt_can_be_changed_and_each_command_stamped() -> None:
    typist = new_router("prompt %h-%n%%%s%p\n")
    assert typist.session.prompt == "Router-0% #"
    typist.configure("no prompt\nno service prompt config")
    assert typist.session.prompt == "Router#"
    typist.type("configure terminal")
    assert typist.session.prompt == ""
    typist.type("default service prompt config")
    assert typist.session.prompt == "Router(config)#"
    typist.type("end")
    typist.type("terminal exec prompt timestamp")
    shown = typist.type("show privilege").splitlines()
    assert shown[0].startswith("Load for five secs: ")
    assert shown[1:] == [
        "No time source, *10:00:00.000 UTC Mon Jan 5 2026", "", "Current privilege level is 15",
    ]  # fmt: skip
    assert typist.type("terminal no exec prompt timestamp").startswith("Load")
    assert typist.type("show privilege") == "Current privilege level is 15\n"
