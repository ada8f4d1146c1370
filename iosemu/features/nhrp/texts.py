"""What the shows of NHRP have in common: which stations, and the words for an entry."""

from __future__ import annotations

from iosemu.cli import Context
from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark
from iosemu.features.nhrp.service import NhrpService, TunnelStation
from iosemu.router.names import InterfaceName

_MARKS = (
    (Mark.ROUTER, "router"),
    (Mark.IMPLICIT, "implicit"),
    (Mark.UNIQUE, "unique"),
    (Mark.REGISTERED, "registered"),
    (Mark.NEXT_HOP, "nhop"),
    (Mark.LOCAL, "local"),
    (Mark.NEGATIVE, "negative"),
)


def stations(ctx: Context, name: InterfaceName | None = None) -> list[TunnelStation]:
    """The stations of a router in the order of their interfaces, or the one of a name."""
    found = ctx.router.service(NhrpService).stations
    return [found[key] for key in sorted(found, key=InterfaceName.sort_key) if name in (None, key)]


def flags(ctx: Context, station: TunnelStation, entry: CacheEntry) -> str:
    """The flags of an entry as `show ip nhrp` prints them."""
    words = [word for mark, word in _MARKS if mark in entry.marks]
    if entry.used is not None and entry.kind is not Kind.DYNAMIC:
        words.append("used")
    if Mark.SHORTCUT in entry.marks:
        words.append("rib")
        override = ctx.router.service(NhrpService).is_override(station.port.interface, entry)
        words += ["nho"] if override else []
    return " ".join(words)
