"""What `run.py` measures inside fresh processes; prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from iosemu.labs.topology import load_topology
from iosemu.router.clock import RealClock, VirtualClock
from iosemu.shell.plain import run_command

MEMBERS = 3


async def registration(path: Path) -> dict[str, float]:
    """From the start of the process to three registered members, in real time."""
    clock = RealClock()
    driver = asyncio.create_task(clock.run())
    lab = Lab(load_topology(path), clock)
    await lab.boot()
    role = lab.routers["KS1"].service(ServerRole)
    await clock.wait(60, lambda: sum(len(server.members) for server in role.servers.values()) == MEMBERS)
    driver.cancel()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - STARTED, "megabytes": megabytes}


async def day(path: Path) -> dict[str, float]:
    """24 emulated hours in virtual time."""
    lab = Lab(load_topology(path), VirtualClock(1))
    await lab.boot()
    await lab.clock.wait(30)
    lost = 0
    for _ in range(24 * 360):
        screen = await run_command(lab.sessions["H1"], "ping 192.168.2.10 repeat 1", lab.clock)
        lost += "100 percent" not in screen
        await lab.clock.wait(10)
    return {"seconds": time.perf_counter() - STARTED, "lost": lost}


JOBS = {"registration": registration, "day": day}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("lab", type=Path, help="a lab like examples/getvpn-basic")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(JOBS[options.job](options.lab))))
