"""Single lines without effect, global and under an interface. The tables say which; order is that of entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF, InterfaceConfig
from iosemu.router.model import Model
from iosemu.router.names import parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

TABLE = CommandTable()

# Place: the leading keywords of lines that belong there. What follows them is kept as it is.
GLOBAL_LINES: dict[Place, tuple[str, ...]] = {
    Place.VERSION: ("service",),
    Place.BOOT: ("boot-start-marker", "boot-end-marker"),
    Place.AAA: ("aaa new-model",),
    Place.IP_GLOBAL: (
        "ip cef",
        "ipv6 cef",
        "ipv6 unicast-routing",
        "ip source-route",
        "multilink bundle-name",
        "mmi",
        "memory-size",
        "platform",
        "clock timezone",
        "clock summer-time",
    ),
    Place.IP_FORWARD: ("ip forward-protocol",),
    Place.IP_HTTP: ("ip http server", "ip http secure-server"),
    Place.CONTROL_PLANE: ("control-plane",),
}
INTERFACE_LINES = (
    "duplex",
    "speed",
    "negotiation",
    "media-type",
    "delay",
    "load-interval",
    "cdp enable",
    "ip redirects",
    "ip proxy-arp",
    "ip unreachables",
)


@dataclass
class KeptLines:
    """Lines by place, and by interface."""

    places: dict[Place, list[str]] = field(default_factory=dict)
    interfaces: dict[str, list[str]] = field(default_factory=dict)


def _keep(lines: list[str], words: str, rest: str, ctx: Context) -> None:
    """Enter a line; the negated form of the same line takes its place, `default` removes both."""
    line = f"{words} {rest}".strip()
    for form in (line, f"no {line}"):
        if form in lines:
            lines.remove(form)
    if not ctx.defaulted:
        lines.append(f"no {line}" if ctx.negated else line)


def _global_handler(place: Place, words: str) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        _keep(ctx.router.model.block(KeptLines).places.setdefault(place, []), words, rest, ctx)

    return handler


def _interface_handler(words: str) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        target: InterfaceConfig = ctx.target
        kept = ctx.router.model.block(KeptLines).interfaces.setdefault(str(target.name), [])
        # These are single-valued: a later line replaces an earlier one.
        kept[:] = [line for line in kept if line.removeprefix("no ").rpartition(" ")[0] != words and line != words]
        _keep(kept, words, rest, ctx)

    return handler


def _declare() -> None:
    text = "Accepted and kept, without effect here"
    for place, prefixes in GLOBAL_LINES.items():
        for words in prefixes:
            helps = "\n".join([text] * (len(words.split()) + 1))
            TABLE.command(CONFIG, f"{words} [LINE$rest]", helps, no=ARGUMENTS_OPTIONAL)(_global_handler(place, words))
    for words in INTERFACE_LINES:
        helps = "\n".join([text] * (len(words.split()) + 1))
        TABLE.command(CONFIG_IF, f"{words} [LINE$rest]", helps, no=ARGUMENTS_OPTIONAL)(_interface_handler(words))


_declare()


def _section(place: Place) -> Section:
    def paragraphs(router: Router) -> list[Lines]:
        return [list(router.model.block(KeptLines).places.get(place, []))]

    return Section(place, paragraphs)


def _interface_lines(model: Model, name: str) -> list[str]:
    assert parse_name(name) is not None
    return [f" {line}" for line in model.block(KeptLines).interfaces.get(name, [])]


LINE_SECTIONS = tuple(_section(place) for place in GLOBAL_LINES)
CONTRIBUTION = Contribution("interface", 50, _interface_lines)
