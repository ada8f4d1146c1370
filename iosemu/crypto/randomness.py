"""Where octets come from when nobody asked for repeatable ones."""

from __future__ import annotations

import os
from collections.abc import Callable

RandomBytes = Callable[[int], bytes]

system_random: RandomBytes = os.urandom


def fraction(random: RandomBytes) -> float:
    """A number in [0, 1)."""
    return int.from_bytes(random(4), "big") / 2**32
