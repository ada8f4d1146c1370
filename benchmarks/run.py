"""Figures of the main job: start-up, registration, a day of rekeys, a large configuration.

Each is the median of several fresh processes.

python benchmarks/run.py
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / "examples" / "getvpn-basic"
CONFIG = ROOT / "running-configs" / "01-psk-single-ks" / "KS1.cfg"
RUNS = 5


def prompt_seconds() -> float:
    """From the start of `iosemu run CONFIG` on a terminal to the first prompt."""
    started = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "iosemu", "run", str(CONFIG)])
    seen = b""
    while b"KS1>" not in seen:
        seen += os.read(terminal, 4096)
    elapsed = time.perf_counter() - started
    os.write(terminal, b"exit\r")
    os.close(terminal)
    os.waitpid(process, 0)
    return elapsed


def in_process(job: str) -> dict[str, float]:
    """Run one of `benchmarks/jobs.py` in a fresh process."""
    command = [sys.executable, str(ROOT / "benchmarks" / "jobs.py"), job, str(LAB)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(result.stdout))


def large_config() -> dict[str, float]:
    """Run `benchmarks/config_scale.py` in a fresh process."""
    command = [sys.executable, str(ROOT / "benchmarks" / "config_scale.py")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(result.stdout))


def lines() -> dict[str, float]:
    """Run `benchmarks/lines.py` in a fresh process."""
    command = [sys.executable, str(ROOT / "benchmarks" / "lines.py")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, float] = {}
    for row in result.stdout.splitlines():
        found |= json.loads(row)
    return found


def report(name: str, figures: list[float], unit: str, limit: float | None = None) -> None:
    """One line: median, range and the limit set for it. A yardstick that is not installed has no figures or line."""
    if not figures:
        return
    low, middle, high = min(figures), statistics.median(figures), max(figures)
    bound = f"; limit {limit:g}" if limit is not None else ""
    print(f"{name:<44} {middle:8.2f} {unit:<3} ({low:.2f} to {high:.2f}{bound})")


def _known(runs: list[dict[str, float]], name: str) -> list[float]:
    return [run[name] for run in runs if name in run]


def main() -> None:
    """Print all figures."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    report("iosemu run CONFIG to the prompt", [prompt_seconds() for _ in range(RUNS)], "s", 0.5)
    boots = [in_process("registration") for _ in range(RUNS)]
    report("lab of 5 routers to all registered", [item["seconds"] for item in boots], "s", 5)
    report("peak memory of the lab process", [item["megabytes"] for item in boots], "MB", 60)
    days = [in_process("day") for _ in range(3)]
    report("24 emulated hours, a ping every 10 s", [item["seconds"] for item in days], "s", 60)
    report("pings lost in those", [item["lost"] for item in days], "", 0)
    configs = [large_config() for _ in range(3)]
    report("10,000 lines of configuration: load", [item["load"] for item in configs], "s", 2)
    report("the same: print", [item["print"] for item in configs], "s", 0.5)
    report("the same: match one line", [item["match"] * 1e6 for item in configs], "us", 100)
    report("the same: help at a keypress", [item["help"] * 1e3 for item in configs], "ms", 10)
    report("the same: ciscoconfparse2, as a yardstick", _known(configs, "ciscoconfparse2"), "s")
    served = [lines() for _ in range(3)]
    report("a command over SSH", [item["command_ms"] for item in served], "ms", 5)
    report("the same: FakeNOS, as a yardstick", _known(served, "fakenos_command_ms"), "ms")
    report("100 sessions with 50 commands each", [item["sessions_s"] for item in served], "s")
    report("the same: wrong answers", [item["wrong_answers"] for item in served], "", 0)
    report("1,000 routers with SSH lines: start", [item["start_s"] for item in served], "s", 5)
    report("the same: memory of each", [item["memory_kb_each"] for item in served], "KB", 400)
    report("the same: stop", [item["stop_s"] for item in served], "s", 2)


if __name__ == "__main__":
    main()
