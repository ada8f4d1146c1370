"""show ip rpf."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.multicast.rpf import find_rpf

TABLE = CommandTable()


@TABLE.command(
    USER_EXEC,
    "show ip rpf A.B.C.D$address",
    "Show running system information\nIP information\nDisplay RPF information for multicast source\n"
    "IP name or address of multicast source",
)
def show_rpf(ctx: Context, address: IPv4Address) -> str:
    found = find_rpf(ctx.router, address)
    if found is None:
        return f"RPF information for ? ({address}) failed, no route exists\n"
    neighbor = f"? ({found.neighbor})" if found.neighbor is not None else f"? ({address}) - directly connected"
    lines = [
        f"RPF information for ? ({address})",
        f"  RPF interface: {found.interface.name}",
        f"  RPF neighbor: {neighbor}",
        f"  RPF route/mask: {found.prefix}",
        f"  RPF type: {found.kind}",
        "  Doing distance-preferred lookups across tables",
        "  RPF topology: ipv4 multicast base, originated from ipv4 unicast base",
    ]
    return "".join(f"{line}\n" for line in lines)
