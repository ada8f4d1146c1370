"""show ip pim."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.pim.links import Link, Neighbor
from iosemu.features.multicast.config import MulticastConfig
from iosemu.features.multicast.service import MulticastService
from iosemu.features.multicast.text import span
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nPIM information\n"
NEIGHBORS = """\
PIM Neighbor Table
Mode: B - Bidir Capable, DR - Designated Router, N - Default DR Priority,
      P - Proxy Capable, S - State Refresh Capable, G - GenID Capable,
      L - DR Load-balancing Capable
Neighbor          Interface                Uptime/Expires    Ver   DR
Address                                                            Prio/Mode
"""
RP_REACHABLE = 90
INTERFACES = """
Address          Interface                Ver/   Nbr    Query  DR         DR
                                          Mode   Count  Intvl  Prior
"""


def _links(ctx: Context, interface: InterfaceName | None) -> list[Link]:
    links = ctx.router.service(MulticastService).engine.links
    return [link for link in links if interface is None or link.config.name == str(interface)]


@TABLE.command(
    USER_EXEC, "show ip pim neighbor [INTERFACE$interface]", f"{_SHOW}PIM neighbor information\nInterface name"
)
def show_neighbors(ctx: Context, interface: InterfaceName | None = None) -> str:
    now = ctx.router.clock.now()
    rows = [_neighbor(link, item, now) for link in _links(ctx, interface) for _, item in sorted(link.neighbors.items())]
    return NEIGHBORS + "".join(f"{row}\n" for row in rows)


def _neighbor(link: Link, item: Neighbor, now: float) -> str:
    hello = item.hello
    modes = ["DR"] if link.dr == item.address else []
    modes += ["S"] if hello.state_refresh is not None else []
    modes += ["P", "G"] if hello.generation_id is not None else ["P"]
    times = f"{span(now - item.since)}/{span(item.expires_at - now)}"
    mode = " ".join(modes)
    priority = "N" if hello.dr_priority is None else str(hello.dr_priority)
    return f"{item.address!s:<17} {link.config.name:<24} {times:<17} v2    {priority} / {mode}"


@TABLE.command(
    USER_EXEC, "show ip pim interface [INTERFACE$interface]", f"{_SHOW}PIM interface information\nInterface name"
)
def show_interfaces(ctx: Context, interface: InterfaceName | None = None) -> str:
    rows = []
    for link in _links(ctx, interface):
        config = link.config
        mode, count, interval = f"v2/{config.mode.value}", len(link.neighbors), config.hello_interval
        numbers = f"{mode:<7}{count:<7}{interval:<7}{config.dr_priority:<10} {link.dr}"
        rows.append(f"{config.address!s:<16} {config.name:<24} {numbers}")
    return INTERFACES + "".join(f"{row}\n" for row in rows)


@TABLE.command(
    USER_EXEC,
    "show ip pim rp mapping [A.B.C.D$group]",
    f"{_SHOW}PIM Rendezvous Point (RP) information\nShow group-to-RP mappings\nGroup address",
)
def show_mappings(ctx: Context, group: IPv4Address | None = None) -> str:
    config = ctx.router.model.block(MulticastConfig)
    chosen = ctx.router.service(MulticastService).engine.rp_of(group) if group is not None else None
    lines = ["PIM Group-to-RP Mappings"]
    if any(ctx.router.ip.is_local(item.address) for item in config.rps):
        lines.append("This system is an RP")
    for item in config.rps:
        if group is not None and item.address != chosen:
            continue
        override = ", Override" if item.override else ""
        heading = (
            f"Acl: {item.access_list}, Static{override}"
            if item.access_list
            else f"Group(s): 224.0.0.0/4, Static{override}"
        )
        lines += ["", heading, f"    RP: {item.address} (?)"]
    return "".join(f"{line}\n" for line in lines)


@TABLE.command(
    USER_EXEC,
    "show ip pim rp [A.B.C.D$group]",
    f"{_SHOW}PIM Rendezvous Point (RP) information\nGroup address",
)
def show_rp(ctx: Context, group: IPv4Address | None = None) -> str:
    engine, now = ctx.router.service(MulticastService).engine, ctx.router.clock.now()
    rows = []
    for tree in engine.trees:
        if tree.source is None and tree.rp is not None and group in (None, tree.group):
            age = now - tree.created_at
            state = f"v2, uptime {span(age)}, expires never"
            if tree.rp in engine.config.own:
                # Version 1 told members that the RP lives; what is shown outlived it.
                state = f"next RP-reachable in {span(RP_REACHABLE - age % RP_REACHABLE)}"
            rows.append(f"Group: {tree.group}, RP: {tree.rp}, {state}")
    return "".join(f"{row}\n" for row in rows)
