"""Keys and policy of a group as key servers tell each other (docs/coop-protocol.md section 4).

Times are what was left when the message was made, in milliseconds, so that no two clocks need to agree. Access lists
and algorithms stay the octets and numbers of the protocols that they belong to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TypeVar

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

MAXIMUM_TEKS = 512
MAXIMUM_POLICIES = 256
MAXIMUM_RETIRED = 2048
_NUMBERS = struct.Struct("!HBHHBHBI")
_KEK = struct.Struct("!BHBBIIII")
_KEYS = struct.Struct("!4sIQBB")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SaNumbers:
    """What policy and data SA have in common: `sa ipsec` number, transform by its numbers, replay, lifetime in s."""

    number: int
    transform: int
    key_bits: int
    authentication: int
    replay_method: int
    replay_window: int
    receive_only: bool
    lifetime: int

    def pack(self) -> bytes:
        """Fifteen octets."""
        return _NUMBERS.pack(
            self.number,
            self.transform,
            self.key_bits,
            self.authentication,
            self.replay_method,
            self.replay_window,
            self.receive_only,
            self.lifetime,
        )

    @classmethod
    def read(cls, reader: Reader) -> SaNumbers:
        """The next one; raises WireError."""
        fields = _NUMBERS.unpack(reader.take(_NUMBERS.size))
        number, transform, bits, authentication, method, window, receive_only, lifetime = fields
        return cls(number, transform, bits, authentication, method, window, bool(receive_only), lifetime)


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One `sa ipsec` in force; `acl` with its deny entries, in the form of the private access list payload."""

    sa: SaNumbers
    acl: bytes


@dataclass(frozen=True, slots=True)
class TekRecord:
    """A data SA with its keys; `remaining` and `age` in milliseconds, `acl` what it protects."""

    sa: SaNumbers
    spi: bytes
    remaining: int
    age: int
    acl: bytes
    encryption_key: bytes = field(repr=False)
    integrity_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KekRecord:
    """A rekey SA with its key; numbers of RFC 6407 section 5.3, `remaining` in milliseconds, `sequence` of the last
    push, `public_key` what members check pushes against (SubjectPublicKeyInfo), `group` the address of multicast pushes
    as a number (0: unicast)."""

    spi: bytes
    encryption: int
    key_bits: int
    sig_hash: int
    lifetime: int
    remaining: int
    sequence: int
    group: int
    public_key: bytes
    iv: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """All keys of a group. `generation` grows with every change; `origin` is the primary that made it (a number).

    `retired` are the SPIs of keys that were replaced before their time: who still has them may drop them. `open_round`
    says that members are still being told of these keys. `series` is the series of sender IDs that goes with them,
    `counting` whether there was a counter mode in it.
    """

    origin: int = 0
    generation: int = 0
    open_round: bool = False
    kek: KekRecord | None = None
    teks: tuple[TekRecord, ...] = ()
    policies: tuple[PolicyRecord, ...] = ()
    retired: tuple[bytes, ...] = ()
    series: int = 0
    counting: bool = False

    @property
    def mark(self) -> tuple[int, int, int]:
        """Equal for equal keys."""
        return self.generation, self.origin, self.series

    def pack(self) -> bytes:
        """The body of the section."""
        head = self.origin.to_bytes(4, "big"), self.generation, self.series, self.open_round, self.counting
        parts = [_KEYS.pack(*head)]
        parts.append(b"\0" if self.kek is None else b"\1" + _pack_kek(self.kek))
        parts += [_count(self.teks), *map(_pack_tek, self.teks)]
        parts += [_count(self.policies), *(item.sa.pack() + _octets(item.acl) for item in self.policies)]
        return b"".join([*parts, _count(self.retired), *(bytes((len(spi),)) + spi for spi in self.retired)])

    @classmethod
    def parse(cls, body: bytes) -> KeySet:
        """Read the body; raises WireError."""
        reader = Reader(body)
        origin, generation, series, open_round, counting = _KEYS.unpack(reader.take(_KEYS.size))
        kek = _read_kek(reader) if reader.u8() else None
        teks = tuple(_read_tek(reader) for _ in range(_limited(reader, MAXIMUM_TEKS)))
        policies = tuple(
            PolicyRecord(SaNumbers.read(reader), reader.take(reader.u16()))
            for _ in range(_limited(reader, MAXIMUM_POLICIES))
        )
        retired = tuple(reader.take(reader.u8()) for _ in range(_limited(reader, MAXIMUM_RETIRED)))
        head = int.from_bytes(origin, "big"), generation, bool(open_round)
        return cls(*head, kek, teks, policies, retired, series, bool(counting))


def _octets(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _count(items: tuple[T, ...]) -> bytes:
    return len(items).to_bytes(2, "big")


def _limited(reader: Reader, most: int) -> int:
    count = reader.u16()
    if count > most:
        raise WireError(f"{count} entries, at most {most} are taken")
    return count


def _pack_kek(kek: KekRecord) -> bytes:
    numbers = (kek.encryption, kek.key_bits, kek.sig_hash, 0, kek.lifetime, kek.remaining, kek.sequence, kek.group)
    return b"".join([kek.spi, _KEK.pack(*numbers), *map(_octets, (kek.public_key, kek.iv, kek.key))])


def _read_kek(reader: Reader) -> KekRecord:
    spi = reader.take(16)
    encryption, bits, sig_hash, _, lifetime, remaining, sequence, group = _KEK.unpack(reader.take(_KEK.size))
    public_key, iv, key = (reader.take(reader.u16()) for _ in range(3))
    return KekRecord(spi, encryption, bits, sig_hash, lifetime, remaining, sequence, group, public_key, iv, key)


def _pack_tek(tek: TekRecord) -> bytes:
    times = tek.remaining.to_bytes(4, "big") + tek.age.to_bytes(4, "big")
    fields = (tek.acl, tek.encryption_key, tek.integrity_key, tek.salt)
    return b"".join([tek.sa.pack(), tek.spi, times, *map(_octets, fields)])


def _read_tek(reader: Reader) -> TekRecord:
    numbers, spi, remaining, age = SaNumbers.read(reader), reader.take(4), reader.u32(), reader.u32()
    acl, encryption_key, integrity_key, salt = (reader.take(reader.u16()) for _ in range(4))
    return TekRecord(numbers, spi, remaining, age, acl, encryption_key, integrity_key, salt)
