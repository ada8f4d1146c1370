"""Messages between the key servers of a group (docs/coop-protocol.md): a head and sections; unknown sections are
skipped."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from ipaddress import IPv4Address

from iosemu.wire.buffer import Reader
from iosemu.wire.coop_ids import HandedNumbers, ServerIds, pack_numbers, read_numbers
from iosemu.wire.coop_keys import KeySet
from iosemu.wire.coop_members import DatabasePart
from iosemu.wire.errors import WireError

FORMAT = 2
# Octets of a message; the numbers of its parts are one octet.
MAXIMUM_MESSAGE = 250_000
DIGEST_OCTETS = 8
_HEAD = struct.Struct("!BBHB4s4sBBQII3s3sQ")
_SECTION = struct.Struct("!BI")
_PRIMARY = struct.Struct("!4sBQI")
_NO_TIME = (1 << 64) - 1


class Kind(IntEnum):
    """What a message is for."""

    ANNOUNCEMENT = 1
    ELECTION = 2


class CoopRole(IntEnum):
    """What the sender is in the group."""

    UNKNOWN = 0
    SECONDARY = 1
    ELECTION = 2
    PRIMARY = 3


class CoopFlag(IntFlag):
    """What the sender wants."""

    NONE = 0
    REPLY_REQUESTED = 1
    REPLY = 2
    NEW_ELECTION = 4
    UNITE_KEYS = 8


class _Section(IntEnum):
    PRIMARY = 1
    FINGERPRINT = 2
    KEYS = 3
    DATABASE = 4
    SERVER_IDS = 5
    KNOWN_USED = 6
    HANDED_NUMBERS = 7


@dataclass(frozen=True, slots=True)
class PrimaryReport:
    """Who the sender takes for the primary, and the last beat of its heart that it knows of."""

    address: IPv4Address
    priority: int
    incarnation: int
    beat: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Digests of the sender's configuration: equal where the configuration is."""

    tek: bytes = bytes(DIGEST_OCTETS)
    kek: bytes = bytes(DIGEST_OCTETS)
    transport: bytes = bytes(DIGEST_OCTETS)
    replay: bytes = bytes(DIGEST_OCTETS)
    signing_key: bytes = bytes(DIGEST_OCTETS)

    def parts(self) -> tuple[bytes, ...]:
        """In the order of the fields."""
        return self.tek, self.kek, self.transport, self.replay, self.signing_key


@dataclass(frozen=True, slots=True)
class CoopMessage:
    """A message. `group` is the identity: type (0 number, 1 address) and value. `pseudotime` is in seconds, None while
    there is none. `incarnation` is drawn anew at every start of the sender, `sequence` counts its messages since.
    `primary` is a secondary's report; a primary's own beat is in `beat`."""

    group: tuple[int, bytes]
    sender: IPv4Address
    priority: int
    role: CoopRole
    incarnation: int
    sequence: int
    kind: Kind = Kind.ANNOUNCEMENT
    flags: CoopFlag = CoopFlag.NONE
    beat: int = 0
    server_version: tuple[int, int, int] = (0, 0, 0)
    coop_version: tuple[int, int, int] = (0, 0, 0)
    pseudotime: float | None = None
    primary: PrimaryReport | None = None
    fingerprint: Fingerprint | None = None
    keys: KeySet | None = field(default=None, repr=False)
    database: DatabasePart | None = None
    server_ids: ServerIds | None = None
    known_used: tuple[int, ...] = ()
    handed: HandedNumbers | None = None

    def pack(self) -> bytes:
        """The octets, before they are protected."""
        time = _NO_TIME if self.pseudotime is None else max(0, round(self.pseudotime * 1000))
        kind, value = self.group
        head = _HEAD.pack(
            FORMAT,
            self.kind,
            self.flags,
            kind,
            value,
            self.sender.packed,
            self.priority,
            self.role,
            self.incarnation,
            self.sequence,
            self.beat,
            bytes(self.server_version),
            bytes(self.coop_version),
            time,
        )
        return head + b"".join(_SECTION.pack(kind, len(body)) + body for kind, body in self._sections())

    def _sections(self) -> list[tuple[_Section, bytes]]:
        found: list[tuple[_Section, bytes]] = []
        if self.primary is not None:
            report = self.primary
            body = _PRIMARY.pack(report.address.packed, report.priority, report.incarnation, report.beat)
            found.append((_Section.PRIMARY, body))
        if self.fingerprint is not None:
            found.append((_Section.FINGERPRINT, b"".join(self.fingerprint.parts())))
        if self.keys is not None:
            found.append((_Section.KEYS, self.keys.pack()))
        if self.database is not None:
            found.append((_Section.DATABASE, self.database.pack()))
        if self.server_ids is not None:
            found.append((_Section.SERVER_IDS, self.server_ids.pack()))
        if self.known_used:
            found.append((_Section.KNOWN_USED, pack_numbers(self.known_used)))
        if self.handed is not None:
            found.append((_Section.HANDED_NUMBERS, self.handed.pack()))
        return found

    @classmethod
    def parse(cls, data: bytes) -> CoopMessage:
        """Read a message; raises WireError for another format, unknown kinds and roles, and whatever does not fit."""
        reader = Reader(data)
        head = _HEAD.unpack(reader.take(_HEAD.size))
        form, kind, flags, group, value, sender, priority, role, incarnation, sequence, beat, server, coop, time = head
        if form != FORMAT:
            raise WireError(f"format {form} of announcements is not known")
        if kind not in list(Kind) or role not in list(CoopRole):
            raise WireError(f"announcement of kind {kind} and role {role}")
        sections: dict[int, bytes] = {}
        while reader.remaining:
            name, length = _SECTION.unpack(reader.take(_SECTION.size))
            sections[name] = reader.take(length)
        keys, database = sections.get(_Section.KEYS), sections.get(_Section.DATABASE)
        server_ids, known_used = sections.get(_Section.SERVER_IDS), sections.get(_Section.KNOWN_USED)
        handed = sections.get(_Section.HANDED_NUMBERS)
        return cls(
            (group, value),
            IPv4Address(sender),
            priority,
            CoopRole(role),
            incarnation,
            sequence,
            Kind(kind),
            CoopFlag(flags & 0xF),
            beat,
            (server[0], server[1], server[2]),
            (coop[0], coop[1], coop[2]),
            None if time == _NO_TIME else time / 1000,
            _read_primary(sections.get(_Section.PRIMARY)),
            _read_fingerprint(sections.get(_Section.FINGERPRINT)),
            None if keys is None else KeySet.parse(keys),
            None if database is None else DatabasePart.parse(database),
            None if server_ids is None else ServerIds.parse(server_ids),
            () if known_used is None else read_numbers(Reader(known_used)),
            None if handed is None else HandedNumbers.parse(handed),
        )


def _read_primary(body: bytes | None) -> PrimaryReport | None:
    if body is None:
        return None
    address, priority, incarnation, beat = _PRIMARY.unpack(Reader(body).take(_PRIMARY.size))
    return PrimaryReport(IPv4Address(address), priority, incarnation, beat)


def _read_fingerprint(body: bytes | None) -> Fingerprint | None:
    if body is None:
        return None
    reader = Reader(body)
    return Fingerprint(*(reader.take(DIGEST_OCTETS) for _ in range(5)))
