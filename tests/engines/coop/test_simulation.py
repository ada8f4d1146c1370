"""Random schedules of faults from many seeds; the promises of `simulation` hold in all of them.

A nightly run takes more seeds: `COOP_SEEDS=100000 pytest -n logical tests/engines/coop/test_simulation.py`.
"""

from __future__ import annotations

import os

import pytest

from tests.engines.coop.promises import Violation
from tests.engines.coop.simulation import Simulation

SEEDS = int(os.environ.get("COOP_SEEDS", "10000"))
CHUNK = 250


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_promises_hold_for_all_seeds(first: int) -> None:
    """What goes wrong is listed with the command that plays it again."""
    found = []
    for seed in range(first, min(first + CHUNK, SEEDS)):
        try:
            Simulation(seed).run()
        except (Violation, AssertionError) as error:
            found.append(f"{error}\n    replay: python -m tests.engines.coop.simulation {seed}")
    assert not found, "\n".join(found[:10])


def test_a_seed_gives_the_same_run_each_time() -> None:
    runs = []
    for _ in range(2):
        simulation = Simulation(7)
        simulation.run()
        runs.append((simulation.now, [node.keys.kek for node in simulation.nodes], simulation.random.random()))
    assert runs[0] == runs[1]
