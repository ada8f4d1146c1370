"""Driving commands without a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

from iosemu.cli import PASTED, Ask, Interaction, Session, Wait
from iosemu.router.clock import Clock


async def collect(interaction: Interaction, clock: Clock, answers: Iterable[str] = ()) -> str:
    """Run an interaction to its end and return what it printed. Questions get the answers in turn; when there are none
    left, Enter, or `yes` where the question wants a word; where a text would be pasted there is none."""
    printed = []
    waiting = list(answers)
    answer: str | None = None
    try:
        while True:
            step = interaction.send(answer)
            answer = None
            if isinstance(step, Wait):
                await clock.wait(step.seconds, step.until)
            elif isinstance(step, Ask):
                default = "quit" if step == PASTED else "yes" if "[yes/no]" in step.prompt else ""
                answer = waiting.pop(0) if waiting else default
                printed.append(f"{step.prompt}{answer if step.echo else ''}\n")
            else:
                printed.append(step)
    except StopIteration:
        return "".join(printed)


async def run_command(session: Session, line: str, clock: Clock, answers: Iterable[str] = ()) -> str:
    """Type a line and return what it printed; see `collect` for the answers."""
    return await collect(session.execute(line), clock, answers)


def seconds_of(text: str) -> float:
    """The duration of a `wait SECONDS`; raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError("a number of seconds is needed")
    return seconds
