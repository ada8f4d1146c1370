"""A large saved configuration: how long it takes to load, print, match a line of, and help with one.

python benchmarks/config_scale.py

prints one JSON object. The file has 10,000 lines: 500 interfaces, 5,000 access-list entries, 200 crypto maps.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

LINES = 10_000
INTERFACES, ENTRIES, MAPS = 500, 5_000, 200


def large_config() -> str:
    """The text of the configuration."""
    lines = ["version 15.9", "hostname BIG", "crypto isakmp policy 10", " encr aes 256", " group 14"]
    for group in range(MAPS):
        lines += [f"crypto gdoi group G{group}", f" identity number {group}", " server address ipv4 192.0.2.1"]
    for number in range(MAPS):
        lines += [f"crypto map M{number} 10 gdoi ", f" set group G{number}", f" match address L{number}"]
    for number in range(INTERFACES):
        lines += [f"interface Loopback{number}", f" description number {number}"]
        lines += [f" ip address 10.{number // 250}.{number % 250}.1 255.255.255.255", f" bandwidth {1000 + number}"]
    for number in range(MAPS):
        lines.append(f"ip access-list extended L{number}")
        for entry in range(ENTRIES // MAPS):
            lines.append(f" deny   tcp 10.{entry}.{number}.0 0.0.0.255 any eq {1000 + entry}")
    routes = LINES - len(lines) - 1
    lines += [f"ip route 10.{100 + i // 250}.{i % 250}.0 255.255.255.0 Null0" for i in range(routes)]
    return "\n".join([*lines, "end", ""])


def _timed(job: Callable[[], object], runs: int = 3) -> float:
    """The median time of a job in seconds."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        job()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure() -> dict[str, float]:
    """Seconds, by what was done."""
    from iosemu.cli.loader import load_config
    from iosemu.cli.match import match
    from iosemu.cli.modes import CONFIG
    from iosemu.features.assembly import build_grammar, build_router, build_session
    from iosemu.router.clock import VirtualClock
    from iosemu.router.running_config import print_running_config

    text = large_config()
    assert text.count("\n") == LINES
    grammar = build_grammar()
    started = time.perf_counter()
    router = build_router(VirtualClock(1))
    refused = load_config(router, grammar, text)
    load = time.perf_counter() - started
    assert not refused, refused[:3]
    session = build_session(router, privilege=15)
    session.enter(CONFIG)
    tops = [line for line in text.splitlines() if line and not line.startswith(" ") and line != "end"]
    for line in tops:
        match(grammar, CONFIG, line)
    started = time.perf_counter()
    for line in tops:
        match(grammar, CONFIG, line)
    one_line = (time.perf_counter() - started) / len(tops)
    return {
        "load": load,
        "print": _timed(lambda: print_running_config(router)),
        "match": one_line,
        "help": max(_timed(partial(session.help, words)) for words in ("", "ip ", "crypto ", "inter")),
    } | _yardstick(text)


def _yardstick(text: str) -> dict[str, float]:
    """The parse time of ciscoconfparse2 for the same file, where it is installed."""
    try:
        from ciscoconfparse2 import CiscoConfParse
    except ImportError:
        return {}
    return {"ciscoconfparse2": _timed(lambda: CiscoConfParse(text.splitlines(), syntax="ios"), runs=1)}


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    print(json.dumps(measure()))
