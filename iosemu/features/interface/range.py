"""`interface range`: the commands of an interface, for many at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.cli import CONFIG, CommandError, CommandTable, Context, Several
from iosemu.features.interface.commands import can_exist, interface
from iosemu.features.interface.config import CONFIG_IF_RANGE, Interfaces
from iosemu.router.names import InterfaceName, parse_name

TABLE = CommandTable()
# The last number may stand behind the first name: `Gi0/0 - 3`.
_PART = re.compile(r"(?P<first>[A-Za-z-]+ *[0-9/.]*?(?P<low>[0-9]{1,10}))(?: *- *(?P<high>[0-9]{1,10}))?")
LARGEST = 1024


@TABLE.command(
    CONFIG,
    "interface range LINE$text",
    """Select an interface to configure
    interface range command
    Interface names, such as `Gi0/0 - 3 , Lo0`""",
    no="interface range LINE$text",
)
def interface_range(ctx: Context, text: str) -> str | None:
    names = [name for part in text.split(",") for name in _names(part.strip())]
    if len(names) > LARGEST:
        raise CommandError(at=text)
    interfaces = ctx.router.model.block(Interfaces)
    for name in names:
        if name not in interfaces.by_name if ctx.negated else not can_exist(interfaces, name):
            raise CommandError(at=text)
    if ctx.negated:
        return "".join(_without(ctx, name) for name in names) or None
    ctx.enter(CONFIG_IF_RANGE, Several(tuple(interfaces.get(name) for name in names)))
    return None


def _without(ctx: Context, name: InterfaceName) -> str:
    """What `no interface` or `default interface` prints."""
    printed = interface(ctx, name)
    return printed if isinstance(printed, str) else ""


def _names(part: str) -> Iterator[InterfaceName]:
    """The interfaces of one part; raises CommandError where it is none."""
    match = _PART.fullmatch(part)
    first = parse_name(match["first"]) if match else None
    if match is None or first is None:
        raise CommandError(at=part)
    low, high = int(match["low"]), int(match["high"] or match["low"])
    if not low <= high < low + LARGEST:
        raise CommandError(at=match["high"] or part)
    stem = first.number.removesuffix(match["low"])
    for number in range(low, high + 1):
        yield InterfaceName(first.kind, f"{stem}{number}")
