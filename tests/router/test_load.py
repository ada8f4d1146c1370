"""The rates of an interface against the recurrence that they stand for."""

from __future__ import annotations

from math import exp
from random import Random

import pytest

from iosemu.router.load import SAMPLE, Load


@pytest.mark.parametrize("interval", [30, 300])
@pytest.mark.parametrize("seed", range(3))
def test_samples_of_five_seconds_are_averaged(interval: int, seed: int) -> None:
    random, load = Random(seed), Load(interval)
    packets = sorted((random.uniform(0, 900), random.randrange(60, 1500)) for _ in range(200))
    bits = rate = 0.0
    keep = exp(-SAMPLE / interval)
    for start in range(0, 900, 5):
        inside = [size for time, size in packets if start <= time < start + 5]
        bits = bits * keep + sum(inside) * 8 / SAMPLE * (1 - keep)
        rate = rate * keep + len(inside) / SAMPLE * (1 - keep)
    for time, size in packets:
        load.add(1, size, time)
    assert load.rates(900.0) == pytest.approx((bits, rate))
    # Asking changes nothing, and what is not over yet does not count.
    load.add(1000, 1_000_000, 901.0)
    assert load.rates(902.0) == pytest.approx((bits, rate))


def test_a_steady_stream_arrives_at_its_rate_and_silence_at_none() -> None:
    load = Load(30)
    for second in range(300):
        load.add(10, 1250, second)
    assert load.rates(300.0) == pytest.approx((10_000, 10), rel=0.001)
    assert load.rates(330.0)[0] == pytest.approx(10_000 * exp(-1), rel=0.001)
    assert load.rates(86_400.0)[0] < 1e-9
