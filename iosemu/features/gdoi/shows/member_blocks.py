"""What a group member shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.replay import Replay, ReplayMethod
from iosemu.engines.gdoi.restrictions import Restrictions
from iosemu.engines.gdoi.states import registering
from iosemu.features.gdoi.configuration.config import GdoiGroup
from iosemu.features.gdoi.entry_text import acl_line
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.shows.text import elapsed, spi_text, version_text
from iosemu.wire.gdoi.numbers import GDOI_PORT

SIG_HASHES = {name: f"HMAC_AUTH_{name.upper()}" for name in ("md5", "sha256", "sha384", "sha512")}
SIG_HASHES["sha1"] = "HMAC_AUTH_SHA"


def group_block(group: GdoiGroup, memberships: list[Membership], now: float) -> list[str]:
    """The block of `show crypto gdoi` for a group."""
    rekeys = sum(item.member.rekeys.received for item in memberships)
    servers = [str(address) for address in group.servers]
    lines = [
        f"    Group Name               : {group.name}",
        f"    Group Identity           : {group.shown_identity}",
        "    Group Type               : GDOI (ISAKMP)",
        f"    Crypto Path              : {group.family}",
        "    Key Management Path      : ipv4",
        f"    Rekeys received          : {rekeys}",
        f"    IPSec SA Direction       : {memberships[0].member.direction.value if memberships else 'Both'}",
        "",
        f"     Group Server list       : {servers[0] if servers else ''}",
        *(" " * 31 + server for server in servers[1:]),
        "",
    ]
    for membership in memberships:
        lines += member_block(membership, now)
        lines += _policy(membership, now)
    return lines


def member_block(membership: Membership, now: float) -> list[str]:
    """The block of `show crypto gdoi gm`."""
    member = membership.member
    group = member.config.group
    registered = member.registration.registered_with is not None
    where = "Registered with" if registered and not registering(member.state) else "Registering to"
    status = "Registering" if registering(member.state) else member.state.value
    again = max(0, int((member.registers_again_at or now) - now))
    last = elapsed(now - member.rekeys.last_at) if member.rekeys.last_at is not None else None
    received = [f"       Rekey Rcvd(hh:mm:ss)  : {last}" if last else "       Rekey Received        : never"]
    if member.held.multicast is None:
        counted = [
            f"       Unicast rekey received: {member.rekeys.received}",
            f"       Rekey ACKs sent       : {member.rekeys.acks_sent}",
            *received,
        ]
    else:
        counted = [f"       Multicast rekey rcvd  : {member.rekeys.received}"]
    recovery = member.recovery
    front, inside = membership.vrfs
    return [
        f"Group Member Information For Group {group}:",
        f"    IPSec SA Direction       : {member.direction.value}",
        f"    ACL Received From KS     : gdoi_group_{group}_temp_acl",
        "",
        f"    Group member             : {member.config.local!s:<16}vrf: {inside or 'None'}",
        f"       Local addr/port       : {member.config.local}/{GDOI_PORT}",
        f"       Remote addr/port      : {member.registration.server}/{GDOI_PORT}",
        f"       fvrf/ivrf             : {front or 'None'}/{inside or 'None'}",
        f"       Version               : {version_text(member.config.version)}",
        f"       Registration status   : {status}",
        f"       {where:<22}: {member.registration.registered_with or member.registration.server}",
        f"       Re-registers in       : {again} sec",
        f"       Succeeded registration: {member.registration.successes}",
        f"       Attempted registration: {member.registration.attempts}",
        f"       Last rekey from       : {member.rekeys.last_from or '0.0.0.0'}",
        f"       Last rekey seq num    : {member.rekeys.last_sequence}",
        *counted,
        "       PFS Rekey received    : 0",
        f"       DP Error Monitoring   : {'OFF' if recovery.interval is None else 'ON'}",
        f"       IPSEC init reg executed    : {recovery.executed}",
        f"       IPSEC init reg postponed   : {recovery.postponed}",
        f"       Active TEK Number     : {len(member.teks)}",
        f"       SA Track (OID/status) : {_track(membership)}",
        f"       Fail-Close Revert : {'Enabled' if membership.revert else 'Disabled'}",
        "",
    ]


def _track(membership: Membership) -> str:
    """The tracking object of the data SAs and its state."""
    return (
        "disabled" if membership.track is None else f"{membership.track}/{'UP' if membership.member.teks else 'DOWN'}"
    )


def _transforms(allowed: Restrictions) -> str:
    if allowed.transforms is None:
        return "any ESP"
    return _listed((item.display() for item in allowed.transforms), "none")


def _policy(membership: Membership, now: float) -> list[str]:
    member = membership.member
    allowed = member.config.restrictions
    ciphers = [f"{name} {bits}" if bits else name for name, bits in allowed.ciphers]
    last = elapsed(now - member.rekeys.last_at) if member.rekeys.last_at is not None else "never"
    lines = [
        f"       allowable rekey cipher: {_listed(ciphers)}",
        f"       allowable rekey hash  : {_listed(SIG_HASHES.get(name, name.upper()) for name in allowed.hashes)}",
        f"       allowable transformtag: {_transforms(allowed)}",
        "",
        "    Rekeys cumulative",
        f"       Total received        : {member.rekeys.received}",
        f"       After latest register : {member.rekeys.since_registration}",
        f"       Rekey Acks sents      : {member.rekeys.acks_sent}"
        if member.held.multicast is None
        else f"       Rekey Received        : {last}",
        "",
    ]
    if member.acl:
        lines += [*downloaded_acl(member), ""]
    lines += _kek(member, now)
    lines.append("TEK POLICY for the current KS-Policy ACEs Downloaded:")
    for interface in membership.interfaces:
        lines += [f"  {interface}:", *_data_sas(member, now)]
    local = f"  REG_GM: local_addr {member.config.local}"
    return [*lines, "", "KGS POLICY:", local, "", "P2P POLICY:", local, ""]


def _data_sas(member: GroupMember, now: float) -> list[str]:
    lines: list[str] = []
    for tek in sorted(member.teks, key=lambda tek: -tek.expires_at):
        transform = tek.transform
        lines += [
            "    IPsec SA:",
            f"        spi: {spi_text(tek.spi)}",
            f"        transform: {transform.display()}",
            f"        sa timing:remaining key lifetime (sec): ({tek.remaining(now)})",
            f"        {_replay(tek.replay)}",
            "        tag method : disabled",
            f"        alg key size: {transform.encryption_key_size} (bytes)",
            f"        sig key size: {transform.integrity_key_size} (bytes)",
            "        encaps: ENCAPS_TUNNEL",
            "",
        ]
    return lines


def _listed(names: Iterable[str], nothing: str = "any") -> str:
    return ", ".join(names) or nothing


def _replay(replay: Replay) -> str:
    if replay.method is ReplayMethod.TIME:
        return f"Anti-Replay(Time Based) : {replay.window} sec interval"
    return f"Anti-Replay(Counter Based) : {replay.window}"


def downloaded_acl(member: GroupMember) -> list[str]:
    """The key server's list."""
    head = f" ACL Downloaded From KS {member.registration.registered_with or member.registration.server}:"
    return [head, *(f"   access-list   {acl_line(entry)}" for entry in member.acl)]


def _kek(member: GroupMember, now: float) -> list[str]:
    kek = member.kek
    if kek is None:
        return []
    return [
        "KEK POLICY:",
        f"    Rekey Transport Type     : {'Unicast' if member.held.multicast is None else 'Multicast'}",
        f"    Lifetime (secs)          : {kek.remaining(now)}",
        f"    Encrypt Algorithm        : {kek.encryption.upper()}",
        f"    Key Size                 : {kek.display_bits}",
        f"    Sig Hash Algorithm       : {SIG_HASHES[kek.sig_hash]}",
        f"    Sig Key Length (bits)    : {len(kek.public_key) * 8}",
        "",
    ]


def rekey_block(membership: Membership, number: Callable[[Kek], int]) -> list[str]:
    """The block of `show crypto gdoi gm rekey`; `number` gives a KEK's connection ID."""
    member = membership.member
    lines = [
        f"Group {member.config.group} ({'Unicast' if member.held.multicast is None else 'Multicast'})",
        f"    Number of Rekeys received (cumulative)       : {member.rekeys.received}",
        f"    Number of Rekeys received after registration : {member.rekeys.since_registration}",
        f"    Number of Rekey Acks sent                    : {member.rekeys.acks_sent}"
        if member.held.multicast is None
        else f"    Multicast destination address                : {member.held.multicast}",
        "",
        "Rekey (KEK) SA information :",
        "          dst             src             conn-id  my-cookie  his-cookie",
    ]
    for name, kek in (("New     ", member.kek), ("Current ", member.held.old_kek), ("Previous", None)):
        if kek is None:
            lines.append(f"{name}: ---             ---               ---    ---        ---")
        else:
            own, other = kek.spi[8:12].hex().upper(), kek.spi[:4].hex().upper()
            ends = f"{member.rekey_address!s:<16}{member.registration.registered_with!s:<16}"
            lines.append(f"{name}: {ends}{number(kek):<9}{own}   {other}")
    return [*lines, ""]
