"""show crypto gdoi ks coop."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.cli import CommandTable, Context
from iosemu.engines.coop.peers import Peer
from iosemu.engines.coop.server import CoopServer
from iosemu.features.gdoi.configuration.config import GdoiGroup
from iosemu.features.gdoi.cooperation.role import CoopRole
from iosemu.features.gdoi.shows.old_layouts import as_printed
from iosemu.features.gdoi.shows.table import served_groups, show, text_of
from iosemu.features.gdoi.shows.text import FIRST_HANDLE, version_text
from iosemu.wire.coop import CoopRole as RoleName
from iosemu.wire.coop_ids import ServerIds

TABLE = CommandTable()
ROLES = {
    RoleName.UNKNOWN: "Unknown",
    RoleName.SECONDARY: "Secondary",
    RoleName.ELECTION: "Election",
    RoleName.PRIMARY: "Primary",
}
SIZES = {24: "MEDIUM", 32: "LARGE"}
# Versions of the parts that key servers exchange.
INFRA = "2.0.0"
CLIENTS = (("KS_POLICY_CLIENT", "2.0.0"), ("GROUP_MEMBER_CLIENT", "2.0.1"), ("SID_CLIENT", "1.0.1"))
_KS = "Key server\nCooperative key servers\n"


@show(TABLE, "ks coop [detail]", _KS + "All there is")
def show_coop(ctx: Context) -> str:
    now = ctx.router.clock.now()
    servers = ctx.router.service(CoopRole).servers
    lines = []
    for group in served_groups(ctx):
        lines += as_printed(coop_block(group, servers.get(group.name), now), ctx.router.model)
    return text_of(lines)


@show(TABLE, "ks coop version", _KS + "Versions")
def show_version(ctx: Context) -> str:
    lines = [f"Cooperative key server infra Version : {INFRA} "]
    lines += [f"Client : {name} Version : {version} " for name, version in CLIENTS]
    return text_of([*lines[:-1], lines[-1].rstrip()])


@show(TABLE, "ks coop identifier [detail$detail]", _KS + "Sender IDs\nAll there is")
def show_identifier(ctx: Context, detail: str | None = None) -> str:
    servers = ctx.router.service(CoopRole).servers
    blocks = [identifier_block(group, servers.get(group.name), bool(detail)) for group in served_groups(ctx)]
    return text_of([line for block in blocks for line in block])


def coop_block(group: GdoiGroup, server: CoopServer | None, now: float) -> list[str]:
    """A group as its key server sees the others."""
    lines = [
        f"Crypto Gdoi Group Name :{group.name} ",
        f"        Group handle: {FIRST_HANDLE}, Local Key Server handle: {FIRST_HANDLE}",
    ]
    if server is None:
        return [*lines, "        *NO* redundancy configured for this group", ""]
    lines += [
        "",
        f"        Local Address: {server.config.local} ",
        f"        Local Priority: {server.config.priority:<9}",
        f"        Local KS Role: {ROLES[server.role]:<10}, Local KS Status: {'Alive':<10}",
        f"        Local KS version: {version_text(server.config.version)}",
        f"        Local COOP version: {version_text(server.config.coop_version)} ",
        *_timers(server, now),
        "        Peer Sessions:",
    ]
    for number, peer in enumerate(server.peers.values(), start=1):
        # Who voted for us has not said since that the election is over.
        voted = server.role is RoleName.PRIMARY and peer.role is RoleName.ELECTION
        lines += _peer(number, peer, RoleName.SECONDARY if voted else peer.role)
    return [*lines, ""]


def _timers(server: CoopServer, now: float) -> list[str]:
    remaining = max(0, int(server.timer_at - now)) if server.timer_at is not None else 0
    last = [
        "                Per-user timer remaining time: 0",
        f"                Antireplay Sequence Number: {server.sequence}",
    ]
    if server.role is RoleName.PRIMARY:
        return [
            "        Primary Timers: ",
            f"                Primary Refresh Policy Time: {server.config.timers.refresh:.0f} ",
            f"                Remaining Time: {remaining}",
            *last,
        ]
    blocked = "Yes" if server.blocked else "No"
    return [
        "        Secondary Timers: ",
        f"                Sec Primary Periodic Time: {server.config.timers.periodic:.0f} ",
        f"                Remaining Time: {remaining}, Retries: {server.retries}",
        f"                Invalid ANN PST recvd: {server.invalid_times}",
        f"                New GM Temporary Blocking Enforced?: {blocked}",
        *last,
    ]


def _peer(number: int, peer: Peer, role: RoleName) -> list[str]:
    counters = peer.counters
    versions = [
        f"                Peer Version: {version_text(peer.version)}",
        f"                Peer COOP version: {version_text(peer.coop_version)}",
    ]
    return [
        f"        Session {number}:",
        f"                Server handle: {FIRST_HANDLE + number}",
        f"                Peer Address: {peer.address}",
        *versions,
        f"                COOP Protocol: {peer.form.name.lower()}",
        f"                Peer Priority: {peer.priority:<16}",
        f"                Peer KS Role: {ROLES[role]:<10}, Peer KS Status: {peer.status.value:<10}",
        f"                Antireplay Sequence Number: {peer.sequence}",
        "",
        f"                IKE status: {peer.contact.value}",
        "                Counters:",
        f"                    Ann msgs sent: {counters.sent}",
        f"                    Ann msgs sent with reply request: {counters.sent_with_request}",
        f"                    Ann msgs recv: {counters.received} ",
        f"                    Ann msgs recv with reply request: {counters.received_with_request}",
        f"                    Packet sent drops: {counters.sent_drops} ",
        f"                    Packet Recv drops: {counters.received_drops} ",
        f"                    Total bytes sent: {counters.octets_sent} ",
        f"                    Total bytes recv: {counters.octets_received}",
        "",
    ]


def redundancy_lines(server: CoopServer | None) -> list[str]:
    """What `show crypto gdoi` and `show crypto gdoi ks` say of the cooperation."""
    if server is None:
        return []
    return [
        "    Redundancy               : Configured",
        f"        Local Address        : {server.config.local}",
        f"        Local Priority       : {server.config.priority}",
        "        Local KS Status      : Alive",
        f"        Local KS Role        : {ROLES[server.role]}",
        f"        Local KS Version     : {version_text(server.config.version)}",
        f"        Local COOP Version   : {version_text(server.config.coop_version)} ",
    ]


def identifier_block(group: GdoiGroup, server: CoopServer | None, detail: bool) -> list[str]:
    """The sender IDs that key servers have to give out; those of the others in detail."""
    lines = [f"COOP-KS Sender ID (SID) Information for Group {group.name}:", ""]
    if server is None:
        return [*lines, "    *NO* redundancy configured for this group", ""]
    own = server.server_ids() or ServerIds()
    shares = {peer.address: peer.server_ids or ServerIds() for peer in server.peers.values()}
    lines += [f"    Local KS Role: {ROLES[server.role]:<10}, Local KS Status: Alive"]
    lines += [f"        Local Address                : {server.config.local}", *_share(own, shares.values())]
    for peer in server.peers.values() if detail else ():
        share = shares[peer.address]
        others = [own, *(item for address, item in shares.items() if address != peer.address)]
        lines += [
            "",
            f"    Peer KS Role:  {ROLES[peer.role]} , Peer KS Status:  {peer.status.value}",
            f"        Peer Address                 : {peer.address}",
            *_share(share, others),
        ]
    return [*lines, ""]


def _share(share: ServerIds, others: Iterable[ServerIds]) -> list[str]:
    overlap = any(set(share.assigned) & set(other.assigned) for other in others)
    current = "none" if share.current is None else str(share.current)
    return [
        "        Next SID Client Operation    : NOTIFY",
        "        Re-initializing              : No",
        f"        KSSID Overlap                : {'Yes' if overlap else 'No'}",
        f"        SID Length (Group Size) Cfg  : {_size(share.configured_bits)}",
        f"        SID Length (Group Size) Used : {_size(share.used_bits)}",
        f"        Current KSSID In-Use         : {current}",
        f"        KSSID(s) Assigned            : {_ranges(share.assigned)}",
        f"        KSSID(s) Used                : {_ranges(share.used)}",
        "        Old KSSID(s) Used            : none",
    ]


def _size(bits: int) -> str:
    return f"{bits} bits ({SIZES.get(bits, 'SMALL')})"


def _ranges(numbers: tuple[int, ...]) -> str:
    """`0-3, 7`, or none."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs) or "none"
