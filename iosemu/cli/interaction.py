"""What a command that takes time or asks questions yields."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; the answer is sent back, None when `timeout` (emulated seconds) has passed without one. `single_key`
    takes one key without Enter (`[confirm]`); `many` takes lines up to Ctrl-Z."""

    prompt: str
    echo: bool = True
    single_key: bool = False
    timeout: float | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Let emulated time pass, at most until the condition holds."""

    seconds: float
    until: Callable[[], bool] | None = None


def affirmed(answer: str | None) -> bool:
    """Whether the answer to `[confirm]` is Enter or a yes."""
    return (answer or "")[:1].lower() in ("", "y")


# Text is printed as it is, line feeds included.
Step = str | Ask | Wait
Interaction = Generator[Step, "str | None", Any]
