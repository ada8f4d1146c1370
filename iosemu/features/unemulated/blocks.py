"""Whole blocks without effect, such as a routing protocol: the opening line and every line below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from iosemu.cli import CONFIG, CommandTable, Context, Mode
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
HEADER = "Router configuration commands:"


@dataclass
class KeptBlocks:
    """Opening line: the lines below it, indentation included."""

    routers: dict[str, list[str]] = field(default_factory=dict)


def _take(target: list[str], line: str) -> None:
    """A line typed without indentation gets the one blank of its level."""
    target.append(line if line.startswith(" ") else f" {line}")


CONFIG_ROUTER = Mode("config-router", "(config-router)", HEADER, CONFIG, raw=_take)


def _open(protocol: str) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        kept = ctx.router.model.block(KeptBlocks).routers
        opening = f"router {protocol} {rest}".strip()
        if ctx.negated:
            kept.pop(opening, None)
        else:
            ctx.enter(CONFIG_ROUTER, kept.setdefault(opening, []))

    return handler


for _protocol, _rest in (("bgp", "WORD$rest"), ("eigrp", "WORD$rest"), ("ospf", "LINE$rest"), ("rip", "")):
    _helps = ["Enable a routing process", f"{_protocol.upper()}, kept without effect here"]
    TABLE.command(
        CONFIG,
        f"router {_protocol} {_rest}".strip(),
        "\n".join([*_helps, "Process"] if _rest else _helps),
        no=f"router {_protocol} {_rest}".strip(),
    )(_open(_protocol))


def _routers(router: Router) -> list[Lines]:
    kept = router.model.block(KeptBlocks).routers
    order = ["eigrp", "ospf", "rip", "bgp"]
    return [[opening, *kept[opening]] for opening in sorted(kept, key=lambda text: order.index(text.split()[1]))]


BLOCK_SECTIONS = (Section(Place.ROUTER, _routers),)
