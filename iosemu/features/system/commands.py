"""hostname, prompt, version, show version."""

from __future__ import annotations

import re

from iosemu import __version__
from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, USER_EXEC, CommandError, CommandTable, Context
from iosemu.cli.prompting import PromptStyle
from iosemu.features.system.config import DEFAULT_HOSTNAME, SystemConfig
from iosemu.features.system.facts import serial_number

TABLE = CommandTable()
_HOSTNAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,62}")


@TABLE.command(
    CONFIG,
    "hostname WORD$name",
    """Set system's network name
    This system's network name""",
    no=ARGUMENTS_OPTIONAL,
)
def hostname(ctx: Context, name: str = DEFAULT_HOSTNAME) -> None:
    if not ctx.negated and not _HOSTNAME.fullmatch(name):
        raise CommandError("% Hostname contains one or more illegal characters.")
    ctx.router.model.block(SystemConfig).hostname = DEFAULT_HOSTNAME if ctx.negated else name


@TABLE.command(
    CONFIG, "prompt LINE$text", "Set system's prompt\nThe prompt: %h host name, %n line, %p sign", no=ARGUMENTS_OPTIONAL
)
def prompt(ctx: Context, text: str = "") -> None:
    ctx.router.model.block(PromptStyle).text = None if ctx.negated else text


@TABLE.command(
    CONFIG,
    "service prompt config",
    "Modify use of network based services\nEnable mode specific prompt\nConfiguration prompts",
    no=ARGUMENTS_OPTIONAL,
)
def prompt_service(ctx: Context) -> None:
    ctx.router.model.block(PromptStyle).config = None if ctx.defaulted else not ctx.negated


@TABLE.command(CONFIG, "version WORD$number", "Version of the configuration\nSoftware version", hidden=True)
def version(ctx: Context, number: str) -> None:
    ctx.router.model.block(SystemConfig).version = number


@TABLE.command(
    USER_EXEC,
    "show version",
    """Show running system information
    System hardware and software status""",
)
def show_version(ctx: Context) -> str:
    router = ctx.router
    release = router.model.block(SystemConfig).version
    minutes, _ = divmod(int(router.calendar.uptime()), 60)
    interfaces = [item for item in router.interfaces if item.name.kind == "GigabitEthernet"]
    return f"""\
Cisco IOS Software, IOSEMU Software (IOSEMU-ADVENTERPRISEK9-M), Version {release}, RELEASE SOFTWARE (fc1)
An emulator: iosemu {__version__}; it contains no Cisco software.
Copyright (c) 2025-2026 by the authors of iosemu.


ROM: Bootstrap program is iosemu

{router.hostname} uptime is {_uptime(minutes)}
System returned to ROM by reload
System image file is "flash0:/iosemu-{__version__}"
Last reload reason: Unknown reason



Cisco IOSEMU (revision 1.0) with 524288K/0K bytes of memory.
Processor board ID {serial_number(router)}
{len(interfaces)} Gigabit Ethernet interface{"" if len(interfaces) == 1 else "s"}
256K bytes of non-volatile configuration memory.

Configuration register is 0x0

"""


def _uptime(minutes: int) -> str:
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    shown = [(count, unit) for count, unit in parts if count] or [(0, "minute")]
    return ", ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in shown)
