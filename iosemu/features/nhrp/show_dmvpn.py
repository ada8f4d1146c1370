"""show dmvpn."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark
from iosemu.engines.nhrp.states import ServerState
from iosemu.features.interface.block import status
from iosemu.features.nhrp.service import NhrpService, TunnelStation
from iosemu.features.nhrp.texts import stations
from iosemu.router.calendar import format_uptime
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_SHOW = "Show running system information\nDMVPN information"
LEGEND = """\
Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete
\tN - NATed, L - Local, X - No Socket
\tT1 - Route Installed, T2 - Nexthop-override
\tC - CTS Capable, I2 - Temporary
\t# Ent --> Number of NHRP entries with same NBMA peer
\tNHS Status: E --> Expecting Replies, R --> Responding, W --> Waiting
\tUpDn Time --> Up or Down Time for a Tunnel
==========================================================================

"""
HEAD = (
    " # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb\n"
    " ----- --------------- --------------- ----- -------- -----\n"
)
DETAIL_HEAD = (
    "# Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb    Target Network\n"
    "----- --------------- --------------- ----- -------- ----- -----------------\n"
)
UNKNOWN = "UNKNOWN"


@TABLE.command(USER_EXEC, "show dmvpn [interface INTERFACE$name]", f"{_SHOW}\nOf one interface\nInterface name")
def show_dmvpn(ctx: Context, name: InterfaceName | None = None) -> str:
    blocks = []
    for station in stations(ctx, name):
        peers = _peers(station)
        head = f"Interface: {station.port.interface.name}, IPv4 NHRP Details \n"
        head += f"Type:{_type(station)}, NHRP Peers:{len(peers)}, \n\n"
        blocks.append(head + HEAD + "".join(_rows(ctx, station, entries, False) for entries in peers) + "\n")
    return LEGEND + "".join(blocks)


@TABLE.command(USER_EXEC, "show dmvpn detail", f"{_SHOW}\nDetailed information")
def show_dmvpn_detail(ctx: Context) -> str:
    blocks = [_detail(ctx, station) for station in stations(ctx)]
    tail = f"Crypto Session Details: \n{'-' * 80}\n\nPending DMVPN Sessions:\n\n"
    return LEGEND + "".join(blocks) + (tail if blocks else "")


def _detail(ctx: Context, station: TunnelStation) -> str:
    interface, transport, config = station.port.interface, station.port.transport, station.engine.config
    assert transport is not None
    end = transport.destination or "Multipoint"
    many = "multi-" if transport.destination is None else ""
    state = "/".join(status(interface))
    lines = [
        f'Interface {interface.name} is {state}, Addr. is {config.address}, VRF "{interface.vrf}" ',
        f'   Tunnel Src./Dest. addr: {transport.source}/{end}, Tunnel VRF "{transport.vrf}"',
        f'   Protocol/Transport: "{many}GRE/IP", Protect "" ',
        "   Interface State Control: Disabled",
        "   nhrp event-publisher : Disabled",
        "",
    ]
    if config.servers:
        lines += ["IPv4 NHS:", *(_server(station, server.address) for server in config.servers)]
    peers = _peers(station)
    lines += [f"Type:{_type(station)}, Total NBMA Peers (v4/v6): {len(peers)}", ""]
    return "\n".join([*lines, DETAIL_HEAD]) + "".join(_rows(ctx, station, entries, True) for entries in peers) + "\n"


def _server(station: TunnelStation, address: IPv4Address) -> str:
    registration = station.engine.registrations.by_server[address]
    server = next(item for item in station.engine.config.servers if item.address == address)
    return f"{address}  {registration.state.value} priority = {server.priority} cluster = {server.cluster}"


def _type(station: TunnelStation) -> str:
    if not station.engine.config.servers:
        return "Hub"
    clients = any(Mark.REGISTERED in entry.marks for entry in station.engine.cache)
    return "Hub/Spoke" if clients else "Spoke"


def _peers(station: TunnelStation) -> list[list[CacheEntry]]:
    """The entries about others, those of one address below the tunnel together."""
    found: dict[IPv4Address | None, list[CacheEntry]] = {}
    for entry in station.engine.cache:
        if not entry.marks & (Mark.LOCAL | Mark.NEGATIVE):
            found.setdefault(entry.nbma, []).append(entry)
    return list(found.values())


def _rows(ctx: Context, station: TunnelStation, entries: list[CacheEntry], detail: bool) -> str:
    rows = []
    for number, entry in enumerate(entries):
        nbma = str(entry.nbma) if entry.nbma is not None else UNKNOWN
        ent, nbma = (str(len(entries)), nbma) if number == 0 else ("", "")
        state, since = _state(station, entry)
        up = format_uptime(ctx.router.clock.now() - since)
        row = f"{ent:>{5 if detail else 6}} {nbma:<15} {entry.next_hop!s:>15} {state:>5} {up:>8}"
        row += f" {_attributes(ctx, station, entry):>5}"
        rows.append(row + (f" {entry.target!s:>18}" if detail else "") + "\n")
    return "".join(rows)


def _state(station: TunnelStation, entry: CacheEntry) -> tuple[str, float]:
    """The state of a peer and since when: one that we must register with is up when it answers."""
    registration = station.engine.registrations.by_server.get(entry.next_hop)
    if registration is not None:
        return ("UP" if registration.state is ServerState.RESPONDING else "NHRP"), registration.since
    return ("NHRP" if entry.kind is Kind.INCOMPLETE else "UP"), entry.created


def _attributes(ctx: Context, station: TunnelStation, entry: CacheEntry) -> str:
    letter = {Kind.STATIC: "S", Kind.DYNAMIC: "D", Kind.INCOMPLETE: "I"}[entry.kind]
    if Mark.SHORTCUT not in entry.marks:
        return letter
    return letter + ("T2" if ctx.router.service(NhrpService).is_override(station.port.interface, entry) else "T1")
