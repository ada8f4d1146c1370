"""Keys on the prompt_toolkit console, typed through a pipe."""

from __future__ import annotations

import asyncio
from io import StringIO

from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router, build_session
from iosemu.router.clock import RealClock, VirtualClock
from iosemu.shell.console import Console


class Screen(StringIO):
    """Collects what a terminal would get."""

    encoding = "utf-8"

    @property
    def text(self) -> str:
        return self.getvalue()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


def type_keys(*keys: str, rows: int = 24) -> tuple[str, str]:
    """Type keys on a fresh router, each group once the console is idle; returns the screen and the host name."""
    screen = Screen()
    router = build_router(VirtualClock(1))
    session = build_session(router, privilege=15)
    session.terminal_length = rows

    async def run() -> None:
        with create_pipe_input() as pipe:
            output = Vt100_Output(screen, lambda: Size(rows=40, columns=100))
            console = asyncio.create_task(
                Console(session, router.clock, terminal_input=pipe, terminal_output=output).run()
            )
            for group in (*keys, "\x15end\r", "exit\r"):
                pipe.send_text(group)
                await asyncio.sleep(0.15)
            await asyncio.wait_for(console, 10)

    asyncio.run(run())
    return screen.text, router.hostname


def test_a_line_is_run() -> None:
    screen, hostname = type_keys("conf t\r", "hostname ALPHA\r")
    assert hostname == "ALPHA"
    assert "Enter configuration commands, one per line.  End with CNTL/Z." in screen
    assert "ALPHA(config)#" in screen


def test_question_mark_acts_at_the_keypress_and_keeps_the_line() -> None:
    screen, _ = type_keys("show cl?", "ock\r")
    assert "clock" in screen
    assert "UTC" in screen


def test_tab_completes() -> None:
    screen, hostname = type_keys("conf\tterm\t\r", "hostn\tBETA\r")
    assert hostname == "BETA"
    assert "hostname BETA" in screen


def test_control_z_runs_the_line_and_leaves_configuration() -> None:
    screen, hostname = type_keys("conf t\r", "hostname GAMMA\x1a")
    assert hostname == "GAMMA"
    assert "%SYS-5-CONFIG_I: Configured from console by console" in screen


def test_more_stops_after_a_screen_and_q_ends_it() -> None:
    shown, _ = type_keys("show running-config\r", " ", rows=8)
    assert shown.count("--More--") >= 2 or "end" in shown
    cut, _ = type_keys("show running-config\r", "q", rows=8)
    assert cut.count("--More--") == 1
    assert "hostname Router" not in cut.split("--More--")[1].split("Router#")[0]


def test_a_dialog_asks_and_takes_the_default() -> None:
    screen, _ = type_keys("copy running-config startup-config\r", "\r", "show startup-config\r")
    assert "Destination filename [startup-config]?" in screen
    assert "[OK]" in screen
    assert "out of 262144 bytes" in screen


def test_an_idle_console_is_closed_and_waits_for_return() -> None:
    screen = Screen()
    router = build_router(RealClock())
    assert load_config(router, build_grammar(), "line con 0\n exec-timeout 0 1\n") == []
    session = build_session(router, privilege=15)

    async def run() -> None:
        with create_pipe_input() as pipe:
            output = Vt100_Output(screen, lambda: Size(rows=40, columns=100))
            console = asyncio.create_task(
                Console(session, router.clock, terminal_input=pipe, terminal_output=output).run()
            )
            pipe.send_text("configure terminal\r")
            while "Press RETURN" not in screen.text:
                await asyncio.sleep(0.1)
            assert session.privilege == 1
            pipe.send_text("\r")
            await asyncio.sleep(0.3)
            pipe.send_text("exit\r")
            await asyncio.wait_for(console, 10)

    asyncio.run(asyncio.wait_for(run(), 20))
    assert "Router con0 is now available" in screen.text
    assert screen.text.rstrip().count("Router>") >= 1
