"""Driving commands without a terminal."""

from __future__ import annotations

from iosemu.cli import Ask, Interaction, Session, Wait
from iosemu.router.clock import Clock


async def collect(interaction: Interaction, clock: Clock) -> str:
    """Run an interaction to its end and return what it printed. Questions get Enter; a question that wants a word
    gets `yes`."""
    printed = []
    answer: str | None = None
    try:
        while True:
            step = interaction.send(answer)
            answer = None
            if isinstance(step, Wait):
                await clock.wait(step.seconds, step.until)
            elif isinstance(step, Ask):
                answer = "yes" if "[yes/no]" in step.prompt else ""
                printed.append(f"{step.prompt}{answer}\n")
            else:
                printed.append(step)
    except StopIteration:
        return "".join(printed)


async def run_command(session: Session, line: str, clock: Clock) -> str:
    """Type a line and return what it printed."""
    return await collect(session.execute(line), clock)
