"""The table of members as key servers tell each other (docs/coop-protocol.md section 5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from itertools import groupby

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

_HEAD = struct.Struct("!BBQIIII")
_BASE = struct.Struct("!4s4sI3sB")
_BLOCK = struct.Struct("!4s3sBH")
_ENTRY = struct.Struct("!4sI")
_REMOVED = 1
_COMPLETE = 1
MAXIMUM_RECORDS = 8000


class DatabaseForm(IntEnum):
    """`protocol version`: one record per member, or records that share what they have in common."""

    BASE = 1
    OPTIMIZE = 2

    @property
    def limit(self) -> int:
        """How many members a table in this form may have."""
        return 4000 if self is DatabaseForm.BASE else MAXIMUM_RECORDS


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One member. `owner` is the key server where it registered last, `stamp` orders what is said of it.

    A version of 0.0.0 is that of a foreign member. `removed` records keep a member away that was there.
    """

    address: IPv4Address
    owner: IPv4Address
    stamp: int
    version: tuple[int, int, int] = (0, 0, 0)
    removed: bool = False


@dataclass(frozen=True, slots=True)
class DatabasePart:
    """What changed in the sender's table after its version `since` (0: all of it) up to `upto`.

    `complete` says that `upto` is the end. `known_incarnation` and `known_version` are what the sender has of the
    receiver's table.
    """

    form: DatabaseForm = DatabaseForm.BASE
    known_incarnation: int = 0
    known_version: int = 0
    since: int = 0
    upto: int = 0
    complete: bool = True
    records: tuple[MemberRecord, ...] = ()

    def pack(self) -> bytes:
        """The body of the section."""
        head = _HEAD.pack(
            self.form,
            _COMPLETE if self.complete else 0,
            self.known_incarnation,
            self.known_version,
            self.since,
            self.upto,
            len(self.records),
        )
        return head + (_pack_base(self.records) if self.form is DatabaseForm.BASE else _pack_optimized(self.records))

    @classmethod
    def parse(cls, body: bytes) -> DatabasePart:
        """Read the body; raises WireError."""
        reader = Reader(body)
        form, flags, incarnation, version, since, upto, count = _HEAD.unpack(reader.take(_HEAD.size))
        if form not in list(DatabaseForm) or count > MAXIMUM_RECORDS:
            raise WireError(f"table of members in form {form} with {count} records")
        read = _read_base if form == DatabaseForm.BASE else _read_optimized
        records = read(reader, count)
        return cls(DatabaseForm(form), incarnation, version, since, upto, bool(flags & _COMPLETE), records)


def record_size(form: DatabaseForm) -> int:
    """Octets of one record, without what several share."""
    return _BASE.size if form is DatabaseForm.BASE else _ENTRY.size


def _pack_base(records: tuple[MemberRecord, ...]) -> bytes:
    return b"".join(
        _BASE.pack(item.address.packed, item.owner.packed, item.stamp, bytes(item.version), item.removed * _REMOVED)
        for item in records
    )


def _read_base(reader: Reader, count: int) -> tuple[MemberRecord, ...]:
    fields = _BASE.iter_unpack(reader.take(count * _BASE.size))
    return tuple(
        MemberRecord(IPv4Address(address), IPv4Address(owner), stamp, _version(version), bool(flags & _REMOVED))
        for address, owner, stamp, version, flags in fields
    )


def _shared(item: MemberRecord) -> tuple[bytes, bytes, bool]:
    return item.owner.packed, bytes(item.version), item.removed


def _pack_optimized(records: tuple[MemberRecord, ...]) -> bytes:
    """Blocks of records with the same owner, version and state."""
    parts = []
    for (owner, version, removed), group in groupby(sorted(records, key=_shared), _shared):
        members = list(group)
        parts.append(_BLOCK.pack(owner, version, removed * _REMOVED, len(members)))
        parts += [_ENTRY.pack(item.address.packed, item.stamp) for item in members]
    return b"".join(parts)


def _read_optimized(reader: Reader, count: int) -> tuple[MemberRecord, ...]:
    records: list[MemberRecord] = []
    while len(records) < count:
        owner, version, flags, members = _BLOCK.unpack(reader.take(_BLOCK.size))
        if not members or len(records) + members > count:
            raise WireError(f"block of {members} members where {count - len(records)} are left")
        records += [
            MemberRecord(IPv4Address(address), IPv4Address(owner), stamp, _version(version), bool(flags & _REMOVED))
            for address, stamp in _ENTRY.iter_unpack(reader.take(members * _ENTRY.size))
        ]
    return tuple(records)


def _version(octets: bytes) -> tuple[int, int, int]:
    return octets[0], octets[1], octets[2]
