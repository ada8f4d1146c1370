"""The replicated table of a group's members.

Every key server keeps all records. Each change, its own or one that it heard of, gets the next version of its table, so
that a peer needs only what came after the version that it has. Records of one member are ordered by a logical clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from iosemu.wire.coop_members import DatabaseForm, DatabasePart, MemberRecord, record_size

# How long it is remembered that a member was removed (seconds).
REMEMBER_REMOVED = 3600.0


class MemberDatabase:
    """Records by address, and in the order of their versions."""

    def __init__(self, local: IPv4Address) -> None:
        self.version = 0
        self._local = local
        self._clock = 0
        self._records: dict[IPv4Address, tuple[int, MemberRecord]] = {}
        # Records as they changed, the latest last; the dictionary keeps that order.
        self._removed_at: dict[IPv4Address, float] = {}

    def __len__(self) -> int:
        return len(self._records) - len(self._removed_at)

    def records(self) -> list[MemberRecord]:
        """The members that are there."""
        return [record for _, record in self._records.values() if not record.removed]

    def get(self, address: IPv4Address) -> MemberRecord | None:
        """The record of a member, also of one that was removed."""
        found = self._records.get(address)
        return found[1] if found else None

    def registered(self, address: IPv4Address, version: tuple[int, int, int]) -> None:
        """A member registered here."""
        self._clock += 1
        self._store(MemberRecord(address, self._local, self._clock, version), 0.0)

    def removed(self, address: IPv4Address, now: float) -> None:
        """A member is not to be told of rekeys any more."""
        found = self.get(address)
        if found is not None and not found.removed:
            self._clock += 1
            record = MemberRecord(address, found.owner, self._clock, found.version, True)
            self._store(record, now)

    def clear(self, now: float) -> None:
        """All members are gone."""
        for record in self.records():
            self.removed(record.address, now)

    def merge(self, records: Iterable[MemberRecord], now: float) -> list[MemberRecord]:
        """Take what is newer than what is known; returns it."""
        fresh = []
        for record in records:
            self._clock = max(self._clock, record.stamp)
            known = self.get(record.address)
            if known is None or _order(record) > _order(known):
                self._store(record, now)
                fresh.append(record)
        return fresh

    def changes(self, form: DatabaseForm, since: int, room: int, known: tuple[int, int] = (0, 0)) -> DatabasePart:
        """What changed after a version, as much of it as fits in `room` octets; at least one record. `known` is
        incarnation and version of the receiver's table."""
        if since >= self.version:
            return DatabasePart(form, *known, since, self.version)
        most = max(1, room // record_size(form))
        chosen: list[tuple[int, MemberRecord]] = []
        for version, record in reversed(self._records.values()):
            if version <= since:
                break
            chosen.append((version, record))
        chosen.reverse()
        complete = len(chosen) <= most
        chosen = chosen[:most]
        upto = self.version if complete else chosen[-1][0]
        return DatabasePart(form, *known, since, upto, complete, tuple(record for _, record in chosen))

    def forget_old(self, now: float) -> None:
        """Let go of members that were removed long ago."""
        for address in [item for item, time in self._removed_at.items() if time + REMEMBER_REMOVED < now]:
            del self._removed_at[address], self._records[address]

    def _store(self, record: MemberRecord, now: float) -> None:
        self.version += 1
        self._records.pop(record.address, None)
        self._records[record.address] = self.version, record
        if record.removed:
            self._removed_at[record.address] = now
        else:
            self._removed_at.pop(record.address, None)


def _order(record: MemberRecord) -> tuple[int, bool, int]:
    return record.stamp, record.removed, int(record.owner)
