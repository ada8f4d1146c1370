"""Every saved configuration of running-configs/ loads with nothing refused and prints back equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router
from iosemu.router.clock import VirtualClock
from iosemu.router.running_config import print_running_config

ROOT = Path(__file__).resolve().parent.parent / "running-configs"
CONFIGS = sorted(ROOT.rglob("*.cfg"))


def test_the_configs_are_found() -> None:
    assert len(CONFIGS) >= 6


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_saved_config_loads_whole_and_prints_back_equal(path: Path) -> None:
    router = build_router(VirtualClock(seed=1))
    text = path.read_text()
    assert load_config(router, build_grammar(), text) == []
    assert print_running_config(router).splitlines() == text.splitlines()
