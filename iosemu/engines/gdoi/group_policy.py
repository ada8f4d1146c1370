"""A group's policy in the SA payload that its members get (RFC 6407 section 5.2)."""

from __future__ import annotations

from iosemu.engines.gdoi.acl import PRIVATE_ACL_PAYLOAD, pack_acl
from iosemu.engines.gdoi.download import PRIVATE_REAUTHENTICATION_PAYLOAD, REAUTHENTICATION
from iosemu.engines.gdoi.group_state import GroupState
from iosemu.engines.gdoi.kek_payloads import sa_kek
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.rekey_schedule import time_on_the_way
from iosemu.engines.gdoi.replay import PRIVATE_REPLAY_PAYLOAD, ReplayPolicy
from iosemu.engines.gdoi.tek_payloads import sa_teks
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.attributes import Attribute
from iosemu.wire.gdoi.policy import GroupSa, SaKek
from iosemu.wire.isakmp import Payload


def registration_policy(group: GroupState, sa: IsakmpSa, now: float) -> GroupSa:
    """What a member that registers under `sa` gets."""
    private = sa.peer_version is not None
    kek = None
    if group.kek is not None:
        multicast = group.config.multicast if group.kek.destination is not None else None
        kek = sa_kek(group.kek, group.config.kek, *(multicast or (sa.local, sa.remote)), now, private)
    return group_sa(group, group.teks, now, kek, private)


def group_sa(
    group: GroupState,
    teks: list[Tek],
    now: float,
    kek: SaKek | None,
    private: bool,
    gap: tuple[Attribute, ...] | None = None,
    authenticate: bool = False,
) -> GroupSa:
    """Policy of these keys; `private` when the receiver knows our own payloads, `authenticate` as in a push."""
    payloads = _private_payloads(group, teks, now) if private else ()
    if private and authenticate:
        payloads = (*payloads, Payload(PRIVATE_REAUTHENTICATION_PAYLOAD, REAUTHENTICATION))
    return GroupSa(kek, gap, tuple(sa for tek in teks for sa in sa_teks(tek, now)), payloads)


def _private_payloads(group: GroupState, teks: list[Tek], now: float) -> tuple[Payload, ...]:
    acl = tuple(entry for policy in group.ring.policies for entry in policy.acl)
    pseudotime = None if group.pseudotime is None or not group.by_time else group.pseudotime.value(now)
    span = time_on_the_way(group.config.kek, len(group.members))
    replay = ReplayPolicy({tek.spi: tek.replay_record(now) for tek in teks}, pseudotime, span)
    return Payload(PRIVATE_ACL_PAYLOAD, pack_acl(acl)), Payload(PRIVATE_REPLAY_PAYLOAD, replay.pack())
