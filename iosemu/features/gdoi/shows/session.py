"""A group's part of `show crypto session`: phase 1 and the flows."""

from __future__ import annotations

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.gdoi.entry_text import address_text, masked_text, protocol_text
from iosemu.features.gdoi.members.membership import Membership


def session(membership: Membership, sas: list[IsakmpSa], detail: bool, now: float) -> list[str]:
    """The lines of a membership; `sas` are all phase 1 SAs of the router."""
    phase1 = [sa for sa in sas if sa.local == membership.member.config.endpoint]
    protected = [entry for entry in membership.member.acl if entry.permit]
    active = bool(membership.plane.sas)
    established = any(sa.established for sa in phase1)
    if active:
        state = "UP-ACTIVE" if established else "UP-NO-IKE"
    else:
        state = "UP-IDLE" if established else "DOWN-NEGOTIATING" if phase1 else "DOWN"
    lines = [f"Session status: {state:<14}", "Peer: 0.0.0.0 port 848 "]
    if detail:
        lines[-1] += "fvrf: (none) ivrf: (none)"
        lines += ["      Desc: (none)", "      Phase1_id: (none)"]
    lines.append("  Session ID: 0  ")
    for sa in phase1:
        ends = f"local {sa.local.address}/{sa.local.port} remote {sa.remote.address}/{sa.remote.port}"
        lines.append(f"  IKEv1 SA: {ends} {'Active' if sa.established else 'Inactive'} ")
    for entry in dict.fromkeys(protected):
        data = [sa for sa in membership.plane.sas.values() if entry in sa.entries]
        lines += [f"  IPSEC FLOW: permit {_flow(entry)} ", f"        Active SAs: {2 * len(data)}, origin: crypto map"]
        lines += _traffic(data, now) if detail else []
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
    source = _end(entry, entry.source, entry.source_wildcard)
    return f"{protocol_text(entry)} {source} {_end(entry, entry.destination, entry.destination_wildcard)}"


def _end(entry: AclEntry, address: int, wildcard: int) -> str:
    return f"host {address_text(entry, address)}" if wildcard == 0 else masked_text(entry, address, wildcard)
