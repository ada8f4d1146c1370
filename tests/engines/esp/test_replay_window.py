"""The anti-replay window against a plain set of the numbers seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iosemu.engines.esp.replay_window import ReplayWindow


@given(st.sampled_from([32, 64, 128, 1024]), st.lists(st.integers(0, 3000), max_size=200))
def test_against_a_set(size: int, numbers: list[int]) -> None:
    window = ReplayWindow(size)
    seen: set[int] = set()
    for number in numbers:
        fresh = number > 0 and number not in seen and number > max(seen, default=0) - size
        assert window.allows(number) is fresh
        if fresh:
            window.take(number)
            seen.add(number)
