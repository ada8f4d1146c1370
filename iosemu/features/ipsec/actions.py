"""clear crypto sa, clear crypto session."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.engines.ipsec.sa import Traffic
from iosemu.features.ipsec.role import TunnelRole
from iosemu.features.isakmp.service import IsakmpService

TABLE = CommandTable()
_CLEAR = "Reset functions\nEncryption subsystem\n"


@TABLE.command(
    PRIV_EXEC,
    "clear crypto sa [(peer A.B.C.D$peer|map WORD$name|counters$counters)]",
    _CLEAR
    + """Clear all crypto SAs
    Clear crypto SAs for a given crypto peer
    Address of the peer
    Clear crypto SAs for a given crypto map
    Crypto map name
    Reset the SA counters""",
)
def clear_sa(
    ctx: Context, peer: IPv4Address | None = None, name: str | None = None, counters: str | None = None
) -> None:
    role = ctx.router.service(TunnelRole)
    if counters:
        for state in role.engine.flows:
            state.traffic = Traffic()
            for pair in state.pairs:
                pair.traffic = state.traffic
    else:
        role.clear(lambda pair: peer in (None, pair.remote.address) and name in (None, pair.policy.key[1]))


@TABLE.command(
    PRIV_EXEC,
    "clear crypto session [remote A.B.C.D$peer]",
    f"{_CLEAR}Clear crypto sessions (tunnels)\nClear crypto sessions for a particular remote IKE endpoint\nIP address",
)
def clear_session(ctx: Context, peer: IPv4Address | None = None) -> None:
    clear_sa(ctx, peer)
    speaker = ctx.router.service(IsakmpService)
    for sa in speaker.engine.sas:
        if peer in (None, sa.remote.address):
            speaker.engine.delete(sa)
    speaker.pump()
