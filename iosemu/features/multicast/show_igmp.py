"""show ip igmp."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.igmp.router import IgmpRouter, Membership
from iosemu.features.interface.config import Interfaces
from iosemu.features.multicast.service import MulticastService
from iosemu.features.multicast.text import span
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nIGMP information\n"
_BLANK = " "
GROUPS = """\
IGMP Connected Group Membership
Group Address    Interface                Uptime    Expires   Last Reporter   Group Accounted
"""
MEMBERSHIP = f"""\
Flags: A  - aggregate, T - tracked
       L  - Local, S - static, V - virtual, R - Reported through v3{_BLANK}
       I - v3lite, U - Urd, M - SSM (S,G) channel{_BLANK}
       1,2,3 - The version of IGMP, the group is in
Channel/Group-Flags:{_BLANK}
       / - Filtering entry (Exclude mode (S,G), Include mode (G))
Reporter:
       <mac-or-ip-address> - last reporter if group is not explicitly tracked
       <n>/<m>      - <n> reporter in include mode, <m> reporter in exclude

 Channel/Group                  Reporter        Uptime   Exp.  Flags  Interface{_BLANK}
"""
_PER_ROW = 4


def _rows(
    ctx: Context, group: IPv4Address | None, interface: InterfaceName | None
) -> list[tuple[Interface, IgmpRouter, Membership]]:
    routers = ctx.router.service(MulticastService).segments.routers
    found = [
        (where, igmp, item)
        for where, igmp in routers.items()
        for item in igmp.groups.values()
        if interface in (None, where.name) and group in (None, item.group)
    ]
    return sorted(found, key=lambda row: (-int(row[2].group), row[0].name.sort_key()))


@TABLE.command(
    USER_EXEC,
    "show ip igmp groups [A.B.C.D$group|INTERFACE$interface]",
    f"{_SHOW}IGMP group membership information\nIP name or group address\nInterface name",
)
def show_groups(ctx: Context, group: IPv4Address | None = None, interface: InterfaceName | None = None) -> str:
    now = ctx.router.clock.now()
    lines = []
    for where, igmp, item in _rows(ctx, group, interface):
        ends = "never" if item.group in igmp.config.static else span(item.expires_at - now)
        times = f"{span(now - item.since):<10}{ends:<10}"
        lines.append(f"{item.group!s:<16} {where.name!s:<24} {times}{item.last_reporter!s:<15}".rstrip())
    return GROUPS + "".join(f"{line}\n" for line in lines)


@TABLE.command(
    USER_EXEC,
    "show ip igmp membership [A.B.C.D$group]",
    f"{_SHOW}IGMP membership information for forwarding\nIP name or group address",
)
def show_membership(ctx: Context, group: IPv4Address | None = None) -> str:
    now = ctx.router.clock.now()
    lines = []
    for where, igmp, item in _rows(ctx, group, None):
        static = item.group in igmp.config.static
        local = where.address == item.last_reporter
        flags = f"{item.version}{'L' if local else ''}{'S' if static else ''}A"
        left = "stop" if static else span(item.expires_at - now)[3:]
        times = f"{span(now - item.since)} {left:<6}"
        lines.append(f" *,{item.group!s:<29}{item.last_reporter!s:<16}{times}{flags:<7}{where.name.short}")
    return MEMBERSHIP + "".join(f"{line}\n" for line in lines)


@TABLE.command(
    USER_EXEC, "show ip igmp interface [INTERFACE$interface]", f"{_SHOW}IGMP interface information\nInterface name"
)
def show_interfaces(ctx: Context, interface: InterfaceName | None = None) -> str:
    routers = ctx.router.service(MulticastService).segments.routers
    chosen = [(where, igmp) for where, igmp in routers.items() if interface in (None, where.name)]
    return "".join(f"{line}\n" for where, igmp in chosen for line in _interface(ctx, where, igmp))


def _interface(ctx: Context, where: Interface, igmp: IgmpRouter) -> list[str]:
    engine = ctx.router.service(MulticastService).engine
    config = igmp.config
    link = next(link for link in engine.links if link.config.name == str(where.name))
    version = ctx.router.ip.multicast.host(where).current_version(ctx.router.clock.now())
    configured = ctx.router.model.block(Interfaces).by_name.get(where.name)
    address = configured.address if configured is not None else None
    return [
        f"{where.name} is {'up' if where.admin_up else 'administratively down'}, line protocol is "
        f"{'up' if where.line_up else 'down'}",
        f"  Internet address is {address}",
        "  IGMP is enabled on interface",
        "  Multicast Routing table Default",
        f"  Current IGMP host version is {version}",
        f"  Current IGMP router version is {config.version}",
        f"  IGMP query interval is {config.query_interval} seconds",
        f"  IGMP configured query interval is {config.query_interval} seconds",
        f"  IGMP querier timeout is {config.querier_timeout} seconds",
        f"  IGMP configured querier timeout is {config.querier_timeout} seconds",
        f"  IGMP max query response time is {config.max_response} seconds",
        f"  Last member query count is {config.last_member_count}",
        f"  Last member query response interval is {round(config.last_member_interval * 1000)} ms",
        "  Inbound IGMP access group is not set",
        f"  IGMP activity: {igmp.joins} joins, {igmp.leaves} leaves",
        "  Multicast routing is enabled on interface",
        "  Multicast TTL threshold is 0",
        f"  Multicast designated router (DR) is {link.dr}{_this(link.is_dr)}",
        f"  IGMP querying router is {igmp.querier}{_this(igmp.is_querier)}",
        *_joined(ctx, where),
    ]


def _this(ours: bool) -> str:
    return f" (this system){_BLANK}" if ours else _BLANK


def _joined(ctx: Context, where: Interface) -> list[str]:
    users = [f"{group}({count})" for group, count in ctx.router.ip.multicast.users(where).items()]
    if not users:
        return ["  No multicast groups joined by this system"]
    rows = [users[start : start + _PER_ROW] for start in range(0, len(users), _PER_ROW)]
    return ["  Multicast groups joined by this system (number of users):", *(f"      {'  '.join(row)}" for row in rows)]
