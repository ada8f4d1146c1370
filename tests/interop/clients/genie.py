"""Genie's parsers, fed with what a router shows. A test module that imports this is skipped where they are missing."""

from __future__ import annotations

from typing import Any

from iosemu.labs.lab import Lab
from tests.lab.driver import do
from tests.requirements import require

require("module:genie.libs.parser", "module:genie.conf", scope="module")

from genie.conf.base import Device  # noqa: E402


def parsed(node: str, command: str, screen: str) -> dict[str, Any]:
    """What Genie makes of the screen of a command."""
    device = Device(node, os="iosxe", custom={"abstraction": {"order": ["os"]}})
    found: dict[str, Any] = device.parse(command, output=screen)
    return found


def parsed_in(lab: Lab, node: str, command: str) -> dict[str, Any]:
    """The same for a command that a node of a lab runs now."""
    return parsed(node, command, do(lab, f"{node}: {command}"))
