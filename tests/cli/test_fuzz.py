"""Damaged lines and files: no exception, no endless output, and a refused line changes nothing."""

from __future__ import annotations

import os
from random import Random

import pytest

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router
from iosemu.router.clock import VirtualClock
from iosemu.router.running_config import print_running_config
from tests.cli.fuzzing import ROOT, corpus, fuzz, mutate
from tests.requirements import REQUIRE_ALL

# A quick look for everybody, a million lines where everything is required.
LINES = int(os.environ.get("IOSEMU_FUZZ_LINES", "1000000" if REQUIRE_ALL else "20000"))
SHARDS = 20
FILES = sorted([*(ROOT / "running-configs").rglob("*.cfg"), *(ROOT / "tests" / "configs").glob("*.cfg")])


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_refused_line_changes_nothing_and_no_line_raises(shard: int) -> None:
    assert list(fuzz(1000 + shard, LINES // SHARDS)) == []


def damaged(text: str, random: Random) -> str:
    """A file with lines dropped, doubled, moved, cut and mutated."""
    lines = text.splitlines()
    others = corpus()
    for _ in range(random.randint(1, 30)):
        at = random.randrange(len(lines))
        change = random.randrange(5)
        if change == 0 and len(lines) > 1:
            del lines[at]
        elif change == 1:
            lines.insert(at, lines[random.randrange(len(lines))])
        elif change == 2:
            lines[at] = " " * random.randint(0, 4) + lines[at].strip()
        elif change == 3:
            lines.insert(at, " " * random.randint(0, 2) + mutate(random, others))
        else:
            lines[at] = lines[at][: random.randint(0, len(lines[at]))]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_loads_as_far_as_it_goes_and_what_it_becomes_is_stable(seed: int) -> None:
    random = Random(seed)
    text = damaged(random.choice(FILES).read_text(), random)
    router = build_router(VirtualClock(seed))
    load_config(router, build_grammar(), text)
    printed = print_running_config(router)
    again = build_router(VirtualClock(seed))
    assert load_config(again, build_grammar(), printed) == []
    assert print_running_config(again) == printed
    assert again.model == router.model
