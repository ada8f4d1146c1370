"""`show running-config all`: what holds anyway is printed too, where it belongs, and can be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.cli import load_config
from iosemu.features.assembly import build_grammar, build_router
from iosemu.router.clock import VirtualClock
from iosemu.router.running_config import print_running_config
from tests.features.typist import new_router

CONFIGS = sorted((Path(__file__).parent.parent / "running-configs").rglob("*.cfg"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_all_has_every_line_and_more_and_can_be_loaded(path: Path) -> None:
    router = build_router(VirtualClock())
    assert load_config(router, build_grammar(), path.read_text()) == []
    text, everything = print_running_config(router), print_running_config(router, defaults=True)
    rest = iter(everything.splitlines())
    assert all(line in rest for line in text.splitlines())
    assert len(everything) > len(text)
    assert load_config(build_router(VirtualClock()), build_grammar(), everything) == []


def test_a_default_is_shown_where_nothing_else_is_set() -> None:
    typist = new_router(
        "crypto isakmp policy 10\n encr aes\ncrypto gdoi group G\n server local\n  rekey algorithm aes 256\n"
    )
    shown = typist.type("show running-config all").splitlines()
    at = shown.index("crypto isakmp policy 10")
    assert shown[at : at + 6] == [
        "crypto isakmp policy 10", " encr aes", " hash sha", " authentication rsa-sig", " group 1", " lifetime 86400",
    ]  # fmt: skip
    assert "  rekey sig-hash algorithm sha" in shown
    assert [line for line in shown if "rekey algorithm" in line] == ["  rekey algorithm aes 256"]
