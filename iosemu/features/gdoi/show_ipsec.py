"""A group's part of `show crypto ipsec sa`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.tunnel import plaintext_mtu
from iosemu.engines.gdoi.acl import AclEntry
from iosemu.features.crypto_map.path import Connection
from iosemu.features.gdoi.member_role import Membership
from iosemu.features.gdoi.show_text import spi_text


def flows(membership: Membership, mtu: int, now: float) -> list[list[str]]:
    """The lines of each flow that the group protects."""
    found = []
    for entry in dict.fromkeys(entry for entry in membership.member.acl if entry.permit):
        sas = [sa for sa in membership.plane.sas.values() if entry in sa.entries]
        found.append(_flow(membership, entry, sorted(sas, key=lambda sa: sa.tek.expires_at), mtu, now))
    return found


def connections(membership: Membership) -> list[Connection]:
    """Both directions of each SA; the address is that of the network it protects."""
    rows = []
    for number, sa in enumerate(membership.plane.sas.values()):
        address = str(IPv4Address(sa.entries[0].source)) if sa.entries else ""
        name, out, into = sa.transform.short(), sa.counters.encapsulated, sa.counters.decapsulated
        rows.append(Connection(2 * number + 1, name, 0, into, 0, address))
        rows.append(Connection(2 * number + 2, name, out, 0, 0, address))
    return rows


def _flow(membership: Membership, entry: AclEntry, sas: list[EspSa], mtu: int, now: float) -> list[str]:
    counters = [sa.counters for sa in sas]
    out = sum(item.encapsulated for item in counters)
    into = sum(item.decapsulated for item in counters)
    sending = membership.plane.sending_sa(entry, now)
    lines = [
        "",
        "   protected vrf: (none)",
        f"   local  ident (addr/mask/prot/port): ({_ident(entry, True)})",
        f"   remote ident (addr/mask/prot/port): ({_ident(entry, False)})",
        f"   Group: {membership.member.config.group}",
        "   current_peer 0.0.0.0 port 848",
        "     PERMIT, flags={}",
        f"    #pkts encaps: {out}, #pkts encrypt: {out}, #pkts digest: {out}",
        f"    #pkts decaps: {into}, #pkts decrypt: {into}, #pkts verify: {into}",
        "    #pkts compressed: 0, #pkts decompressed: 0",
        "    #pkts not compressed: 0, #pkts compr. failed: 0",
        "    #pkts not decompressed: 0, #pkts decompress failed: 0",
        f"    #send errors {sum(item.send_errors for item in counters)},"
        f" #recv errors {sum(item.receive_errors for item in counters)}",
        "",
        f"     local crypto endpt.: {membership.member.config.local}, remote crypto endpt.: 0.0.0.0",
    ]
    if sending is not None:
        plain = plaintext_mtu(sending.transform, mtu)
        where = f"path mtu {mtu}, ip mtu {mtu}, ip mtu idb {membership.interface}"
        lines.append(f"     plaintext mtu {plain}, {where}")
        lines.append(f"     current outbound spi: {spi_text(sending.tek.spi)}")
    else:
        lines.append("     current outbound spi: 0x0(0)")
    lines += ["     PFS (Y/N): N, DH group: none", ""]
    for direction in ("inbound", "outbound"):
        lines.append(f"     {direction} esp sas:")
        for number, sa in enumerate(sas):
            lines += _sa(membership, sa, 2001 + 2 * number + (direction == "outbound"), now)
        lines += ["", f"     {direction} ah sas:", "", f"     {direction} pcp sas:", ""]
    return lines[:-1]


def _ident(entry: AclEntry, source: bool) -> str:
    address, wildcard = (
        (entry.source, entry.source_wildcard) if source else (entry.destination, entry.destination_wildcard)
    )
    port = entry.source_port if source else entry.destination_port
    return f"{IPv4Address(address)}/{IPv4Address(~wildcard & 0xFFFFFFFF)}/{entry.protocol}/{port}"


def _sa(membership: Membership, sa: EspSa, connection: int, now: float) -> list[str]:
    return [
        f"      spi: {spi_text(sa.tek.spi)}",
        f"        transform: {sa.tek.transform.display()} ,",
        "        in use settings ={Tunnel, }",
        f"        conn id: {connection}, flow_id: SW:{connection - 2000}, sibling_flags 80000040,"
        f" crypto map: {membership.map_name}",
        f"        sa timing: remaining key lifetime (sec): {sa.tek.remaining(now)}",
        "        Kilobyte Volume Rekey has been disabled",
        f"        IV size: {sa.tek.transform.iv_size} bytes",
        "        replay detection support: N",
        "        Status: ACTIVE(ACTIVE)",
    ]
