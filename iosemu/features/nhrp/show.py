"""show ip nhrp, in its forms."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark
from iosemu.features.nhrp.service import TunnelStation
from iosemu.features.nhrp.texts import flags, stations
from iosemu.router.calendar import format_uptime
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nNHRP information"
BRIEF = "   Target             Via            NBMA           Mode   Intfc   Claimed \n"
PREFERENCE = 255
# Octets that an entry takes, by what a router says.
ENTRY_SIZE = 768


@TABLE.command(
    USER_EXEC,
    "show ip nhrp [(static|dynamic|incomplete)$kind] [INTERFACE$name] [detail$detail]",
    f"{_SHOW}\nStatic entries\nDynamic entries\nIncomplete entries\nInterface name\nDetailed information",
)
def show_nhrp(
    ctx: Context, kind: str | None = None, name: InterfaceName | None = None, detail: str | None = None
) -> str:
    return "".join(
        _block(ctx, station, entry, bool(detail))
        for station in stations(ctx, name)
        for entry in station.engine.cache
        if kind in (None, entry.kind.value)
    )


@TABLE.command(USER_EXEC, "show ip nhrp A.B.C.D$address", f"{_SHOW}\nDestination address")
def show_nhrp_address(ctx: Context, address: IPv4Address) -> str:
    return "".join(
        _block(ctx, station, entry, False)
        for station in stations(ctx)
        for entry in station.engine.cache
        if address in entry.target
    )


@TABLE.command(USER_EXEC, "show ip nhrp brief", f"{_SHOW}\nBrief output")
def show_nhrp_brief(ctx: Context) -> str:
    rows = [_row(station, entry) for station in stations(ctx) for entry in station.engine.cache]
    return BRIEF + "".join(rows) if rows else ""


@TABLE.command(USER_EXEC, "show ip nhrp summary", f"{_SHOW}\nSummary of the cache")
def show_nhrp_summary(ctx: Context) -> str:
    entries = [entry for station in stations(ctx) for entry in station.engine.cache]
    local = [entry for entry in entries if Mark.LOCAL in entry.marks]
    remote = [entry for entry in entries if Mark.LOCAL not in entry.marks]
    shortcuts = [entry for entry in remote if Mark.SHORTCUT in entry.marks]
    hops = sum(Mark.NEXT_HOP in entry.marks for entry in remote)
    plural = "entry" if len(entries) == 1 else "entries"
    lines = [
        f"IP NHRP cache {len(entries)} {plural}, {len(entries) * ENTRY_SIZE} bytes",
        f"    {_counts(entries)}",
        f"{len(remote)} Remote",
        f"    {_counts(remote)}",
        f"    {hops} nhop 0 bfd",
        "    0 default 0 temporary",
        f"    {len(shortcuts)} route",
        f"        {len(shortcuts)} rib ({len(shortcuts)} H 0 nho)",
        "        0 bgp",
        "    0 lfib",
        f"{len(local)} Local",
        f"    {_counts(local)}",
        "    0 lfib",
    ]
    return "\n".join([*lines, ""])


def _counts(entries: list[CacheEntry]) -> str:
    return " ".join(f"{sum(entry.kind is kind for entry in entries)} {kind.value}" for kind in Kind)


def _block(ctx: Context, station: TunnelStation, entry: CacheEntry, detail: bool) -> str:
    now = ctx.router.clock.now()
    via = f" via {entry.next_hop}" if entry.kind is not Kind.INCOMPLETE else ""
    ends = "never expire" if entry.expires is None else f"expire {format_uptime(entry.expires - now)}"
    lines = [
        f"{entry.target}{via}",
        f"   {station.port.interface.name} created {format_uptime(now - entry.created)}, {ends} ",
        f"   Type: {entry.kind.value}, Flags: {flags(ctx, station, entry)} ",
    ]
    if entry.nbma is not None:
        lines.append(f"   NBMA address: {entry.nbma} ")
    if detail:
        lines.append(f"   Preference: {PREFERENCE}")
        lines += [f"   Requester: {address} Request ID: {number}" for address, number in _requesters(entry)]
    if Mark.LOCAL in entry.marks:
        lines.append("    (no-socket) ")
    return "\n".join([*lines, ""])


def _requesters(entry: CacheEntry) -> list[tuple[IPv4Address, int]]:
    """Who was told of an entry, and by which request."""
    return [(station, number) for station, number in (entry.told or {}).values()]


def _row(station: TunnelStation, entry: CacheEntry) -> str:
    nbma = str(entry.nbma) if entry.nbma is not None else "incomplete"
    where = station.port.interface.name.short
    return f"{entry.target!s:<20} {entry.next_hop!s:<14} {nbma:<15} {entry.kind.value:<8} {where:<7} <   >\n"
