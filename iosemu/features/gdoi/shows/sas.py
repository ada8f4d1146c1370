"""show crypto gdoi: rekey and data SAs of members, and what a key server says of members and rekeys."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import CommandTable, Context
from iosemu.crypto.keys import parse_public_key
from iosemu.engines.acl import AclEntry
from iosemu.engines.gdoi.group_state import Duty
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.signatures import signature_size
from iosemu.engines.ike.phase1 import FIRST_CONNECTION_ID
from iosemu.features.gdoi.entry_text import address_text, network_text, protocol_text
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.gdoi.shows.server_blocks import member_block
from iosemu.features.gdoi.shows.table import memberships_of, show, text_of
from iosemu.features.gdoi.shows.text import FIRST_HANDLE, version_text
from iosemu.wire.gdoi.numbers import GDOI_PORT

TABLE = CommandTable()


@show(TABLE, "ipsec sa", "IPsec\nData SAs")
def show_ipsec_sa(ctx: Context) -> str:
    lines: list[str] = []
    for membership in memberships_of(ctx):
        lines += [f"SA created for group {membership.member.config.group}:", f"  {membership.interface}:"]
        for _ in range(len({tek.expires_at for tek in membership.member.teks})):
            lines += [line for entry in membership.member.acl for line in _entry(membership, entry)]
        lines.append("")
    return text_of(lines)


def _entry(membership: Membership, entry: AclEntry) -> list[str]:
    member = membership.member
    local = _ident(entry, entry.source, entry.source_wildcard)
    remote = _ident(entry, entry.destination, entry.destination_wildcard)
    tek = next((item for item in member.teks if entry in item.entries), member.teks[0])
    return [
        f"    protocol = {protocol_text(entry)}",
        f"      local ident  = {local}, port = {entry.source_port}",
        f"      remote ident = {remote}, port = {entry.destination_port}",
        f"      direction: {member.direction.value}, replay(method/window): {tek.replay}",
    ]


def _ident(entry: AclEntry, address: int, wildcard: int) -> str:
    if wildcard == entry.any_wildcard:
        return "ANY"
    return address_text(entry, address) if wildcard == 0 else network_text(entry, address, wildcard)


@show(TABLE, "rekey sa [detail$detail]", "Rekey\nRekey SAs\nAll there is")
def show_rekey_sa(ctx: Context, detail: str | None = None) -> str:
    lines: list[str] = []
    role = ctx.router.service(MemberRole)
    found = [(item, kek) for item in memberships_of(ctx) for kek in item.member.held.keks]
    if detail:
        made = role.connections.made
        lines += ["KEK SA DB STATS:", f"    num_active = {len(found)}", f"    num_malloc = {made}"]
        lines += [f"    num_free = {made - len(found)}", ""]
        for membership, kek in found:
            lines += _detail(membership, kek, role.connections.number(kek))
        return text_of(lines)
    for membership in memberships_of(ctx):
        lines += [
            f"{membership.member.config.group} REKEY SA",
            "dst             src             conn-id         status",
        ]
        for kek in membership.member.held.keks:
            ends = f"{membership.member.rekey_address!s:<16}{membership.member.registration.registered_with!s:<16}"
            lines.append(f"{ends}{role.connections.number(kek):<16}ACTIVE")
    return text_of(lines)


def _detail(membership: Membership, kek: Kek, number: int) -> list[str]:
    member = membership.member
    transport = "Unicast" if member.held.multicast is None else "Multicast"
    size = signature_size(parse_public_key(kek.public_key)) if kek.public_key else 0
    management = "LKH" if kek.lkh else "disabled"
    return [
        f"  KEK POLICY (transport type : {transport})",
        f"   Local addr/port : {member.rekey_address}/{GDOI_PORT}",
        f"   Remote addr/port : {member.registration.registered_with}/{GDOI_PORT}",
        f"    spi : 0x{kek.spi.hex().upper()}",
        f"    management alg     : {management:<12}encrypt alg       : {kek.encryption.upper():<10}",
        f"    crypto iv length   : {len(kek.iv):<12}key size          : {len(kek.key):<8}",
        f"    orig life(sec)     : {kek.lifetime:<10}",
        f"    sig hash algorithm : enabled     sig key length    : {len(kek.public_key):<8}",
        f"    sig size           : {size}",
        f"    acknowledgement    : {'Cisco' if kek.acknowledged else 'None'}",
        f"    conn_id (IKEv1)    : {number}",
        f"    seq num            : {kek.sequence:<12}prev seq num      : {max(0, kek.sequence - 1):<8}",
        f"    handle             : {FIRST_HANDLE + number - FIRST_CONNECTION_ID:08X}  ",
        f"    Interface          : {membership.interface}",
        f"    Group Name         : {member.config.group:<17}",
        "",
    ]


@show(TABLE, "ks members A.B.C.D$address", "Key server\nMembers\nAddress of a member")
def show_member(ctx: Context, address: IPv4Address) -> str:
    lines: list[str] = []
    for server in ctx.router.service(ServerRole).servers.values():
        member = server.members.get(address)
        lines += ["", "Group Member not Found", ""] if member is None else ["", *member_block(server, member)]
    return text_of(lines)


@show(TABLE, "ks members summary", "Key server\nMembers\nOne line for each")
def show_summary(ctx: Context) -> str:
    lines = ["Group Member Information : "]
    for server in ctx.router.service(ServerRole).servers.values():
        lines += ["", *_summary(server)]
    return text_of([*lines, ""])


def _summary(server: KeyServer) -> list[str]:
    """The members by the key server where they registered, those of this one first."""
    own = server.config.address
    sides: dict[IPv4Address, list[Member]] = {own: []} if own is not None else {}
    for address in sorted(server.members):
        member = server.members[address]
        redundant = server.duty is not Duty.ALONE and member.local.address != own
        sides.setdefault(member.local.address if redundant or own is None else own, []).append(member)
    lines = [
        f"Group Name: {server.config.group}, ID: {server.config.identity.value}, Group Members: {len(server.members)}"
    ]
    for side, members in sides.items():
        state = "LOCAL" if side == own or server.duty is Duty.ALONE else "REDUNDANT"
        lines.append(f"Key Server ID: {side}, GMDB state: {state}, Group Members: {len(members)}")
        lines.append("  Member ID     Version      Rekey sent     Rekey Ack missed")
        lines += [_row(member) for member in members] + [""]
    return lines[:-1] if sides else lines


def _row(member: Member) -> str:
    counts = f"{member.rekeys_sent:<16}{member.acks_missed}"
    return f"  {member.address}   {version_text(member.version):<15}{counts}"


@show(TABLE, "ks rekey", "Key server\nRekeys")
def show_ks_rekey(ctx: Context) -> str:
    now = ctx.router.clock.now()
    return text_of([line for server in ctx.router.service(ServerRole).servers.values() for line in _rekey(server, now)])


def _rekey(server: KeyServer, now: float) -> list[str]:
    config = server.config
    transport = "Unicast" if config.unicast else "Multicast"
    lines = [
        f"Group {config.group} ({transport})",
        f"    Number of Rekeys sent               : {server.pushes.sent}",
        f"    Number of Rekeys retransmitted      : {server.pushes.rounds.retransmitted}",
        f"    KEK rekey lifetime (sec)            : {config.kek.lifetime}",
    ]
    if server.kek is not None:
        lines.append(f"        Remaining lifetime (sec)        : {server.kek.remaining(now)}")
    number = "periodic" if config.kek.retransmit_periodic else str(config.kek.retransmit_attempts)
    lines += [
        f"    Retransmit period                   : {config.kek.retransmit_interval}",
        f"    Number of retransmissions           : {number}",
    ]
    for policy in config.teks:
        lines.append(f"    IPSec SA {policy.number}  lifetime (sec)         : {policy.lifetime}")
        teks = [tek for tek in server.teks if tek.number == policy.number]
        if teks:
            lines.append(f"        Remaining lifetime (sec)        : {max(tek.remaining(now) for tek in teks)}")
    return [*lines, ""]
