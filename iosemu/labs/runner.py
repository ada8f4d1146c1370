"""Scripted labs: `-c` items in order."""

from __future__ import annotations

from typing import TextIO

from iosemu.labs.lab import Lab
from iosemu.labs.topology import LabError
from iosemu.shell.plain import Aborted, run_command, seconds_of

LAB_COMMANDS = "wait SECONDS, link down|up NODE:IFACE, power off|on NODE, reset [NODE], save"


def split_item(item: str) -> tuple[str | None, str]:
    """Node and command of `NODE: COMMAND`; no node for a lab command."""
    node, colon, command = item.partition(":")
    words = item.split()
    if colon and words and words[0].lower() not in ("wait", "link", "power", "reset", "save"):
        return node.strip(), command.strip()
    return None, item.strip()


async def run_item(lab: Lab, item: str, aborted: Aborted = None) -> str:
    """Run one item, at most until it is aborted, and return what it printed; raises LabError for a command or node that
    does not exist."""
    node, command = split_item(item)
    if node is not None:
        return await run_command(lab.session(node), command, lab.clock, aborted=aborted)
    return await lab_command(lab, command, aborted)


async def lab_command(lab: Lab, command: str, aborted: Aborted = None) -> str:
    """Run a lab command."""
    words = command.split()
    match words:
        case ["wait", seconds]:
            try:
                await lab.clock.wait(seconds_of(seconds), aborted)
            except ValueError as error:
                raise LabError(f"{command}: {error}") from None
        case ["link", ("up" | "down") as state, end]:
            lab.link(end, state == "up")
        case ["power", ("on" | "off") as state, node]:
            lab.power(node, state == "on")
        case ["reset", *nodes] if len(nodes) < 2:
            lab.reset(nodes[0] if nodes else None)
        case ["save"]:
            lab.save()
        case _:
            raise LabError(f"{command!r} is not a lab command; they are {LAB_COMMANDS}")
    return ""


async def run_items(lab: Lab, items: list[str], out: TextIO) -> None:
    """Run items in order; the output of each node's command is headed by a line that names it."""
    for item in items:
        printed = await run_item(lab, item)
        node, command = split_item(item)
        if node is not None:
            out.write(f"== {node}: {command}\n{printed}")
            out.flush()
