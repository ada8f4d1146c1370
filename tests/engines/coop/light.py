"""Keys and members without cryptography: what the simulation gives the cooperative engine in the place of a key server.

The rules are those of the real ones (`iosemu.engines.gdoi`); their sizes are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from random import Random

from iosemu.engines.gdoi.number_pool import Stay
from iosemu.engines.gdoi.sender_ids import SenderIds
from iosemu.wire.coop_ids import ServerIds
from iosemu.wire.coop_keys import KekRecord, KeySet, SaNumbers, TekRecord
from iosemu.wire.coop_members import MemberRecord

TEK_LIFE, KEK_LIFE = 400.0, 1300.0
TEK_MARGIN, KEK_MARGIN = 125.0, 235.0
RETRANSMIT, ATTEMPTS, EJECT_AFTER = 10.0, 2, 3
REGISTRATION_MARGIN = 60.0
SEND_MARGIN = 30.0
# Members that are sent away keep their data SAs for so long.
LEAVE = 90.0
RETURN_SPREAD = 15.0
SID_BITS = 12
SA = SaNumbers(10, 12, 256, 5, 1, 64, False, int(TEK_LIFE))


def age_of(born: float, now: float) -> int:
    """Milliseconds, as many as the field takes."""
    return max(0, min(1 << 31, int((now - born) * 1000)))


@dataclass(slots=True)
class Push:
    """A rekey: under which KEK, with which number, what it brings; `leave` sends members away, whose data SAs end after
    that time. Times are lengths."""

    kek: bytes
    sequence: int
    next_kek: tuple[bytes, float] | None
    teks: dict[bytes, float]
    leave: float | None = None


@dataclass(slots=True)
class Round:
    """A push on its way to the members that have not acknowledged it."""

    push: Push
    pending: set[int]
    next_at: float
    left: int = ATTEMPTS


@dataclass
class LightKeys:
    """A `KeyHolder`. Members are numbers; `outgoing` are rounds that must be sent now. The `ids` are the real ones,
    where the data SAs are of a counter mode."""

    random: Random
    ids: SenderIds | None = None
    leads: bool = False
    kek: bytes | None = None
    kek_ends: float = 0.0
    sequence: int = 0
    teks: dict[bytes, tuple[float, float]] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    revision: int = 0
    round: Round | None = None
    outgoing: list[Round] = field(default_factory=list)
    newest: bytes = b""
    offset: float | None = None
    highest: dict[bytes, int] = field(default_factory=dict)
    missed: dict[int, int] = field(default_factory=dict)
    sent_away_at: float | None = None

    @property
    def open_round(self) -> bool:
        return self.round is not None and bool(self.round.pending)

    def snapshot(self, now: float) -> KeySet:
        kek = None
        if self.kek is not None:
            left = int((self.kek_ends - now) * 1000)
            kek = KekRecord(self.kek, 3, 256, 2, int(KEK_LIFE), max(0, left), self.sequence, 0, b"", b"", b"")
        teks = tuple(
            TekRecord(
                SA,
                spi,
                max(0, int((ends - now) * 1000)),
                max(0, min(1 << 31, int((now - born) * 1000))),
                b"",
                b"",
                b"",
                b"",
            )
            for spi, (born, ends) in self.teks.items()
        )
        series = self.series
        return KeySet(kek=kek, teks=teks, series=series, counting=bool(series))

    def lead(self, primary: bool, now: float, leap: int = 0) -> None:
        self.leads = primary
        if not primary:
            return
        self.expire(now)
        if self.ids is not None and self.kek is None and not self.teks:
            self.ids = self.ids.successor(SID_BITS, self.ids.assigned)
            self.ids.series = self.random.getrandbits(63) + 1
        if self.kek is None:
            self.kek, self.kek_ends, self.sequence = self.random.randbytes(16), now + KEK_LIFE, 0
            leap = 0
            self.revision += 1
        if not self.teks:
            self._fresh_tek(now)
        if self.offset is None:
            self.offset = -now
        if leap:
            self._advance(self.sequence + leap)

    def adopt(self, keys: KeySet, keep: frozenset[bytes], farewell: bool, now: float) -> None:
        self.expire(now)
        old = self.kek, self.sequence
        kept = {spi: times for spi, times in self.teks.items() if spi in keep}
        if keys.kek is None:
            self.kek = None
        else:
            self.kek, self.kek_ends = keys.kek.spi, now + keys.kek.remaining / 1000
            self._advance(max(self.highest.get(self.kek, 0), keys.kek.sequence))
        self.teks = kept
        for tek in keys.teks:
            self.teks[tek.spi] = now - tek.age / 1000, now + tek.remaining / 1000
        self.newest = max(self.teks, key=lambda spi: self.teks[spi][0], default=b"")
        self.revision += 1
        if farewell and old[0] not in (None, self.kek) and self.kek is not None:
            spi, sequence = old
            assert spi is not None
            self._push(spi, sequence + 1, (self.kek, self.kek_ends - now), now)

    def replace(self, keys: KeySet, farewell: bool, now: float) -> None:
        self.expire(now)
        if farewell and self.kek is not None:
            self._send_away(LEAVE, now)
        if self.ids is not None and keys.series != self.ids.series:
            self.ids = self.ids.successor(SID_BITS, self.ids.assigned, keys.series)
        self.adopt(keys, frozenset(), False, now)

    def unite(self, teks: tuple[TekRecord, ...], sequence: int, now: float) -> None:
        for tek in teks:
            self.teks[tek.spi] = now - tek.age / 1000, now + tek.remaining / 1000
        self._advance(max(self.sequence, sequence))
        self.refresh(now)

    def refresh(self, now: float) -> None:
        self.expire(now)
        if self.kek is not None:
            self._advance(self.sequence + 1)
            self._push(self.kek, self.sequence, None, now)

    # Sender IDs

    @property
    def series(self) -> int:
        return self.ids.series if self.ids is not None else 0

    @property
    def wants_numbers(self) -> bool:
        return self.ids is not None and self.ids.wanting

    @property
    def gives(self) -> bool:
        """Whether a member could have a sender ID, at the price of new keys for all at worst."""
        return self.ids is None or (self.ids.possible and (self.leads or self.ids.remaining > 0))

    def server_ids(self) -> ServerIds | None:
        ids = self.ids
        if ids is None:
            return None
        return ServerIds(SID_BITS, ids.bits, ids.current, ids.claimed, tuple(ids.used), ids.left)

    def hear_server_ids(self, peer: IPv4Address, theirs: ServerIds) -> set[int]:
        return self.ids.hear(peer, theirs.assigned) if self.ids is not None else set()

    def note_used(self, peer: IPv4Address, theirs: tuple[int, ...], ours: tuple[int, ...]) -> None:
        """Only shows tell of it."""

    def used_by(self, peer: IPv4Address) -> tuple[int, ...]:
        return ()

    def hand_numbers(self, peer: IPv4Address, stay: Stay) -> frozenset[int]:
        assert self.ids is not None
        return self.ids.hand(peer, stay)

    def take_numbers(self, peer: IPv4Address, stay: Stay, numbers: frozenset[int]) -> None:
        assert self.ids is not None
        self.ids.pool.receive(peer, stay, numbers)

    def clear(self, now: float) -> None:
        """Send all members away at once, and forget them and all keys."""
        if self.kek is not None:
            self._send_away(0.0, now)
        self.kek, self.teks, self.round, self.members = None, {}, None, set()
        self.revision += 1
        if self.ids is not None:
            self.ids = self.ids.successor(SID_BITS, self.ids.assigned)

    def _send_away(self, leave: float, now: float) -> None:
        assert self.kek is not None
        farewell = Round(Push(self.kek, self.sequence + 1, None, {}, leave), set(self.members), now)
        self.outgoing += [farewell] * (1 + ATTEMPTS)
        self.sent_away_at = now

    def pseudotime(self, now: float) -> float | None:
        return None if self.offset is None else now + self.offset

    def set_pseudotime(self, value: float, now: float) -> None:
        self.offset = value - now

    def add_member(self, record: MemberRecord, now: float) -> None:
        self.members.add(int(record.address))

    def remove_member(self, record: MemberRecord) -> None:
        self.members.discard(int(record.address))

    # The life of the keys

    def next_timer(self) -> float:
        times = [ends for _, ends in self.teks.values()]
        if self.leads:
            if self.newest in self.teks:
                times.append(self.teks[self.newest][1] - TEK_MARGIN)
            if self.kek is not None:
                times.append(self.kek_ends - KEK_MARGIN)
        if self.round is not None and self.round.pending:
            times.append(self.round.next_at)
        return min(times, default=1e12)

    def handle_timer(self, now: float) -> list[int]:
        """What is due; the members that were given up."""
        gone: list[int] = []
        if self.round is not None and self.round.pending and self.round.next_at <= now:
            gone = self._continue(self.round, now)
        if self.leads:
            kek_due = self.kek is None or now >= self.kek_ends - KEK_MARGIN
            tek_due = self.newest not in self.teks or now >= self.teks[self.newest][1] - TEK_MARGIN
            if tek_due:
                self._fresh_tek(now)
            if kek_due:
                old, sequence = self.kek, self.sequence
                self.kek, self.kek_ends, self.sequence = self.random.randbytes(16), now + KEK_LIFE, 0
                self.revision += 1
                if old is not None:
                    self._push(old, sequence + 1, (self.kek, KEK_LIFE), now)
            elif tek_due:
                self.refresh(now)
        self.expire(now)
        return gone

    def lasting(self, now: float) -> set[bytes]:
        """The data SAs that do not end at this very moment."""
        return {spi for spi, (_, ends) in self.teks.items() if ends > now + 5.0}

    def acknowledged(self, number: int, push: Push) -> None:
        if self.round is not None and self.round.push is push:
            self.round.pending.discard(number)
            self.missed.pop(number, None)

    def expire(self, now: float) -> None:
        if any(ends <= now for _, ends in self.teks.values()):
            self.teks = {spi: times for spi, times in self.teks.items() if times[1] > now}
        if self.kek is not None and self.kek_ends <= now:
            self.kek = None
            self.revision += 1

    def _continue(self, current: Round, now: float) -> list[int]:
        if current.left:
            current.left -= 1
            current.next_at = now + RETRANSMIT
            self.outgoing.append(current)
            return []
        silent, current.pending = current.pending, set()
        gone = []
        for number in sorted(silent & self.members):
            self.missed[number] = self.missed.get(number, 0) + 1
            if self.missed[number] >= EJECT_AFTER:
                self.members.discard(number)
                gone.append(number)
        return gone

    def _fresh_tek(self, now: float) -> None:
        self.newest = self.random.randbytes(4)
        self.teks[self.newest] = now, now + TEK_LIFE
        self.revision += 1

    def _advance(self, sequence: int) -> None:
        """Note a sequence number; it may never go back under one KEK."""
        assert self.kek is not None
        assert sequence >= self.highest.get(self.kek, 0), f"sequence number of {self.kek.hex()} goes back to {sequence}"
        self.highest[self.kek] = sequence
        if sequence != self.sequence:
            self.sequence = sequence
            self.revision += 1

    def _push(self, kek: bytes, sequence: int, next_kek: tuple[bytes, float] | None, now: float) -> None:
        teks = {spi: ends - now for spi, (_, ends) in self.teks.items()}
        self.round = Round(Push(kek, sequence, next_kek, teks), set(self.members), now + RETRANSMIT)
        self.outgoing.append(self.round)


@dataclass(slots=True)
class LightMember:
    """A member: its keys, on the clock of the world, and how it registers."""

    number: int
    servers: list[int]
    kek: bytes | None = None
    sequence: int = 0
    kek_ends: float = 0.0
    teks: dict[bytes, float] = field(default_factory=dict)
    newest: bytes = b""
    registering: int | None = None
    registers_at: float = 0.0
    served_until: float = 0.0
    accepted: int = 0
    sid: int | None = None
    # The sender ID that each data SA was installed with; it stays while the data SA does.
    installed: dict[bytes, int] = field(default_factory=dict)
    ended: set[bytes] = field(default_factory=set)

    def receive(self, push: Push, now: float) -> bool:
        """Take a push; whether it is acknowledged."""
        if push.kek != self.kek:
            return False
        if push.sequence <= self.sequence:
            return push.sequence == self.sequence
        self.sequence = push.sequence
        self.accepted += 1
        if push.leave is not None:
            self._leave(push.leave, now)
            return True
        if push.next_kek is not None:
            self.kek, self.sequence, self.kek_ends = push.next_kek[0], 0, now + push.next_kek[1]
        self._end(now)
        self._install({spi: now + left for spi, left in push.teks.items() if spi not in self.ended}, now)
        return True

    def download(self, kek: bytes | None, sequence: int, kek_ends: float, teks: dict[bytes, float], now: float) -> None:
        """Take what a registration brings."""
        self.sequence = max(sequence, self.sequence) if kek == self.kek else sequence
        self.kek, self.kek_ends = kek, kek_ends
        self._end(now)
        self._install(teks, now)

    def _end(self, now: float) -> None:
        """No push brings a data SA back that has ended here."""
        self.ended |= {spi for spi, ends in self.teks.items() if ends <= now}

    def install_sids(self) -> list[bytes]:
        """Use the present sender ID with the data SAs that have none yet; returns these."""
        assert self.sid is not None
        self.installed = {spi: sid for spi, sid in self.installed.items() if spi in self.teks}
        fresh = [spi for spi in self.teks if spi not in self.installed]
        self.installed.update(dict.fromkeys(fresh, self.sid))
        return fresh

    def _leave(self, pause: float, now: float) -> None:
        self.kek = None
        self.teks = {spi: min(ends, now + pause) for spi, ends in self.teks.items()} if pause else {}
        self.served_until = max(self.teks.values(), default=now)
        spread = max(0.0, pause - REGISTRATION_MARGIN) if self.teks else RETURN_SPREAD
        self.registers_at = now + spread * (self.number % 10) / 10

    def _install(self, teks: dict[bytes, float], now: float) -> None:
        self.teks = {spi: ends for spi, ends in (self.teks | teks).items() if ends > now}
        self.newest = max(self.teks, key=lambda spi: self.teks[spi], default=b"")
        ends = self.served_until = self.teks.get(self.newest, now)
        if self.kek is not None:
            ends = min(ends, self.kek_ends)
        self.registers_at = ends - REGISTRATION_MARGIN - 18.0 * (self.number % 10) / 10

    def sends_with(self, now: float) -> bytes | None:
        """The oldest data SA that does not end soon, or the newest."""
        alive = {spi: ends for spi, ends in self.teks.items() if ends > now}
        lasting = [spi for spi, ends in alive.items() if ends - now > SEND_MARGIN]
        return min(lasting, key=alive.__getitem__, default=max(alive, key=alive.__getitem__, default=None))

    def holds(self, spi: bytes, now: float) -> bool:
        """Whether a data SA is there."""
        return self.teks.get(spi, 0.0) > now
