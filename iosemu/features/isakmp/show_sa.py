"""show crypto isakmp sa."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.vendor import detects_dead_peers
from iosemu.features.isakmp.service import IsakmpService

TABLE = CommandTable()
_WORDS = "Show running system information\nEncryption module\nShow ISAKMP\nShow ISAKMP Security Associations"
CODES = """Codes: C - IKE configuration mode, D - Dead Peer Detection
       K - Keepalives, N - NAT-traversal
       T - cTCP encapsulation, X - IKE Extended Authentication
       psk - Preshared key, rsig - RSA signature
       renc - RSA encryption
"""
_TITLE = "C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap."
_METHODS = {Authentication.PRE_SHARED: "psk", Authentication.RSA_SIGNATURES: "rsig"}


@TABLE.command(PRIV_EXEC, "show crypto isakmp sa", _WORDS)
def show_sa(ctx: Context) -> str:
    service = ctx.router.service(IsakmpService)
    rekey = [item for role in service.roles for item in role.rekey_sas()]
    rows = [(item.destination, item.source, "GDOI_REKEY", item.connection_id) for item in rekey]
    for sa in reversed(service.engine.sas):
        ends = (sa.remote, sa.local) if sa.initiator else (sa.local, sa.remote)
        rows.append((str(ends[0].address), str(ends[1].address), sa.shown_state, sa.connection_id))
    lines = ["IPv4 Crypto ISAKMP SA", "dst             src             state          conn-id status"]
    lines += [f"{dst:<15} {src:<15} {state:<16} {number:>5} ACTIVE" for dst, src, state, number in rows]
    return "\n".join([*lines, "", "IPv6 Crypto ISAKMP SA", "", ""])


@TABLE.command(PRIV_EXEC, "show crypto isakmp sa detail", f"{_WORDS}\nShow ISAKMP SA detail")
def show_detail(ctx: Context) -> str:
    now = ctx.router.clock.now()
    text = f"{CODES}IPv4 Crypto ISAKMP SA\n\n{_TITLE}\n\n"
    for sa in reversed(ctx.router.service(IsakmpService).engine.sas):
        if sa.suite is not None:
            text += f"{_row(sa, now)}\n       Engine-id:Conn-id =  SW:{sa.connection_id - 1000}\n\n"
    return f"{text}IPv6 Crypto ISAKMP SA\n\n"


def _row(sa: IsakmpSa, now: float) -> str:
    assert sa.suite is not None
    left = max(0, round(sa.expires_at - now)) if sa.expires_at is not None else sa.suite.lifetime
    life = f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}"
    capabilities = ("D" if detects_dead_peers(sa.peer_vendor_ids) else "") + ("N" if sa.floated else "")
    name = "sha" if sa.suite.hash == "sha1" else sa.suite.hash
    method = _METHODS.get(sa.authentication, "ecdsa")
    ends = f"{sa.local.address!s:<15} {sa.remote.address!s:<15}"
    suite = f"{sa.suite.encryption:<4} {name:<6} {method:<4} {sa.suite.group:<2}"
    return f"{sa.connection_id:<5} {ends}        ACTIVE {suite} {life} {capabilities or '-'}"
