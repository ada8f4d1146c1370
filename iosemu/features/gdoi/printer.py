"""`crypto gdoi group` blocks of the running-config."""

from __future__ import annotations

from iosemu.features.gdoi.config import (
    DEFAULT_REKEY_LIFETIME,
    DEFAULT_RETRANSMIT,
    GdoiGroup,
    GdoiGroups,
    LocalServer,
    SaIpsec,
)
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section


def _paragraphs(router: Router) -> list[Lines]:
    return [_group(group) for group in router.model.block(GdoiGroups).groups.values()]


def _group(group: GdoiGroup) -> Lines:
    lines = [f"crypto gdoi group {group.name}", *(f" {line}" for line in group.identity_lines())]
    lines += [f" {line}" for line in group.server_lines()]
    if group.registration_interface:
        lines.append(f" client registration interface {group.registration_interface}")
    if group.local:
        lines += [" server local", *(f"  {line}" for line in _server(group.local))]
    return lines


def _server(server: LocalServer) -> Lines:
    lines = []
    if server.rekey_algorithm != "3des-cbc":
        lines.append(f"rekey algorithm {server.rekey_algorithm}")
    if server.sig_hash != "sha":
        lines.append(f"rekey sig-hash algorithm {server.sig_hash}")
    if server.rekey_lifetime != DEFAULT_REKEY_LIFETIME:
        lines.append(f"rekey lifetime seconds {server.rekey_lifetime}")
    if server.retransmit != DEFAULT_RETRANSMIT or server.rsa_label:
        interval, number = server.retransmit
        lines.append(f"rekey retransmit {interval} number {number}")
    if server.rsa_label:
        lines.append(f"rekey authentication mypubkey rsa {server.rsa_label}")
    if server.unicast:
        lines.append("rekey transport unicast")
    if server.acknowledgement != "cisco":
        lines.append(f"rekey acknowledgement {server.acknowledgement}")
    if server.authorization:
        lines.append(f"authorization address ipv4 {server.authorization}")
    if server.group_size:
        lines.append(f"group size {server.group_size}")
    for number in sorted(server.sas):
        lines += _sa(server.sas[number])
    if server.address:
        lines.append(f"address ipv4 {server.address}")
    return lines


def _sa(sa: SaIpsec) -> Lines:
    lines = [f"sa ipsec {sa.number}"]
    lines += [f" profile {sa.profile}"] if sa.profile else []
    lines += [f" match address ipv4 {sa.acl}"] if sa.acl else []
    lines.append(" no replay" if sa.replay_window is None else f" replay counter window-size {sa.replay_window}")
    return [*lines, " tag cts sgt" if sa.tag else " no tag"]


SECTION = Section(Place.GDOI_GROUP, _paragraphs)
