"""Lines that nobody would type: mutations of real ones, fed to a session that must survive them unchanged.

python -m tests.cli.fuzzing SEED LINES
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from iosemu.cli import Ask, Session
from iosemu.cli.modes import CONFIG
from iosemu.features.assembly import build_router, build_session
from iosemu.router.clock import VirtualClock

ROOT = Path(__file__).resolve().parents[2]
EXEC_LINES = (
    "show running-config | include a|b",
    "show ip route 10.0.0.1",
    "show version | begin ^C",
    "show interfaces GigabitEthernet0/0",
    "show crypto gdoi ks members",
    "ping 10.0.0.1 repeat 2 size 100 source Loopback0",
    "traceroute 10.0.0.1",
    "copy running-config flash:x",
    "copy running-config startup-config",
    "configure replace flash:x force",
    "show archive config differences flash:x",
    "dir flash:",
    "delete /force flash:x",
    "more flash:x",
    "terminal length 0",
    "terminal width 200",
    "clock set 10:00:00 1 January 2026",
    "clear counters",
    "debug ip icmp",
    "undebug all",
    "enable",
    "disable",
    "configure terminal",
    "end",
    "exit",
    "do show clock",
    "reload in 5",
    "send log 3 x",
    "verify /md5 flash:x",
    "write memory",
    "show logging",
    "show access-lists",
    "help",
)
ODD = (
    "\x00",
    "\x1b[A",
    "é",
    "💥",
    "\u202e",
    "|",
    "?",
    "$(x)",
    "%s%n",
    "..",
    "-1",
    "4294967296",
    "9" * 40,
    "^",
    '"',
    "\\",
)
REFUSED = ("% Invalid input", "% Incomplete command", "% Ambiguous command", "% Unknown command")
# A router with much configured is slow to compare: begin anew after so many lines.
LINES_PER_ROUTER = 150
STEPS = 400


def corpus() -> list[str]:
    """Every line of every configuration of the project, and EXEC commands."""
    paths = [*(ROOT / "running-configs").rglob("*.cfg"), *(ROOT / "tests" / "configs").glob("*.cfg")]
    lines = {line.strip() for path in paths for line in path.read_text().splitlines()}
    return sorted(line for line in lines if line and not line.startswith("!")) + list(EXEC_LINES) * 4


def mutate(random: Random, lines: list[str]) -> str:
    """A line, more or less damaged."""
    line = random.choice(lines)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        words = line.split() or [""]
        at = random.randrange(len(words))
        change = random.randrange(9)
        if change == 0:
            del words[at]
        elif change == 1:
            words.insert(at, random.choice(random.choice(lines).split()))
        elif change == 2:
            words[at] = words[at][: random.randint(0, len(words[at]))]
        elif change == 3:
            words[at] += random.choice(ODD)
        elif change == 4:
            words.insert(0, random.choice(("no", "default", "do", "no no")))
        elif change == 5:
            words[at] = random.choice(ODD)
        elif change == 6:
            words.append(random.choice(("|", "| include", "| section ^", "?", "all", "10")))
        elif change == 7 and random.random() < 0.02:
            words *= random.randint(2, 1000)
        else:
            random.shuffle(words)
        line = " ".join(words)
    return line


def drive(session: Session, line: str, random: Random) -> str:
    """Run a line; questions get random answers, waits pass at once, endless output is left."""
    printed = []
    interaction = session.execute(line)
    answer: str | None = None
    try:
        for _ in range(STEPS):
            step = interaction.send(answer)
            answer = random.choice(("", "y", "n", "yes", "no", "10.0.0.1", "x")) if isinstance(step, Ask) else None
            if isinstance(step, str):
                printed.append(step)
        interaction.close()
    except StopIteration:
        pass
    return "".join(printed)


def fuzz(seed: int, count: int) -> Iterator[str]:
    """Feed `count` lines; yields a description of each one that changed the model although it was refused."""
    random = Random(seed)
    lines = corpus()
    fed = 0
    while fed < count:
        session = build_session(build_router(VirtualClock(seed + fed)), privilege=15)
        if random.random() < 0.7:
            session.enter(CONFIG)
        before = session.router.model.copy()
        for _ in range(min(LINES_PER_ROUTER, count - fed)):
            fed += 1
            line = mutate(random, lines)
            if random.random() < 0.1:
                session.help(line)
                session.complete(line)
            level = session.depth
            printed = drive(session, line, random)
            if session.closed or session.privilege < 2:
                session.closed, session.privilege = False, 15
            if printed.lstrip(" ^\n").startswith(REFUSED) and level == session.depth:
                if session.router.model != before:
                    yield f"{line!r} was refused ({printed.strip()!r}) and changed the model"
                    before = session.router.model.copy()
            elif session.router.history.last_change is not None:
                before = session.router.model.copy()
        session.router.stop()


def main() -> int:
    """Run from the command line; prints what was found and how fast it went."""
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    started = time.perf_counter()
    found = list(fuzz(seed, count))
    print(*found[:20], sep="\n")
    print(f"{count} lines, {len(found)} findings, {count / (time.perf_counter() - started):.0f} lines per second")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
