"""show ip nat translations, show ip nat statistics."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.nat.flow import End
from iosemu.engines.nat.table import Translation
from iosemu.features.nat.config import INSIDE, OUTSIDE, DynamicLine, Nat
from iosemu.features.nat.service import NatService
from iosemu.router.calendar import format_uptime
from iosemu.router.names import InterfaceName
from iosemu.wire.ipv4 import ICMP, TCP, UDP

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nIP NAT information"
HEAD = "Pro Inside global      Inside local       Outside local      Outside global\n"
PROTOCOLS = {0: "---", TCP: "tcp", UDP: "udp", ICMP: "icmp"}
NONE = "---"


@TABLE.command(
    USER_EXEC, "show ip nat translations [verbose$verbose]", f"{_SHOW}\nTranslation entries\nShow extra information"
)
def show_translations(ctx: Context, verbose: str | None = None) -> str:
    found = sorted(ctx.router.service(NatService).engine.table, key=_order)
    now = ctx.router.clock.now()
    rows = [_row(item) + (_more(item, now) if verbose else "") for item in found]
    return HEAD + "".join(rows) if rows else ""


def _order(item: Translation) -> tuple[int, int, int, int]:
    """Flows before what they hang on, by address."""
    return item.inside.address, item.remote is None, item.protocol, item.inside.port


def _row(item: Translation) -> str:
    name = PROTOCOLS.get(item.protocol, str(item.protocol))
    remote = (
        NONE if item.remote is None else _end(item, End(item.remote.address, item.remote.port or _shown_port(item)))
    )
    outside, inside = _end(item, item.outside), _end(item, item.inside)
    return f"{name:<3} {outside:<18} {inside:<18} {remote:<18} {remote}\n"


def _shown_port(item: Translation) -> int:
    """The identifier of an ICMP query stands in the place of the far port, too."""
    return item.outside.port if item.protocol == ICMP else 0


def _end(item: Translation, end: End) -> str:
    address = str(IPv4Address(end.address))
    return address if item.protocol not in (TCP, UDP, ICMP) else f"{address}:{end.port}"


def _more(item: Translation, now: float) -> str:
    create, use = format_uptime(now - item.created), format_uptime(now - item.used)
    left = f"left {format_uptime(max(item.expires - now, 0))}, " if item.expires is not None else ""
    flags = "static" if item.static else "extended" if item.remote is not None else "none"
    rule = f"Map-Id(In): {item.rule + 1}, " if item.rule is not None else ""
    return f"    create {create}, use {use}, {left}{rule}\n    flags: \n{flags}, use_count: 0\n"


@TABLE.command(USER_EXEC, "show ip nat statistics", f"{_SHOW}\nTranslation statistics")
def show_statistics(ctx: Context) -> str:
    engine, block = ctx.router.service(NatService).engine, ctx.router.model.block(Nat)
    items = list(engine.table)
    static = sum(item.static for item in items)
    extended = sum(item.remote is not None for item in items)
    counts = f"{static} static, {len(items) - static} dynamic; {extended} extended"
    lines = [f"Total active translations: {len(items)} ({counts})"]
    if engine.table.peak:
        ago = format_uptime(ctx.router.clock.now() - engine.table.peak_at)
        lines.append(f"Peak translations: {engine.table.peak}, occurred {ago} ago")
    for word, side in (("Outside", OUTSIDE), ("Inside", INSIDE)):
        lines += [f"{word} interfaces:", "  " + ", ".join(map(str, block.of(side)))]
    lines += [
        f"Hits: {engine.hits}  Misses: {engine.misses}",
        f"CEF Translated packets: {engine.hits}, CEF Punted packets: {engine.misses}",
        f"Expired translations: {engine.expired}",
        "Dynamic mappings:",
    ]
    lines += ["-- Inside Source"] if block.dynamics else []
    ordered = sorted(block.dynamics.values(), key=lambda line: line.access_list)
    for number, line in enumerate(ordered):
        used = sum(item.rule == number for item in items)
        lines += [
            f"[Id: {number + 1}] access-list {line.access_list} {line.target} refcount {used}",
            *_pool(block, line, items),
        ]
    lines += ["", "Total doors: 0", "Appl doors: 0", "Normal doors: 0", "Queued Packets: 0", ""]
    return "\n".join(lines)


def _pool(block: Nat, line: DynamicLine, items: list[Translation]) -> list[str]:
    pool = block.pools.get(line.to) if not isinstance(line.to, InterfaceName) else None
    if pool is None:
        return []
    total = int(pool.last) - int(pool.first) + 1
    given = {item.outside.address for item in items if int(pool.first) <= item.outside.address <= int(pool.last)}
    share = len(given) * 100 // total
    return [
        f" pool {pool.name}: netmask {pool.netmask}",
        f"        start {pool.first} end {pool.last}",
        f"        type generic, total addresses {total}, allocated {len(given)} ({share}%), misses 0",
    ]
