"""Vty lines: how long a command takes over SSH, many sessions at once, many routers in one process.

python benchmarks/lines.py [--routers N]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from iosemu.router.clock import RealClock
    from iosemu.router.router import Router
    from iosemu.shell.service import Doors

ROOT = Path(__file__).resolve().parent.parent
ROUTERS = 1000
COMMANDS, SESSIONS, COMMANDS_EACH = 200, 100, 50
USER, PASSWORD = "user", "user"
CONFIG = f"""hostname R1
username {USER} privilege 15 password 0 {PASSWORD}
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
interface Loopback0
 ip address 10.255.0.1 255.255.255.255
line vty 0 199
 login local
 transport input ssh
end
"""
FAKENOS = """
import sys, time
from fakenos import FakeNOS
hosts = {"r1": {"username": "user", "password": "user", "port": int(sys.argv[1]), "platform": "cisco_ios"}}
with FakeNOS(inventory={"hosts": hosts}):
    print("ready", flush=True)
    sys.stdin.read()
"""


@asynccontextmanager
async def shell(port: int, prompt: str) -> AsyncIterator[asyncssh.SSHClientProcess[str]]:
    """A session that has shown its first prompt."""
    login = asyncssh.connect("127.0.0.1", port, username=USER, password=PASSWORD, known_hosts=None, client_keys=[])
    async with login as connection:
        process = await connection.create_process(term_type="vt100", term_size=(511, 1000))
        await _until(process, prompt)
        yield process


async def command_seconds(port: int, prompt: str, command: str) -> list[float]:
    """The times of one command after the other in a shell: from its first octet to the prompt behind its output."""
    async with shell(port, prompt) as process:
        for setting in ("terminal length 0", "terminal width 511"):
            process.stdin.write(f"{setting}\n")
            await _until(process, prompt)
        times = []
        for _ in range(COMMANDS):
            started = time.perf_counter()
            process.stdin.write(f"{command}\n")
            await _until(process, prompt)
            times.append(time.perf_counter() - started)
        process.stdin.write("exit\n")
        return times


async def _until(process: asyncssh.SSHClientProcess[str], prompt: str) -> str:
    seen = ""
    while not seen.endswith(prompt):
        data = await process.stdout.read(65536)
        if not data:
            raise EOFError(seen)
        seen += data
    return seen


async def many_sessions(port: int) -> tuple[float, int]:
    """Seconds for all sessions together, and how many answers were wrong."""

    async def one() -> int:
        wrong = 0
        async with shell(port, "R1#") as process:
            for _ in range(COMMANDS_EACH):
                process.stdin.write("show ip interface brief\n")
                wrong += "10.255.0.1" not in await _until(process, "R1#")
        return wrong

    started = time.perf_counter()
    wrong = await asyncio.gather(*(one() for _ in range(SESSIONS)))
    return time.perf_counter() - started, sum(wrong)


def one_router() -> dict[str, object]:
    """Latency and many sessions, against a router in a process of its own."""
    file = ROOT / "benchmarks" / ".lines.cfg"
    file.write_text(CONFIG)
    command = [sys.executable, "-m", "iosemu", "run", str(file), "--ssh", "127.0.0.1:0", "--no-console"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            times = asyncio.run(command_seconds(port, "R1#", "show clock"))
            seconds, wrong = asyncio.run(many_sessions(port))
        finally:
            process.terminate()
            file.unlink()
    return {
        "command_ms": round(statistics.median(times) * 1000, 3),
        "sessions_s": round(seconds, 2),
        "wrong_answers": wrong,
    }


def yardstick() -> dict[str, object]:
    """The same command against FakeNOS, where it is installed."""
    try:
        import fakenos  # noqa: F401
    except ImportError:
        return {}
    port = 6123
    command = [sys.executable, "-c", FAKENOS, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            times = asyncio.run(command_seconds(port, "r1>", "show clock"))
        finally:
            process.kill()
    return {"fakenos_command_ms": round(statistics.median(times) * 1000, 3)}


async def many_routers(count: int) -> dict[str, object]:
    """Start, memory and stop of many routers with SSH lines in this process."""
    from iosemu.features.assembly import build_grammar
    from iosemu.router.clock import RealClock
    from iosemu.shell.service import Doors

    clock = RealClock()
    driver = asyncio.ensure_future(clock.run())
    build_grammar()
    gc.collect()
    before = _memory()
    started = time.perf_counter()
    doors, routers = Doors(clock), []
    for number in range(count):
        routers.append(_served_router(doors, clock, number))
    start = time.perf_counter() - started
    gc.collect()
    memory = (_memory() - before) / count
    last = doors.open[-1].port
    times = await command_seconds(last, "R1#", "show clock")
    started = time.perf_counter()
    doors.close()
    for router in routers:
        router.stop()
    driver.cancel()
    return {
        "routers": count,
        "start_s": round(start, 2),
        "memory_kb_each": round(memory / 1024, 1),
        "stop_s": round(time.perf_counter() - started, 2),
        "command_ms_of_the_last": round(statistics.median(times) * 1000, 3),
    }


def _served_router(doors: Doors, clock: RealClock, number: int) -> Router:
    from iosemu.cli import load_config
    from iosemu.features.assembly import build_grammar, build_router

    router = build_router(clock, identity=f"R{number}")
    assert load_config(router, build_grammar(), CONFIG) == []
    doors.add(f"R{number}", "ssh", "127.0.0.1", 0, lambda: router)
    return router


def _memory() -> int:
    """Resident octets of this process."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--routers", type=int, default=ROUTERS)
    options = parser.parse_args()
    print(json.dumps(one_router() | yardstick()))
    print(json.dumps(asyncio.run(many_routers(options.routers))))


if __name__ == "__main__":
    main()
