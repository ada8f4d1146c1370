"""show ip nhrp nhs, show ip nhrp traffic."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.nhrp.service import TunnelStation
from iosemu.features.nhrp.texts import stations
from iosemu.router.names import InterfaceName
from iosemu.wire.nhrp import Operation

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nNHRP information"
LEGEND = "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n"


@TABLE.command(
    USER_EXEC,
    "show ip nhrp nhs [INTERFACE$name] [detail$detail]",
    f"{_SHOW}\nNext hop servers\nInterface name\nDetailed information",
)
def show_servers(ctx: Context, name: InterfaceName | None = None, detail: str | None = None) -> str:
    found = [station for station in stations(ctx, name) if station.engine.config.servers]
    blocks = [f"{station.port.interface.name}:\n" + _servers(station, bool(detail)) for station in found]
    return LEGEND + "".join(blocks) if blocks else ""


def _servers(station: TunnelStation, detail: bool) -> str:
    lines = []
    for server in station.engine.config.servers:
        registration = station.engine.registrations.by_server.get(server.address)
        if registration is None:
            continue
        nbma = station.engine.nbma_of(server.address) or "0.0.0.0"
        line = f"{server.address}  {registration.state.value:<3} NBMA Address: {nbma} priority = {server.priority}"
        line += f" cluster = {server.cluster}"
        if detail:
            sent, replies = registration.requests, registration.replies
            failed = max(registration.requests - replies - 1, 0)
            line += f"  req-sent {sent}  req-failed {failed}  repl-recv {replies}"
        lines.append(line + "\n")
    return "".join(lines)


@TABLE.command(
    USER_EXEC,
    "show ip nhrp traffic [interface INTERFACE$name]",
    f"{_SHOW}\nNHRP traffic counters\nOf one interface\nInterface name",
)
def show_traffic(ctx: Context, name: InterfaceName | None = None) -> str:
    return "".join(_traffic(station) for station in stations(ctx, name))


def _traffic(station: TunnelStation) -> str:
    lines = [f"{station.port.interface.name}: Max-send limit:10000Pkts/10Sec, Usage:0%"]
    for word, counts in (("Sent", station.engine.sent), ("Rcvd", station.engine.received)):
        lines += [f"   {word}: Total {sum(counts.values())}", *_kinds(counts)]
    return "\n".join([*lines, ""])


def _kinds(counts: Mapping[Operation, int]) -> list[str]:
    kinds = list(Operation)
    words = [f"{counts.get(kind, 0)} {kind.name.replace('_', ' ').title()}" for kind in kinds]
    words.append("0 Redirect Suppress")
    return ["         " + "  ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
