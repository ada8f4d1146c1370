"""clear ip nhrp, clear dmvpn session."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.nhrp.service import NhrpService

TABLE = CommandTable()


@TABLE.command(
    PRIV_EXEC,
    "clear ip nhrp [A.B.C.D$address]",
    "Reset functions\nIP\nClear NHRP cache\nDestination whose entries are removed",
)
def clear_nhrp(ctx: Context, address: IPv4Address | None = None) -> None:
    service = ctx.router.service(NhrpService)
    if address is None:
        service.clear()
    else:
        service.clear_address(address)


@TABLE.command(PRIV_EXEC, "clear dmvpn session", "Reset functions\nClear DMVPN state\nSessions of DMVPN peers")
def clear_sessions(ctx: Context) -> None:
    ctx.router.service(NhrpService).clear()
