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


# Text is printed as it is, line feeds included.
Step = str | Ask | Wait
Interaction = Generator[Step, "str | None", Any]


def rewritten(interaction: Interaction, rewrite: Callable[[str], str]) -> Interaction:
    """Withhold what an interaction prints, and print what `rewrite` makes of the whole; waits and questions pass."""
    printed: list[str] = []
    yield from _recorded(interaction, printed, shown=False)
    yield rewrite("".join(printed))


def with_postscript(interaction: Interaction, postscript: Callable[[str], str]) -> Interaction:
    """An interaction, and behind it what `postscript` makes of the whole that was printed."""
    printed: list[str] = []
    yield from _recorded(interaction, printed, shown=True)
    yield postscript("".join(printed))


def _recorded(interaction: Interaction, printed: list[str], shown: bool) -> Interaction:
    answer: str | None = None
    try:
        while True:
            step = interaction.send(answer)
            answer = None
            if isinstance(step, str):
                printed.append(step)
            if shown or not isinstance(step, str):
                answer = yield step
    except StopIteration:
        return


def affirmed(answer: str | None) -> bool:
    """Whether the answer to `[confirm]` is Enter or a yes."""
    return (answer or "")[:1].lower() in ("", "y")


def yes_or_no(question: str) -> Generator[Step, str | None, bool]:
    """Ask until the answer is a yes or a no; blank lines before the question are printed once."""
    while True:
        answer = ((yield Ask(question)) or "").strip().lower()
        for word in ("yes", "no"):
            if answer and word.startswith(answer):
                return word == "yes"
        yield "% Please answer 'yes' or 'no'.\n"
        question = question.lstrip("\n")


# A line of a text that is pasted, at no prompt.
PASTED = Ask("")


def pasted_text(*, blank_ends: bool) -> Generator[Step, str | None, str]:
    """Lines that are pasted, up to one that is `quit`, or is blank where `blank_ends`."""
    lines: list[str] = []
    while True:
        line = yield PASTED
        if line is None or line.strip() == "quit" or (blank_ends and not line.strip()):
            return "\n".join(lines)
        lines.append(line)
