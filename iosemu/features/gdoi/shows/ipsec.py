"""A group's part of `show crypto ipsec sa` and `show crypto engine connections active`."""

from __future__ import annotations

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.sending import sending_sa
from iosemu.engines.esp.time_replay import STAMP_OCTETS
from iosemu.engines.esp.tunnel import plaintext_mtu
from iosemu.engines.esp.verdict import NO_SA
from iosemu.engines.gdoi.replay import ReplayMethod
from iosemu.features.crypto_map.provider import Connection
from iosemu.features.crypto_map.sa_text import CounterText, FlowText, SaText, flow_lines
from iosemu.features.gdoi.entry_text import address_text, masked_text
from iosemu.features.gdoi.members.membership import Membership
from iosemu.wire.ipv4 import MINIMUM_HEADER
from iosemu.wire.ipv6 import HEADER


def flows(membership: Membership, mtu: int, detail: bool, now: float) -> list[list[str]]:
    """The lines of each flow that the group protects."""
    permits = dict.fromkeys(entry for entry in membership.member.acl if entry.permit)
    return [flow_lines(_flow(membership, entry, mtu, now), detail) for entry in permits]


def connections(membership: Membership) -> list[Connection]:
    """Both directions of each SA; the address is that of the network it protects."""
    rows = []
    for sa in membership.plane.sas.values():
        address = address_text(sa.entries[0], sa.entries[0].source) if sa.entries else ""
        name, out, into = sa.transform.short(), sa.counters.encapsulated, sa.counters.decapsulated
        rows.append(Connection(sa.connection_id, name, 0, into, 0, address))
        rows.append(Connection(sa.connection_id + 1, name, out, 0, 0, address))
    return rows


def _flow(membership: Membership, entry: AclEntry, mtu: int, now: float) -> FlowText:
    found = [sa for sa in membership.plane.sas.values() if entry in sa.entries]
    sas = sorted(found, key=lambda sa: sa.tek.expires_at)
    counters = [sa.counters for sa in sas]
    sending = sending_sa(membership.plane.sas.values(), entry, now)
    no_sa = 0 if sas else membership.plane.drops.get(NO_SA, 0)
    path = ""
    if sending is not None:
        stamp, header = STAMP_OCTETS if sending.tek.replay.by_time else 0, HEADER if entry.ipv6 else MINIMUM_HEADER
        plain, word = plaintext_mtu(sending.transform, mtu, stamp, header), "ipv6" if entry.ipv6 else "ip"
        path = f"plaintext mtu {plain}, path mtu {mtu}, {word} mtu {mtu}, {word} mtu idb {membership.interface}"
    return FlowText(
        (_ident(entry, True), _ident(entry, False)),
        "0.0.0.0 port 848",
        "",
        str(membership.member.config.local),
        "0.0.0.0",
        CounterText(
            sum(item.encapsulated for item in counters),
            sum(item.decapsulated for item in counters),
            sum(item.send_errors for item in counters) + no_sa,
            sum(item.receive_errors for item in counters),
            no_sa,
            sum(item.bad_icv for item in counters),
            sum(item.wrong_identity for item in counters),
            sum(item.replayed for item in counters),
        ),
        membership.member.config.group,
        path,
        sending.tek.spi if sending is not None else bytes(4),
        inbound=[_sa(membership, sa, sa.connection_id, now) for sa in sas],
        outbound=[_sa(membership, sa, sa.connection_id + 1, now) for sa in sas],
    )


def _ident(entry: AclEntry, source: bool) -> str:
    address, wildcard = (
        (entry.source, entry.source_wildcard) if source else (entry.destination, entry.destination_wildcard)
    )
    port = entry.source_port if source else entry.destination_port
    return f"{masked_text(entry, address, wildcard)}/{entry.protocol}/{port}"


def _sa(membership: Membership, sa: EspSa, connection: int, now: float) -> SaText:
    checked = sa.tek.replay.method is not ReplayMethod.NONE
    timing = (
        f"sa timing: remaining key lifetime (sec): {sa.tek.remaining(now)}",
        "Kilobyte Volume Rekey has been disabled",
    )
    return SaText(sa.tek.spi, sa.transform, "Tunnel", connection, membership.map_name, timing, checked)
