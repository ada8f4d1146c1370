"""Running-configs of other platforms load whole; what they become loads and prints the same for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router
from iosemu.router.clock import VirtualClock
from iosemu.router.running_config import print_running_config

CONFIGS = sorted((Path(__file__).parent / "configs").glob("*.cfg"))
# Lines that are stored in another form than the one they are written in, or that are the default and are not printed.
CANONICAL = {
    "crypto isakmp key cisco address 0.0.0.0 0.0.0.0",
    "crypto isakmp key S3cret address 192.0.2.1",
    "ip source-route",
}


def bare(text: str) -> set[str]:
    """The lines that mean something, without indentation."""
    return {line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("!")}


def test_the_configs_are_found() -> None:
    assert len(CONFIGS) == 4


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_line_of_a_platform_is_taken_and_printed(path: Path) -> None:
    text = path.read_text()
    router = build_router(VirtualClock(seed=1))
    assert load_config(router, build_grammar(), text) == []
    printed = print_running_config(router)
    assert bare(text) - bare(printed) <= CANONICAL
    again = build_router(VirtualClock(seed=1))
    assert load_config(again, build_grammar(), printed) == []
    assert print_running_config(again) == printed
