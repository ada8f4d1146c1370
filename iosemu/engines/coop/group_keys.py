"""A key server's keys and members as the cooperative engine sees them (`KeyHolder`)."""

from __future__ import annotations

from collections.abc import Hashable
from hashlib import sha256
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.coop.records import (
    kek_record,
    policy_record,
    read_kek_record,
    read_policy_record,
    read_tek_record,
    tek_record,
)
from iosemu.engines.gdoi.config import ServerConfig, TekPolicy
from iosemu.engines.gdoi.group_state import Duty
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.number_pool import Stay
from iosemu.engines.gdoi.replay import PseudoClock
from iosemu.wire.coop import DIGEST_OCTETS, Fingerprint
from iosemu.wire.coop_ids import ServerIds
from iosemu.wire.coop_keys import KeySet, TekRecord
from iosemu.wire.coop_members import MemberRecord
from iosemu.wire.gdoi.numbers import GDOI_PORT


class GroupKeys:
    """Duty, keys and members of `server` are the group's from now on."""

    def __init__(self, server: KeyServer) -> None:
        self._server = server

    def wait(self) -> None:
        """Until it is known which keys are in force, none are made and nobody registers."""
        self._server.duty, self._server.blocked = Duty.SECONDARY, True
        self._server.sender_ids.share(True)
        # A hierarchy of keys is one key server's own: members that register elsewhere could not read its rekeys.
        self._server.tree = None
        if self._server.kek is not None:
            self._server.kek.lkh = False

    def release(self) -> None:
        """The key server is alone from now on."""
        self._server.duty, self._server.blocked = Duty.ALONE, False
        self._server.sender_ids.share(False)

    @property
    def revision(self) -> Hashable:
        """See `KeyHolder`."""
        return self._server.ring.revision

    @property
    def open_round(self) -> bool:
        """See `KeyHolder`."""
        return self._server.pushes.rounds.telling

    @property
    def series(self) -> int:
        """See `KeyHolder`."""
        return self._server.sender_ids.series

    def snapshot(self, now: float) -> KeySet:
        """See `KeyHolder`."""
        ring = self._server.ring
        return KeySet(
            kek=kek_record(ring.kek, now) if ring.kek is not None else None,
            teks=tuple(tek_record(tek, now) for tek in ring.teks),
            policies=tuple(policy_record(policy) for policy in ring.policies),
            series=ring.sender_ids.series,
            counting=ring.sender_ids.counting,
        )

    def lead(self, primary: bool, now: float, leap: int = 0) -> None:
        """See `KeyHolder`."""
        server = self._server
        server.duty, server.blocked = Duty.PRIMARY if primary else Duty.SECONDARY, False
        if primary:
            server.make_keys(now)
            if server.kek is not None:
                server.kek.sequence += leap

    def adopt(self, keys: KeySet, keep: frozenset[bytes], farewell: bool, now: float) -> None:
        """See `KeyHolder`."""
        server, ring = self._server, self._server.ring
        ring.drop_expired(now)
        kek, theirs, policies = _read(keys, now)
        kept = [tek for tek in ring.teks if tek.spi in keep]
        before = ring.kek
        self._forgive(theirs)
        ring.join(server.config, keys.series, keys.counting)
        if farewell and kek is not None and before is not None and before.spi != kek.spi:
            ring.install(before, [*kept, *theirs], policies)
            server.distribute(now, successor=kek)
        ring.install(kek, theirs, policies)
        ring.take_in(kept)

    def replace(self, keys: KeySet, farewell: bool, now: float) -> None:
        """See `KeyHolder`."""
        server, ring = self._server, self._server.ring
        ring.drop_expired(now)
        installed = _read(keys, now)
        self._forgive(installed[1])
        if farewell:
            server.send_away(now)
        ring.join(server.config, keys.series, keys.counting)
        ring.install(*installed)

    def unite(self, teks: tuple[TekRecord, ...], sequence: int, now: float) -> None:
        """See `KeyHolder`."""
        server = self._server
        server.ring.take_in([read_tek_record(record, now) for record in teks])
        if server.kek is not None:
            server.kek.sequence = max(server.kek.sequence, sequence)
        server.distribute(now)

    def refresh(self, now: float) -> None:
        """See `KeyHolder`."""
        self._server.distribute(now)

    def server_ids(self) -> ServerIds:
        """See `KeyHolder`."""
        ids = self._server.sender_ids
        bits = self._server.config.sid_bits
        return ServerIds(bits, ids.bits, ids.current, ids.claimed, tuple(ids.used), ids.left)

    @property
    def wants_numbers(self) -> bool:
        """See `KeyHolder`."""
        return self._server.sender_ids.wanting

    def hear_server_ids(self, peer: IPv4Address, theirs: ServerIds) -> set[int]:
        """See `KeyHolder`."""
        return self._server.sender_ids.hear(peer, theirs.assigned)

    def note_used(self, peer: IPv4Address, theirs: tuple[int, ...], ours: tuple[int, ...]) -> None:
        """See `KeyHolder`."""
        ids = self._server.sender_ids
        ids.note_used(peer, theirs)
        ids.burn(ours)

    def used_by(self, peer: IPv4Address) -> tuple[int, ...]:
        """See `KeyHolder`."""
        return self._server.sender_ids.used_by(peer)

    def hand_numbers(self, peer: IPv4Address, stay: Stay) -> frozenset[int]:
        """See `KeyHolder`."""
        return self._server.sender_ids.hand(peer, stay)

    def take_numbers(self, peer: IPv4Address, stay: Stay, numbers: frozenset[int]) -> None:
        """See `KeyHolder`."""
        self._server.sender_ids.pool.receive(peer, stay, numbers)

    def pseudotime(self, now: float) -> float | None:
        """See `KeyHolder`."""
        clock = self._server.pseudotime
        return clock.value(now) if clock is not None and self._server.by_time else None

    def set_pseudotime(self, value: float, now: float) -> None:
        """See `KeyHolder`."""
        self._server.pseudotime = PseudoClock(value - now)

    def add_member(self, record: MemberRecord, now: float) -> None:
        """See `KeyHolder`."""
        version = record.version if any(record.version) else None
        remote = Endpoint(record.address, GDOI_PORT)
        member = Member(record.address, Endpoint(record.owner, GDOI_PORT), remote, version, now)
        known = self._server.members.pop(record.address, None)
        if known is not None:
            member.take_history(known)
        self._server.members[record.address] = member

    def remove_member(self, record: MemberRecord) -> None:
        """See `KeyHolder`."""
        self._server.members.pop(record.address, None)
        self._server.pushes.rounds.forget(record.address)

    def _forgive(self, theirs: list[Tek]) -> None:
        if not {tek.spi for tek in theirs} & {tek.spi for tek in self._server.teks}:
            # All keys are new: their primary has made the members authenticate anew, or there were none.
            self._server.reauthentication_due = False


def _read(keys: KeySet, now: float) -> tuple[Kek | None, list[Tek], tuple[TekPolicy, ...]]:
    """The keys and policies of records; raises WireError for what is not known here."""
    kek = read_kek_record(keys.kek, now) if keys.kek is not None else None
    teks = [read_tek_record(record, now) for record in keys.teks]
    return kek, teks, tuple(read_policy_record(record) for record in keys.policies)


def fingerprint(config: ServerConfig) -> Fingerprint:
    """Digests of what must be the same on all key servers of a group."""
    kek = config.kek
    replays = [policy.replay for policy in config.teks]
    by_time = any(replay.by_time for replay in replays)
    teks = [(p.number, p.transform, p.lifetime, p.acl, p.receive_only) for p in config.teks]
    return Fingerprint(
        _digest(teks),
        _digest((kek.encryption, kek.key_bits, kek.lifetime, kek.sig_hash)),
        _digest((config.unicast, config.multicast[1] if config.multicast and not config.unicast else None)),
        bytes((by_time,)) + _digest(replays)[1:],
        _digest(config.signing_key.public.spki if config.signing_key is not None else None),
    )


def _digest(value: object) -> bytes:
    return sha256(repr(value).encode()).digest()[:DIGEST_OCTETS]
