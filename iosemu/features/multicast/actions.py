"""clear ip mroute, clear ip igmp group."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.multicast.service import MulticastService

TABLE = CommandTable()


@TABLE.command(
    PRIV_EXEC,
    "clear ip mroute (*|A.B.C.D$group)",
    "Reset functions\nIP\nDelete multicast route table entries\nDelete all multicast routes\nIP group address",
)
def clear_mroute(ctx: Context, group: IPv4Address | None = None) -> None:
    ctx.router.service(MulticastService).clear(group)


@TABLE.command(
    PRIV_EXEC,
    "clear ip igmp group [A.B.C.D$group]",
    "Reset functions\nIP\nIGMP clear commands\nDelete IGMP group cache entries\nIP group address",
)
def clear_group(ctx: Context, group: IPv4Address | None = None) -> None:
    """Members that are still there report themselves to the next query."""
    ctx.router.service(MulticastService).clear_members(group)
