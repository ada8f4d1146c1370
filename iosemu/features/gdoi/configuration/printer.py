"""`crypto gdoi group` blocks of the running-config."""

from __future__ import annotations

from iosemu.features.gdoi.configuration.config import (
    DEFAULT_RETRANSMIT,
    GdoiGroup,
    GdoiGroups,
    LocalServer,
    SaIpsec,
)
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section
from iosemu.wire.gdoi.profile import RFC6407


def _paragraphs(router: Router) -> list[Lines]:
    return [_group(group) for group in router.model.block(GdoiGroups).groups.values()]


# The order of the lines by their leading words; what stands below a line moves with it.
GROUP_ORDER = ("identity", "server address", "server hostname", "client", "passive", "interop", "server local")
SERVER_ORDER = (
    "rekey address",
    "rekey algorithm",
    "rekey sig-hash",
    "rekey lifetime",
    "rekey retransmit",
    "rekey authentication",
    "rekey lkh",
    "rekey transport",
    "rekey acknowledgement",
    "authorization",
    "registration",
    "gdoi",
    "gikev2",
    "pfs",
    "group size",
    "identifier",
    "sa receive-only",
    "sa d3p",
    "sa pair-wise-keying",
    "sa ipsec",
    "address",
    "redundancy",
)


def _group(group: GdoiGroup) -> Lines:
    lines = [*group.identity_lines(), *group.server_lines(), *group.kept.lines()]
    lines += _client(group)
    if group.profile != RFC6407.name:
        lines.append(f"interop profile {group.profile}")
    if group.local:
        lines += ["server local", *(f" {line}" for line in _server(group.local))]
    family = "ipv6 " if group.ipv6 else ""
    opening = f"crypto {group.word} group {family}{group.name}"
    return [opening, *(f" {line}" for line in ordered(lines, GROUP_ORDER))]


def _client(group: GdoiGroup) -> Lines:
    lines = []
    if group.registration_interface:
        lines.append(f"client registration interface {group.registration_interface}")
    if group.rekey_ciphers:
        lines.append(f"client rekey encryption {' '.join(group.rekey_ciphers)}")
    if group.rekey_hashes:
        lines.append(f"client rekey hash {' '.join(group.rekey_hashes)}")
    if group.transform_sets:
        lines.append(f"client transform-sets {' '.join(group.transform_sets)}")
    if group.recovery_interval is not None:
        lines.append(f"client recovery-check interval {group.recovery_interval}")
    if group.active_sa_track is not None:
        lines.append(f"client status active-sa track {group.active_sa_track}")
    lines += ["client bypass-policy"] if group.bypass_policy else []
    lines += ["client fail-close revert"] if group.fail_close_revert else []
    return [*lines, "passive"] if group.passive else lines


def ordered(lines: Lines, order: tuple[str, ...]) -> Lines:
    """Sort lines by their leading words; indented ones stay below the line they follow."""
    blocks: list[Lines] = []
    for line in lines:
        if line.startswith(" "):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    ranks = {word: rank for rank, word in enumerate(order)}
    blocks.sort(key=lambda block: next((ranks[word] for word in order if block[0].startswith(word)), len(order)))
    return [line for block in blocks for line in block]


def _server(server: LocalServer) -> Lines:
    lines = server.kept.lines()
    if server.rekey_algorithm != "3des-cbc":
        lines.append(f"rekey algorithm {server.rekey_algorithm}")
    if server.sig_hash != "sha":
        lines.append(f"rekey sig-hash algorithm {server.sig_hash}")
    if server.rekey_lifetime is not None:
        lines.append(f"rekey lifetime seconds {server.rekey_lifetime}")
    interval, number = server.retransmit
    if server.retransmit_periodic:
        lines.append(f"rekey retransmit {interval} periodic")
    elif server.retransmit != DEFAULT_RETRANSMIT or server.signing_label:
        lines.append(f"rekey retransmit {interval} number {number}")
    if server.rekey_acl:
        lines.append(f"rekey address ipv4 {server.rekey_acl}")
    if server.signing_label:
        lines.append(f"rekey authentication mypubkey {server.signing_kind} {server.signing_label}")
    if server.lkh:
        lines.append("rekey lkh")
    if server.unicast:
        lines.append("rekey transport unicast")
    if server.acknowledgement != "cisco":
        lines.append(f"rekey acknowledgement {server.acknowledgement}")
    if server.authorization:
        lines.append(f"authorization address ipv4 {server.authorization}")
    if server.identity_list:
        lines.append(f"authorization identity {server.identity_list}")
    if server.registration_interface:
        lines.append(f"registration interface {server.registration_interface}")
    if server.crl_trustpoint:
        lines.append(f"registration periodic crl trustpoint {server.crl_trustpoint}")
    if server.receive_only:
        lines.append("sa receive-only")
    if server.identifier is not None:
        lines += ["identifier", *(_kssids(*item) for item in server.identifier)]
    if server.group_size:
        lines.append(f"group size {server.group_size}")
    for number in sorted(server.sas):
        lines += _sa(server.sas[number])
    if server.address:
        lines.append(f"address ipv4 {server.address}")
    if server.redundancy:
        lines += server.redundancy.lines()
    return ordered(lines, SERVER_ORDER)


def _kssids(first: int, last: int) -> str:
    return f" value {first}" if first == last else f" range {first} - {last}"


def _sa(sa: SaIpsec) -> Lines:
    lines = [f"sa ipsec {sa.number}"]
    lines += [f" profile {sa.profile}"] if sa.profile else []
    lines += [f" match address ipv4 {sa.acl}"] if sa.acl else []
    lines += [f" match address ipv6 {sa.acl6}"] if sa.acl6 else []
    if sa.replay_time is not None:
        lines.append(f" replay time window-size {sa.replay_time}")
    else:
        lines.append(" no replay" if sa.replay_window is None else f" replay counter window-size {sa.replay_window}")
    return [*lines, " tag cts sgt" if sa.tag else " no tag"]


SECTION = Section(Place.GDOI_GROUP, _paragraphs)
