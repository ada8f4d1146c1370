"""Sequence numbers. Inside the engine they are plain integers that never wrap; 32 bits of them are on the wire."""

from __future__ import annotations

MODULUS = 1 << 32
HALF = MODULUS >> 1


def unwrap(number: int, near: int) -> int:
    """The integer nearest to `near` whose last 32 bits are `number`."""
    return near + (number - near + HALF) % MODULUS - HALF


def wrap(number: int) -> int:
    """The 32 bits of the wire."""
    return number % MODULUS
