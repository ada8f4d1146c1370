"""What a key server shows."""

from __future__ import annotations

from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.rekey_schedule import shortened_lifetime
from iosemu.engines.gdoi.replay import ReplayMethod
from iosemu.engines.gdoi.signatures import signature_size
from iosemu.features.gdoi.configuration.config import DEFAULT_REKEY_LIFETIME, GdoiGroup, LocalServer, SaIpsec
from iosemu.features.gdoi.entry_text import acl_line
from iosemu.features.gdoi.policy import replay_of
from iosemu.features.gdoi.shows.text import FIRST_HANDLE, version_text

METHODS = {ReplayMethod.NONE: "Disabled", ReplayMethod.COUNTER: "Count Based", ReplayMethod.TIME: "Time Based"}


def group_block(
    group: GdoiGroup, server: KeyServer | None, redundancy: list[str], lifetimes: dict[int, int], now: float
) -> list[str]:
    """The block of `show crypto gdoi` for a group; `redundancy` says how it cooperates with others. Remaining lifetimes
    appear once keys exist."""
    local = group.local
    assert local is not None
    members = len(server.members) if server else 0
    lines = [
        f"    Group Name               : {group.name} ({'Unicast' if local.unicast else 'Multicast'})",
        f"    Re-auth on new CRL       : {'Enabled' if local.crl_trustpoint else 'Disabled'}",
        f"    Group Identity           : {group.shown_identity}",
        "    Group Type               : GDOI (ISAKMP)",
        f"    Crypto Path              : {group.family}",
        "    Key Management Path      : ipv4",
        f"    Group Members            : {members}",
        f"    IPSec SA Direction       : {_direction(local)}",
        f"    IP D3P Window            : {_d3p(local)}",
        "    Split Resiliency Factor  : 0",
        "    CKM status               : Disabled",
        *redundancy,
        f"    Group Rekey Lifetime     : {local.rekey_lifetime or DEFAULT_REKEY_LIFETIME} secs",
    ]
    kek = server.kek if server else None
    if kek is not None:
        lines += ["    Group Rekey", f"        Remaining Lifetime   : {kek.remaining(now)} secs"]
    lines += [
        f"    Rekey Retransmit Period  : {local.retransmit[0]} secs",
        f"    Rekey Retransmit Attempts: {local.retransmit[1]}",
    ]
    if kek is not None:
        due = server.pushes.rounds.next_timer() if server else None
        left = 0 if due is None else max(0, int(due - now))
        lines += ["    Group Retransmit", f"        Remaining Lifetime   : {left} secs"]
    for number in sorted(local.sas):
        lines += ["", *_sa(local.sas[number], server, lifetimes.get(number, 0), now)]
    return [*lines, "", "     Group Server list       : Local", ""]


def _sa(sa: SaIpsec, server: KeyServer | None, lifetime: int, now: float) -> list[str]:
    replay = replay_of(sa)
    lines = [
        f"      IPSec SA Number        : {sa.number}",
        f"      IPSec SA Rekey Lifetime: {lifetime} secs",
        f"      Profile Name           : {sa.profile or ''}",
        f"      Replay method          : {METHODS[replay.method]}",
        f"      Replay Window Size     : {replay.window}",
        "      Tagging method         : Disabled",
    ]
    teks = [tek for tek in server.teks if tek.number == sa.number] if server else []
    if teks:
        lines += ["      SA Rekey", f"         Remaining Lifetime  : {max(t.remaining(now) for t in teks)} secs"]
    return [*lines, f"      ACL Configured         : access-list {sa.list_name}"]


def ks_block(group: GdoiGroup, server: KeyServer | None, redundancy: list[str]) -> list[str]:
    """The block of `show crypto gdoi ks`; `redundancy` says how it cooperates with others."""
    local = group.local
    assert local is not None
    style = local.acknowledgement.capitalize()
    return [
        f"Key Server Information For Group {group.name}:",
        f"    Group Name               : {group.name}",
        f"    Re-auth on new CRL       : {'Enabled' if local.crl_trustpoint else 'Disabled'}",
        f"    Group Identity           : {group.shown_identity}",
        "    Group Type               : GDOI (ISAKMP)",
        f"    Group Members            : {len(server.members) if server else 0}",
        f"    Rekey Acknowledgement Cfg: {style}",
        f"    IPSec SA Direction       : {_direction(local)}",
        f"    IP D3P Window            : {_d3p(local)}",
        "    Split Resiliency Factor  : 0",
        "    CKM status               : Disabled",
        "    ACL Configured: ",
        *(f"        access-list {local.sas[number].list_name}" for number in sorted(local.sas)),
        *redundancy,
        "",
    ]


def members_block(server: KeyServer) -> list[str]:
    """The block of `show crypto gdoi ks members`."""
    group = server.config.group
    retransmits = server.pushes.rounds.last.retransmits if server.pushes.rounds.last else 0
    lines = [
        "",
        f"Number of rekeys sent for group {group} : {server.pushes.sent}",
        f"Number of retransmits during the last rekey for group {group} : {retransmits}",
        f"Duration of the last rekey for group {group} : {_milliseconds(server)} msec",
        "",
    ]
    for address in sorted(server.members):
        lines += member_block(server, server.members[address])
    return lines


def _milliseconds(server: KeyServer) -> int:
    """A rekey that everybody acknowledges at once takes one."""
    return max(int(server.pushes.rounds.duration * 1000), 1 if server.pushes.sent else 0)


def member_block(server: KeyServer, member: Member) -> list[str]:
    """One member of `show crypto gdoi ks members`."""
    sent = "".join(f"{number:<6}" for number in member.sent)
    received = "".join(f"{number:<6}" for number in member.received)
    return [
        f"Group Member ID    : {member.address}  GM Version: {version_text(member.version)}",
        f" Group ID          : {server.config.identity.value}",
        f" Group Name        : {server.config.group}",
        " Group Type        : GDOI (ISAKMP)",
        " GM State          : Registered",
        f" Key Server ID     : {member.local.address}",
        f" Rekeys sent       : {member.rekeys_sent}",
        f" Rekeys retries    : {member.retries}",
        f" Rekey Acks Rcvd   : {member.acks_received}",
        f" Rekey Acks missed : {member.acks_missed}",
        "",
        f" Sent seq num : {sent}",
        f" Rcvd seq num : {received}",
        "",
        "",
    ]


def policy_block(group: GdoiGroup, server: KeyServer, now: float) -> list[str]:
    """The block of `show crypto gdoi ks policy`."""
    local = group.local
    assert local is not None
    handle = f"0x{FIRST_HANDLE:08X}"
    lines = [f"For group {group.name} (handle: {handle}) server {local.address or '0.0.0.0'} (handle: {handle}):", ""]
    if not server.teks:
        return lines
    sequence = server.kek.sequence if server.kek else 0
    lines.append(f"  # of teks : {len(server.teks)}  Seq num : {sequence}")
    lines += _kek_policy(group, server, now)
    for tek in sorted(server.teks, key=lambda tek: -tek.expires_at):
        lines += ["", *_tek_policy(group, server, tek, now)]
    return [*lines, ""]


def _kek_policy(group: GdoiGroup, server: KeyServer, now: float) -> list[str]:
    kek, local = server.kek, group.local
    if kek is None or local is None:
        return []
    key = server.config.signing_key
    size = signature_size(key) if key else 0
    due = server.kek_rekey_at()
    remaining = "n/a" if due is None else str(max(0, int(due - now)))
    transport = "Unicast" if local.unicast else "Multicast"
    ends = server.config.multicast if not local.unicast else None
    where = [f"    srcaddr : {ends[0].address}      destaddr : {ends[1].address}"] if ends else []
    management = "LKH" if kek.lkh else "disabled"
    return [
        f"  KEK POLICY (transport type : {transport})",
        *where,
        f"    spi : 0x{kek.spi.hex().upper()}",
        f"    management alg     : {management:<14}encrypt alg           : {kek.encryption.upper()}",
        f"    crypto iv length   : {len(kek.iv):<14}key size              : {len(kek.key)}",
        f"    orig life(sec)     : {kek.lifetime:<14}remaining life(sec)   : {kek.remaining(now)}",
        f"    time to rekey (sec): {remaining}",
        f"    sig hash algorithm : enabled       sig key length        : {len(kek.public_key)}",
        f"    sig size           : {size}",
        f"    sig key name       : {local.signing_label or ''}",
        f"    acknowledgement    : {local.acknowledgement.capitalize()}",
    ]


def _tek_policy(group: GdoiGroup, server: KeyServer, tek: Tek, now: float) -> list[str]:
    assert group.local is not None
    sa = group.local.sas.get(tek.number)
    due = server.tek_rekey_at(tek)
    remaining = "n/a" if due is None else str(max(0, int(due - now)))
    transform = tek.transform
    age = int(now - tek.born_at)
    shortened = max(0, int(tek.born_at + tek.lifetime - tek.expires_at))
    override = shortened_lifetime(tek.lifetime) if shortened else 0
    window = f"    override life(sec) : {override:<14}antireplay window size: {tek.replay.window}"
    return [
        "  TEK POLICY (encaps : ENCAPS_TUNNEL)",
        f"    spi                : 0x{tek.spi.hex().upper()}",
        f"    access-list        : {sa.list_name if sa else ''}",
        f"    transform          : {transform.display()}",
        f"    alg key size       : {transform.encryption_key_size:<14}"
        f"sig key size          : {transform.integrity_key_size}",
        f"    orig life(sec)     : {tek.lifetime:<14}remaining life(sec)   : {tek.remaining(now)}",
        f"    tek life(sec)      : {tek.lifetime:<14}elapsed time(sec)     : {age}",
        window,
        f"    time to rekey (sec): {remaining}",
        "",
    ]


def _direction(local: LocalServer) -> str:
    return SaDirection.INBOUND_ONLY.value if local.receive_only else SaDirection.BOTH.value


def _d3p(local: LocalServer) -> str:
    line = next((item.line for key, item in local.kept.items.items() if key.startswith("sa d3p")), "")
    return " ".join(reversed(line.split()[-2:])) if line else "Disabled"


def acl_block(group: GdoiGroup, server: KeyServer) -> list[str]:
    """The block of `show crypto gdoi ks acl`."""
    assert group.local is not None
    lines = [f"Group Name: {group.name}", " Configured ACL:"]
    for policy in server.config.teks:
        name = group.local.sas[policy.number].list_name
        lines += [f"   access-list {name}  {acl_line(entry)}" for entry in policy.acl]
    return [*lines, ""]
