"""show crypto gdoi: replay, data plane counters, sender IDs, and the signing key."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.cli import CommandTable, Context
from iosemu.engines.esp.verdict import NO_SA, UNKNOWN_SPI
from iosemu.engines.gdoi.sender_ids import SenderIds
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.gdoi.shows.table import memberships_of, show, text_of

TABLE = CommandTable()
SIZES = {8: "SMALL", 12: "SMALL", 16: "SMALL", 24: "MEDIUM", 32: "LARGE"}


@show(TABLE, "gm replay", "Group member\nReplay protection")
def show_gm_replay(ctx: Context) -> str:
    now = ctx.router.clock.now()
    return text_of([line for item in memberships_of(ctx) for line in _member_replay(item, now)])


def _member_replay(membership: Membership, now: float) -> list[str]:
    time, clock = membership.plane.time, membership.member.held.time.clock
    lines = [f"Anti-replay Information For Group {membership.member.config.group}:", "  Timebased Replay:"]
    if clock is None:
        return [*lines, "         is not enabled", ""]
    lines += [
        f"    Replay Value             : {clock.value(now):.2f} secs",
        f"    Input Packets            : {time.received:<13}Output Packets            : {time.stamped}",
        f"    Input Error Packets      : {time.receive_errors:<13}Output Error Packets      : {time.send_errors}",
        f"    Time Sync Error          : {membership.member.held.time.errors:<13}"
        f"Max time delta            : {time.largest_delta:.2f} secs",
        "",
        "TBAR Error History (sampled at 10pak/min):",
    ]
    lines += [
        f"    {error.source} -> {error.destination}: my pseudotime {error.mine:.2f} secs,"
        f" peer pseudotime {error.peer:.2f} secs, window {error.window} sec"
        for error in time.history
    ] or ["    No TBAR errors detected"]
    return [*lines, ""]


@show(TABLE, "ks replay", "Key server\nReplay protection")
def show_ks_replay(ctx: Context) -> str:
    now = ctx.router.clock.now()
    lines = []
    for name, server in ctx.router.service(ServerRole).servers.items():
        lines += [f"Anti-replay Information For Group {name}:", "  Timebased Replay:"]
        due = server.synchronises_at()
        if server.pseudotime is None or not server.by_time:
            lines += ["         is not enabled", ""]
            continue
        left = 0 if due is None else max(0, int(due - now))
        lines += [
            f"    Replay Value             : {server.pseudotime.value(now):.2f} secs",
            f"    Remaining sync time      : {left} sec",
            "",
        ]
    return text_of(lines)


@show(TABLE, "gm dataplane counters", "Group member\nData plane\nCounters")
def show_counters(ctx: Context) -> str:
    return text_of([line for item in memberships_of(ctx) for line in _counters(item)])


def _counters(membership: Membership) -> list[str]:
    plane = membership.plane
    drops = plane.drops
    verify, no_sa, invalid = plane.totals.receive_errors, drops.get(NO_SA, 0), drops.get(UNKNOWN_SPI, 0)
    failed = plane.totals.send_errors - no_sa
    return [
        "",
        f"Data-plane statistics for group {membership.member.config.group}:",
        f"    #pkts encrypt            : {plane.totals.encapsulated:<12}"
        f"#pkts decrypt            : {plane.totals.decapsulated}",
        "    #pkts tagged (send)      : 0        #pkts untagged (rcv)     : 0",
        f"    #pkts no sa (send)       : {no_sa:<9}#pkts invalid sa (rcv)   : {invalid}",
        f"    #pkts encaps fail (send) : {failed:<9}#pkts decap fail (rcv)   : 0",
        f"    #pkts invalid prot (rcv) : 0        #pkts verify fail (rcv)  : {verify}",
        "    #pkts not tagged (send)  : 0        #pkts not untagged (rcv) : 0",
        "    #pkts internal err (send): 0        #pkts internal err (rcv) : 0",
    ]


@show(TABLE, "gm pubkey", "Group member\nThe public key of the key server")
def show_pubkey(ctx: Context) -> str:
    number = ctx.router.service(MemberRole).connections.number
    lines: list[str] = []
    for membership in memberships_of(ctx):
        member = membership.member
        lines.append(f"  GDOI Group: {member.config.group}")
        if member.kek is None:
            continue
        own, other = member.kek.spi[8:12].hex().upper(), member.kek.spi[:4].hex().upper()
        lines += [
            f"    KS IP Address: {member.registration.registered_with}",
            f"    conn-id: {number(member.kek)}    my-cookie:{own}    his-cookie:{other}",
            "    Key Data:",
        ]
        words = [member.kek.public_key[i : i + 4].hex().upper() for i in range(0, len(member.kek.public_key), 4)]
        lines += [f"      {' '.join(words[i : i + 8])} " for i in range(0, len(words), 8)]
        lines.append("")
    return text_of(lines)


@show(TABLE, "gm identifier [detail$detail]", "Group member\nSender IDs\nAll there is")
def show_gm_identifier(ctx: Context, detail: str | None = None) -> str:
    now = ctx.router.clock.now()
    lines: list[str] = []
    for membership in memberships_of(ctx):
        member = membership.member
        counter = any(tek.transform.counter_mode for tek in member.teks)
        bits = member.held.sid_bits or 24
        life = max((tek.remaining(now) for tek in member.teks), default=0)
        lines += [
            f"GM Sender ID (SID) Information for Group {member.config.group}:",
            "",
            f"  Group Member: {member.config.local!s:<17}vrf: None",
            f"    Transform Mode                  : {_mode(counter)}",
            f"    # of SIDs Last Requested        : {len(member.held.sids)}",
            "",
            f"    CURRENT SIDs: {', '.join(f'0x{sid:X}' for sid in member.held.sids) or 'None'}",
            "",
        ]
        if detail:
            lines += [
                "    NEXT SID REQUEST:",
                f"      TEK Lifetime                  : {life} sec",
                f"      SID Length (Group Size)       : {bits} bits ({SIZES.get(bits, 'MEDIUM')})",
                "",
            ]
        lines.append("")
    return text_of(lines)


@show(TABLE, "ks identifier [detail$detail]", "Key server\nSender IDs\nAll there is")
def show_ks_identifier(ctx: Context, detail: str | None = None) -> str:
    lines: list[str] = []
    for name, server in ctx.router.service(ServerRole).servers.items():
        ids = server.sender_ids
        counter = any(policy.transform.counter_mode for policy in server.config.teks)
        lines += [
            f"KS Sender ID (KSSID) Information for Group {name}:",
            "",
            f"    Transform Mode           : {_mode(counter)}",
            "    Re-initializing          : No",
            f"    SID Length (Group Size)  : {ids.bits} bits ({SIZES.get(ids.bits, 'MEDIUM')})",
            f"    Current KSSID In-Use     : {'none' if ids.current is None else ids.current}",
            f"    Last GMSID Used          : {'none' if ids.last is None else ids.last}",
            "",
            *(_server_ids(ids) if detail else []),
        ]
    return text_of(lines)


def _server_ids(ids: SenderIds) -> list[str]:
    remaining = f"{ids.remaining}" if ids.assigned or ids.last is not None else "none"
    return [
        f"    KSSID(s) Assigned        : {_ranges(ids.assigned)}",
        f"    KSSID(s) Used            : {_ranges(sorted(ids.used))}",
        "    KSSID(s) Used (Old)      : none",
        f"    Available KSSID(s)       : {_ranges(ids.available)}",
        "",
        f"    REMAINING SIDs: {remaining}",
        "",
    ]


def _mode(counter: bool) -> str:
    return "Counter (Suite-B)" if counter else "Non-Counter (Non-Suite-B)"


def _ranges(numbers: Iterable[int]) -> str:
    """`0-3, 7`."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found) or "none"
