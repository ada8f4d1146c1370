"""One set of keys for all key servers: whose is newer, what one lacks, what may be dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from iosemu.engines.coop.holder import KeyHolder
from iosemu.wire.coop_keys import KeySet, TekRecord

# Keys that end this soon are not worth a word any more (milliseconds).
NEARLY_OVER = 10_000
# An authenticated peer may still be mad: numbers beyond this would not fit their fields a little later.
NUMBER_LIMIT = 1 << 31
RETIRED_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Difference:
    """What held keys lack in another set: data SAs by SPI, the KEK, its last sequence number, its generation."""

    teks: frozenset[bytes]
    kek: bool
    sequence: bool
    generation: bool

    def __bool__(self) -> bool:
        return bool(self.teks) or self.kek or self.sequence or self.generation


class KeySync:
    """The group's keys as one key server holds them. Only a primary makes generations.

    `open_round` says that the set was adopted while members were still being told of it.
    """

    def __init__(self, local: IPv4Address, holder: KeyHolder) -> None:
        self.generation = 0
        self.origin = 0
        self.open_round = False
        self._number = int(local)
        self._holder = holder
        self._revision = holder.revision
        self._retired: dict[bytes, float] = {}
        self._ends: dict[bytes, float] = {}
        self._cached: tuple[float, object, KeySet] | None = None

    @property
    def mark(self) -> tuple[int, int, int]:
        """As `KeySet.mark`, of the keys held here."""
        return self.generation, self.origin, self._holder.series

    def current(self, now: float) -> KeySet:
        """The keys held here."""
        stamp = self._holder.revision, self.generation, len(self._retired)
        if self._cached is not None and self._cached[:2] == (now, stamp):
            return self._cached[2]
        keys = replace(
            self._holder.snapshot(now),
            origin=self.origin,
            generation=self.generation,
            open_round=self._holder.open_round,
            retired=tuple(self._retired),
        )
        self._cached = now, stamp, keys
        return keys

    def changed(self, now: float) -> bool:
        """Whether this primary's keys changed since the last call; they are a new generation then."""
        if self._holder.revision == self._revision:
            return False
        self._revision = self._holder.revision
        self.next_generation(self.generation)
        self._retire(now)
        return True

    def next_generation(self, after: int) -> None:
        """This primary's keys are newer than all others."""
        self.generation = max(self.generation, after) + 1
        self.origin = self._number
        self._cached = None

    def is_apart(self, theirs: KeySet, now: float) -> bool:
        """Whether a sender ID of ours may have been given out beside another set as well: keys that are used with the
        one must not come to the other."""
        return theirs.series != self._holder.series and (theirs.counting or self.current(now).counting)

    def difference(self, theirs: KeySet, now: float) -> Difference:
        """What we hold that another set does not account for."""
        if self.is_apart(theirs, now):
            return Difference(frozenset(), False, False, theirs.generation < self.generation)
        ours = self.current(now)
        known = {tek.spi for tek in theirs.teks} | set(theirs.retired)
        teks = frozenset(t.spi for t in ours.teks if t.remaining > NEARLY_OVER and t.spi not in known)
        kek = sequence = False
        if ours.kek is not None:
            same = theirs.kek is not None and theirs.kek.spi == ours.kek.spi
            kek = not same and ours.kek.remaining > NEARLY_OVER and ours.kek.spi not in known
            sequence = same and theirs.kek is not None and ours.kek.sequence > theirs.kek.sequence
        return Difference(teks, kek, sequence, theirs.generation < self.generation)

    def adopt(self, theirs: KeySet, difference: Difference, farewell: bool, now: float) -> None:
        """Take another set; what it does not account for stays beside it."""
        if self.is_apart(theirs, now):
            self._holder.replace(theirs, farewell, now)
        else:
            self._holder.adopt(theirs, difference.teks, farewell, now)
        if theirs.generation >= self.generation:
            self.generation, self.origin = theirs.generation, theirs.origin
        self.open_round = theirs.open_round
        self._revision = self._holder.revision
        ends = now + max((tek.remaining for tek in theirs.teks), default=0) / 1000
        self._retired = {spi: max(ends, self._retired.get(spi, ends)) for spi in theirs.retired}
        self._retire(now)

    def unite(self, theirs: KeySet, now: float) -> bool:
        """As primary, take in what another part of the group used; whether members must be told."""
        if self.is_apart(theirs, now):
            # It has not heard of ours yet, which it will take in their place.
            return False
        ours = self.current(now)
        known = {tek.spi for tek in ours.teks} | set(ours.retired)
        fresh: tuple[TekRecord, ...] = tuple(
            tek for tek in theirs.teks if tek.remaining > NEARLY_OVER and tek.spi not in known
        )
        sequence = 0
        if ours.kek is not None and theirs.kek is not None:
            if theirs.kek.spi != ours.kek.spi:
                self._retired[theirs.kek.spi] = now + theirs.kek.remaining / 1000
            elif theirs.kek.sequence > ours.kek.sequence:
                sequence = theirs.kek.sequence
        if theirs.generation >= self.generation:
            self.next_generation(theirs.generation)
        self._cached = None
        if fresh or sequence:
            self._holder.unite(fresh, sequence, now)
        return bool(fresh or sequence)

    def _retire(self, now: float) -> None:
        """Remember the keys that went before their time."""
        keys = self._holder.snapshot(now)
        before = self._ends
        self._ends = {tek.spi: now + tek.remaining / 1000 for tek in keys.teks}
        if keys.kek is not None:
            self._ends[keys.kek.spi] = now + keys.kek.remaining / 1000
        gone = {spi: end for spi, end in before.items() if spi not in self._ends}
        known = [item for item in (self._retired | gone).items() if item[1] > now and item[0] not in self._ends]
        self._retired = dict(known[-RETIRED_LIMIT:])
        self._cached = None
