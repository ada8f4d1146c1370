"""What a command that takes time or asks questions yields."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; the answer is sent back. `single_key` takes one key without Enter (`[confirm]`)."""

    prompt: str
    echo: bool = True
    single_key: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Let emulated time pass, at most until the condition holds."""

    seconds: float
    until: Callable[[], bool] | None = None


# Text is printed as it is, line feeds included.
Step = str | Ask | Wait
Interaction = Generator[Step, "str | None", None]
