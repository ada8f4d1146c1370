"""PIM version 2: sparse mode (RFC 7761 section 4.9) and the messages that dense mode adds (RFC 3973 section 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.wire.buffer import Reader
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError
from iosemu.wire.pim_addresses import (
    TreeSource,
    pack_group,
    pack_source,
    pack_unicast,
    read_group,
    read_source,
    read_unicast,
)

ALL_PIM_ROUTERS = IPv4Address("224.0.0.13")
VERSION = 2
HEADER = 4
# The part of a register that its checksum covers: the header and the flags.
_REGISTER_HEAD = 8
_NULL_REGISTER = 0x40000000
_RPT = 0x80000000


class PimType(IntEnum):
    """Kinds of messages."""

    HELLO = 0
    REGISTER = 1
    REGISTER_STOP = 2
    JOIN_PRUNE = 3
    ASSERT = 5
    GRAFT = 6
    GRAFT_ACK = 7


class HelloOption(IntEnum):
    """Options of a hello."""

    HOLD_TIME = 1
    LAN_PRUNE_DELAY = 2
    DR_PRIORITY = 19
    GENERATION_ID = 20
    STATE_REFRESH = 21


@dataclass(frozen=True, slots=True)
class Hello:
    """Who is there. `hold_time` in seconds; an option that is absent is None, one that is unknown is skipped.
    `prune_delay` has the propagation delay and the override interval in milliseconds, `state_refresh` the interval of
    refreshes in seconds, 0 where none are sent."""

    hold_time: int = 105
    dr_priority: int | None = None
    generation_id: int | None = None
    prune_delay: tuple[int, int] | None = None
    state_refresh: int | None = None

    @classmethod
    def read(cls, reader: Reader) -> Hello:
        """Read the options; raises WireError."""
        found: dict[int, Reader] = {}
        while reader.remaining:
            kind, size = reader.u16(), reader.u16()
            found[kind] = reader.sub(size)
        numbers = {HelloOption.DR_PRIORITY: 4, HelloOption.GENERATION_ID: 4, HelloOption.HOLD_TIME: 2}
        for kind, size in (numbers | {HelloOption.LAN_PRUNE_DELAY: 4, HelloOption.STATE_REFRESH: 4}).items():
            if kind in found and found[kind].remaining != size:
                raise WireError(f"PIM hello option {kind.name} of {found[kind].remaining} octets")
        hold, priority = found.get(HelloOption.HOLD_TIME), found.get(HelloOption.DR_PRIORITY)
        generation, delay = found.get(HelloOption.GENERATION_ID), found.get(HelloOption.LAN_PRUNE_DELAY)
        refresh = found.get(HelloOption.STATE_REFRESH)
        return cls(
            hold.u16() if hold else 105,
            priority.u32() if priority else None,
            generation.u32() if generation else None,
            (delay.u16() & 0x7FFF, delay.u16()) if delay else None,
            refresh.u16() & 0xFF if refresh else None,
        )

    def body(self) -> bytes:
        """The options, in the order of their numbers."""
        options = [(HelloOption.HOLD_TIME, self.hold_time.to_bytes(2, "big"))]
        if self.prune_delay is not None:
            octets = b"".join(value.to_bytes(2, "big") for value in self.prune_delay)
            options.append((HelloOption.LAN_PRUNE_DELAY, octets))
        if self.dr_priority is not None:
            options.append((HelloOption.DR_PRIORITY, self.dr_priority.to_bytes(4, "big")))
        if self.generation_id is not None:
            options.append((HelloOption.GENERATION_ID, self.generation_id.to_bytes(4, "big")))
        if self.state_refresh is not None:
            options.append((HelloOption.STATE_REFRESH, bytes((1, self.state_refresh, 0, 0))))
        return b"".join(kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value for kind, value in options)

    def pack(self) -> bytes:
        """The octets of the message."""
        return _message(PimType.HELLO, self.body())


@dataclass(frozen=True, slots=True)
class Register:
    """A source's packet on its way to the RP; a null register has only its IP header. The border bit is not used."""

    packet: bytes
    null: bool = False

    @classmethod
    def read(cls, reader: Reader) -> Register:
        """Read flags and packet; raises WireError."""
        flags = reader.u32()
        return cls(reader.rest(), bool(flags & _NULL_REGISTER))

    def pack(self) -> bytes:
        """The octets of the message; the checksum leaves out the packet (RFC 7761 section 4.9.3)."""
        head = _message(PimType.REGISTER, (_NULL_REGISTER if self.null else 0).to_bytes(4, "big"))
        return head + self.packet


@dataclass(frozen=True, slots=True)
class RegisterStop:
    """The RP wants no more registers of a source."""

    group: IPv4Address
    source: IPv4Address

    @classmethod
    def read(cls, reader: Reader) -> RegisterStop:
        """Read group and source; raises WireError."""
        return cls(read_group(reader), read_unicast(reader))

    def pack(self) -> bytes:
        """The octets of the message."""
        return _message(PimType.REGISTER_STOP, pack_group(self.group) + pack_unicast(self.source))


@dataclass(frozen=True, slots=True)
class GroupSet:
    """What a join/prune message says of one group."""

    group: IPv4Address
    joins: tuple[TreeSource, ...] = ()
    prunes: tuple[TreeSource, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinPrune:
    """Joins and prunes for the neighbour `upstream`; grafts and their acknowledgements look the same (`kind`).
    `hold_time` in seconds."""

    upstream: IPv4Address
    groups: tuple[GroupSet, ...]
    hold_time: int = 210
    kind: PimType = PimType.JOIN_PRUNE

    @classmethod
    def read(cls, reader: Reader, kind: PimType) -> JoinPrune:
        """Read the message; raises WireError."""
        upstream = read_unicast(reader)
        reader.u8()
        count, hold_time = reader.u8(), reader.u16()
        return cls(upstream, tuple(_read_set(reader) for _ in range(count)), hold_time, kind)

    def pack(self) -> bytes:
        """The octets of the message."""
        body = pack_unicast(self.upstream) + bytes((0, len(self.groups))) + self.hold_time.to_bytes(2, "big")
        for item in self.groups:
            body += pack_group(item.group) + len(item.joins).to_bytes(2, "big") + len(item.prunes).to_bytes(2, "big")
            body += b"".join(pack_source(source) for source in (*item.joins, *item.prunes))
        return _message(self.kind, body)


@dataclass(frozen=True, slots=True)
class Assert:
    """How far the sender is from the source, or with `rpt` from the RP; smaller numbers are better."""

    group: IPv4Address
    source: IPv4Address
    rpt: bool
    preference: int
    metric: int

    @classmethod
    def read(cls, reader: Reader) -> Assert:
        """Read the message; raises WireError."""
        group, source, preference = read_group(reader), read_unicast(reader), reader.u32()
        return cls(group, source, bool(preference & _RPT), preference & ~_RPT, reader.u32())

    def pack(self) -> bytes:
        """The octets of the message."""
        preference = self.preference | (_RPT if self.rpt else 0)
        numbers = preference.to_bytes(4, "big") + self.metric.to_bytes(4, "big")
        return _message(PimType.ASSERT, pack_group(self.group) + pack_unicast(self.source) + numbers)


Pim = Hello | Register | RegisterStop | JoinPrune | Assert


def parse_pim(data: bytes) -> Pim | None:
    """Read a message, None for one of a kind that is not known; raises WireError for a wrong version, checksum or
    length."""
    reader = Reader(data)
    first = reader.u8()
    reader.take(HEADER - 1)
    if first >> 4 != VERSION:
        raise WireError(f"PIM version {first >> 4}")
    # Some compute the checksum of a register over all of it.
    covered = internet_checksum(data[:_REGISTER_HEAD]) if first & 0x0F == PimType.REGISTER else 1
    if covered and internet_checksum(data):
        raise WireError("PIM checksum")
    try:
        kind = PimType(first & 0x0F)
    except ValueError:
        return None
    found: Pim
    if kind in (PimType.JOIN_PRUNE, PimType.GRAFT, PimType.GRAFT_ACK):
        found = JoinPrune.read(reader, kind)
    else:
        found = _READERS[kind](reader)
    if reader.remaining:
        raise WireError(f"{reader.remaining} octets behind a PIM message")
    return found


_READERS: dict[PimType, Callable[[Reader], Pim]] = {
    PimType.HELLO: Hello.read,
    PimType.REGISTER: Register.read,
    PimType.REGISTER_STOP: RegisterStop.read,
    PimType.ASSERT: Assert.read,
}


def _message(kind: PimType, body: bytes) -> bytes:
    head = bytes((VERSION << 4 | kind, 0))
    return head + internet_checksum(head + b"\x00\x00" + body).to_bytes(2, "big") + body


def _read_set(reader: Reader) -> GroupSet:
    group, joins, prunes = read_group(reader), reader.u16(), reader.u16()
    return GroupSet(
        group,
        tuple(read_source(reader) for _ in range(joins)),
        tuple(read_source(reader) for _ in range(prunes)),
    )
