"""Driving commands without a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TypeAlias

from iosemu.cli import PASTED, Ask, Interaction, Session, Wait
from iosemu.router.clock import Clock

# Whether somebody does not want to wait any longer; None where nobody is there.
Aborted: TypeAlias = "Callable[[], bool] | None"


async def collect(interaction: Interaction, clock: Clock, answers: Iterable[str] = (), aborted: Aborted = None) -> str:
    """Run an interaction to its end, or until it is aborted, and return what it printed. Questions get the answers in
    turn; when there are none left, Enter, or `yes` where the question wants a word; where a text would be pasted there
    is none."""
    printed = []
    waiting = list(answers)
    answer: str | None = None
    try:
        while aborted is None or not aborted():
            step = interaction.send(answer)
            answer = None
            if isinstance(step, Wait):
                await clock.wait(step.seconds, _either(aborted, step.until))
            elif isinstance(step, Ask):
                default = "quit" if step == PASTED else "yes" if "[yes/no]" in step.prompt else ""
                answer = waiting.pop(0) if waiting else default
                printed.append(f"{step.prompt}{answer if step.echo else ''}\n")
            else:
                printed.append(step)
        interaction.close()
    except StopIteration:
        pass
    return "".join(printed)


def _either(aborted: Aborted, until: Callable[[], bool] | None) -> Callable[[], bool] | None:
    """What ends a wait."""
    if aborted is None or until is None:
        return aborted or until
    return lambda: aborted() or until()


async def run_command(
    session: Session, line: str, clock: Clock, answers: Iterable[str] = (), aborted: Aborted = None
) -> str:
    """Type a line and return what it printed; see `collect` for the rest."""
    return await collect(session.execute(line), clock, answers, aborted)


def seconds_of(text: str) -> float:
    """The duration of a `wait SECONDS`; raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError("a number of seconds is needed")
    return seconds
