"""Random schedules of faults from many seeds; the promises of `simulation` hold in all of them.

The number of seeds can be raised for a nightly run: `COOP_SEEDS=100000 pytest tests/engines/coop/test_simulation.py`.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

from tests.engines.coop.simulation import Simulation, Violation

SEEDS = int(os.environ.get("COOP_SEEDS", "10000"))
CHUNK = 250


def broken(first: int) -> list[str]:
    """What went wrong from a seed on, each with the command that plays it again."""
    found = []
    for seed in range(first, min(first + CHUNK, SEEDS)):
        try:
            Simulation(seed).run()
        except (Violation, AssertionError) as error:
            found.append(f"{error}\n    replay: python -m tests.engines.coop.simulation {seed}")
    return found


def test_promises_hold_for_all_seeds() -> None:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        failures = [line for lines in pool.map(broken, range(0, SEEDS, CHUNK)) for line in lines]
    assert not failures, "\n".join(failures[:10])


def test_a_seed_gives_the_same_run_each_time() -> None:
    runs = []
    for _ in range(2):
        simulation = Simulation(7)
        simulation.run()
        runs.append((simulation.now, [node.keys.kek for node in simulation.nodes], simulation.random.random()))
    assert runs[0] == runs[1]
