"""show crypto session: phase 1 and the group's flows on each interface."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.gdoi.acl import AclEntry
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.acl.names import PROTOCOLS
from iosemu.features.gdoi.member_role import MemberRole, Membership
from iosemu.features.isakmp.service import IsakmpService

TABLE = CommandTable()
_SHOW = "Show running system information\nEncryption module\nShow crypto sessions (tunnels)"
CODES = """
Code: C - IKE Configuration mode, D - Dead Peer Detection
K - Keepalives, N - NAT-traversal, T - cTCP encapsulation
X - IKE Extended Authentication, F - IKE Fragmentation
R - IKE Auto Reconnect, U - IKE Dynamic Route Update
S - SIP VPN
"""


@TABLE.command(PRIV_EXEC, "show crypto session [detail$detail]", f"{_SHOW}\nShow detailed session information")
def show_session(ctx: Context, detail: str | None = None) -> str:
    now = ctx.router.clock.now()
    sas = ctx.router.service(IsakmpService).engine.sas
    text = f"Crypto session current status\n{CODES if detail else ''}\n"
    for membership in ctx.router.service(MemberRole).memberships.values():
        phase1 = [sa for sa in sas if sa.local.address == membership.member.config.local]
        text += "".join(f"{line}\n" for line in _session(membership, phase1, bool(detail), now)) + "\n"
    return text


def _session(membership: Membership, phase1: list[IsakmpSa], detail: bool, now: float) -> list[str]:
    protected = [entry for entry in membership.member.acl if entry.permit]
    active = bool(membership.plane.sas)
    state = ("UP-ACTIVE" if phase1 else "UP-NO-IKE") if active else ("UP-IDLE" if phase1 else "DOWN")
    lines = [f"Interface: {membership.interface}", f"Session status: {state:<14}", "Peer: 0.0.0.0 port 848 "]
    if detail:
        lines[-1] += "fvrf: (none) ivrf: (none)"
        lines += ["      Desc: (none)", "      Phase1_id: (none)"]
    lines.append("  Session ID: 0  ")
    for sa in phase1:
        ends = f"local {sa.local.address}/{sa.local.port} remote {sa.remote.address}/{sa.remote.port}"
        lines.append(f"  IKEv1 SA: {ends} Active ")
    for entry in dict.fromkeys(protected):
        sas = [sa for sa in membership.plane.sas.values() if entry in sa.entries]
        lines += [f"  IPSEC FLOW: permit {_flow(entry)} ", f"        Active SAs: {2 * len(sas)}, origin: crypto map"]
        lines += _traffic(sas, now) if detail else []
    return lines


def _traffic(sas: list[EspSa], now: float) -> list[str]:
    life = f"life (KB/Sec) KB Vol Rekey Disabled/{max((sa.tek.remaining(now) for sa in sas), default=0)}"
    counters = [sa.counters for sa in sas]
    into, out = sum(item.decapsulated for item in counters), sum(item.encapsulated for item in counters)
    lost = sum(item.receive_errors for item in counters), sum(item.send_errors for item in counters)
    return [
        f"        Inbound:  #pkts dec'ed {into} drop {lost[0]} {life}",
        f"        Outbound: #pkts enc'ed {out} drop {lost[1]} {life}",
    ]


def _flow(entry: AclEntry) -> str:
    names = {number: name for name, number in PROTOCOLS.items()}
    return (
        f"{names.get(entry.protocol, entry.protocol)} {_end(entry.source, entry.source_wildcard)} "
        f"{_end(entry.destination, entry.destination_wildcard)}"
    )


def _end(address: int, wildcard: int) -> str:
    if wildcard == 0:
        return f"host {IPv4Address(address)}"
    return f"{IPv4Address(address)}/{IPv4Address(~wildcard & 0xFFFFFFFF)}"
