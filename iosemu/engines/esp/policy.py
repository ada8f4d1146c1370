"""The data plane of one group member: what is sent in clear, encrypted or dropped, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.replay_window import SenderWindows
from iosemu.engines.esp.sa import FLOW_CACHE_SIZE, Counters, EspSa, NonceExhaustedError, SequenceNumbers
from iosemu.engines.esp.time_replay import STAMP_OCTETS, TimeReplay
from iosemu.engines.esp.tunnel import DfRule, RefusedError, decapsulate, encapsulate, plaintext_mtu
from iosemu.engines.esp.verdict import (
    BAD_ICV,
    CLEAR,
    DUMMY,
    NO_SA,
    NO_TIME,
    NOT_IPSEC,
    REPLAYED,
    STALE,
    UNKNOWN_SPI,
    WRONG_SELECTORS,
    Flow,
    Outcome,
    Verdict,
    esp_offset,
    flow_of,
    to_group,
)
from iosemu.engines.gdoi.acl import AclEntry
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import PseudoClock
from iosemu.wire.ipv4 import MAXIMUM_LENGTH, MINIMUM_HEADER, fragments
from iosemu.wire.ipv6 import HEADER, MINIMUM_MTU

# Before this much of the old SA is left, senders stay on it: members that were told late can follow (seconds).
SEND_MARGIN = 30.0


@dataclass(slots=True)
class Rule:
    """An entry of the merged list and the SA that serves it until some time, so that packets need not look for it."""

    entry: AclEntry
    sa: EspSa | None = None
    until: float = -inf


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a data plane has been told, for another that does a part of its work: see `GroupDataPlane.follow`."""

    local: tuple[AclEntry, ...]
    downloaded: tuple[AclEntry, ...]
    teks: tuple[Tek, ...]
    sids: tuple[int, ...]
    sid_bits: int
    clock: PseudoClock | None
    direction: SaDirection
    df_rule: DfRule
    numbers: tuple[SequenceNumbers, ...]
    windows: tuple[SenderWindows | None, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What a following plane has done since it was last asked: packets that went through, by SPI."""

    by_spi: dict[bytes, Counters]
    stamped: int
    accepted: int
    largest_delta: float


_NO_RULE = Rule(AclEntry(False))


@dataclass(slots=True)
class GroupDataPlane:
    """Merged policy and SAs. The local list comes first: its denies win over the key server's permits.

    `totals` and `drops` (by reason) go on when SAs come and go. Packets are complete packets with a good header,
    all of one family.
    """

    random: RandomBytes
    sas: dict[bytes, EspSa] = field(default_factory=dict)
    acl: tuple[AclEntry, ...] = ()
    totals: Counters = field(default_factory=Counters)
    drops: dict[str, int] = field(default_factory=dict)
    time: TimeReplay = field(default_factory=TimeReplay)
    direction: SaDirection = SaDirection.BOTH
    df_rule: DfRule = DfRule.COPY
    fragment_first: bool = True
    connection_ids: Iterator[int] = field(default_factory=lambda: count(1, 2))
    # Who must hear of every update.
    listeners: list[Callable[[], None]] = field(default_factory=list)
    # SAs that the policy has dropped although their keys live.
    _former: dict[bytes, EspSa] = field(default_factory=dict)
    _arguments: tuple[Any, ...] = ((), (), (), (), 0, None, SaDirection.BOTH)
    _downloaded: frozenset[AclEntry] = frozenset()
    _outbound: tuple[Rule, ...] = ()
    _inbound: tuple[Rule, ...] = ()
    _out_cache: dict[Flow, Rule] = field(default_factory=dict)
    _in_cache: dict[Flow, Rule] = field(default_factory=dict)
    _identification: int = 0

    def update(
        self,
        local: Iterable[AclEntry],
        downloaded: Iterable[AclEntry],
        teks: Iterable[Tek],
        sids: tuple[int, ...] = (),
        sid_bits: int = 0,
        clock: PseudoClock | None = None,
        direction: SaDirection = SaDirection.BOTH,
        now: float = -inf,
    ) -> None:
        """Take a new policy. SAs that stay keep their sequence numbers, windows and counters; those that come back in
        their lifetime, numbers and windows."""
        local, downloaded, teks = tuple(local), tuple(downloaded), tuple(teks)
        self._arguments = (local, downloaded, teks, sids, sid_bits, clock, direction)
        self.time.clock, self.direction = clock, direction
        sid = sids[0] if sids else None
        kept: dict[bytes, EspSa] = {}
        for tek in teks:
            sa = self.sas.get(tek.spi)
            kept[tek.spi] = sa if sa is not None and sa.continues_as(tek, sid) else self._made(tek, sid, sid_bits)
        self._former |= self.sas
        self._former = {spi: sa for spi, sa in self._former.items() if spi not in kept and sa.tek.expires_at > now}
        self.sas = kept
        self._downloaded = frozenset(downloaded)
        self.acl = (*local, *downloaded)
        self._outbound = tuple(Rule(entry) for entry in self.acl)
        self._inbound = tuple(Rule(entry.mirrored()) for entry in self.acl)
        self._out_cache, self._in_cache = {}, {}
        for listener in self.listeners:
            listener()

    def _made(self, tek: Tek, sid: int | None, sid_bits: int) -> EspSa:
        sa = EspSa(tek, sid, sid_bits, next(self.connection_ids))
        former = self.sas.get(tek.spi) or self._former.get(tek.spi)
        if former is not None:
            sa.resume(former)
        return sa

    def snapshot(self) -> Snapshot:
        """The policy and the SAs as they are now."""
        sas = [self.sas[tek.spi] for tek in self._arguments[2]]
        numbers, windows = tuple(sa.numbers for sa in sas), tuple(sa.windows for sa in sas)
        local, downloaded, teks, sids, sid_bits, clock, direction = self._arguments
        policy = local, downloaded, teks, sids, sid_bits, clock, direction
        return Snapshot(*policy, self.df_rule, numbers, windows)

    def follow(self, snapshot: Snapshot) -> None:
        """Do what another plane does, beside it: both draw on the same sequence numbers, so that no nonce comes twice,
        and have the same replay windows. What is counted here, the other one learns by `absorb`."""
        given = snapshot.local, snapshot.downloaded, snapshot.teks, snapshot.sids, snapshot.sid_bits
        self.update(*given, snapshot.clock, snapshot.direction)
        self.df_rule = snapshot.df_rule
        # What the other plane resumes, this one gets with the snapshot.
        self._former = {}
        for tek, numbers, windows in zip(snapshot.teks, snapshot.numbers, snapshot.windows, strict=True):
            self.sas[tek.spi].numbers, self.sas[tek.spi].windows = numbers, windows

    def take_work(self) -> Work:
        """Count anew. What was dropped is not among it: the other plane sees and counts that itself."""
        by_spi = {spi: sa.counters for spi, sa in self.sas.items()}
        for sa in self.sas.values():
            sa.counters = Counters()
        time = self.time
        work = Work(by_spi, time.stamped, time.received - time.receive_errors, time.largest_delta)
        time.clear()
        return work

    def absorb(self, work: Work) -> None:
        """Count what a following plane has done."""
        for spi, counters in work.by_spi.items():
            sa = self.sas.get(spi)
            for into in (self.totals, sa.counters) if sa is not None else (self.totals,):
                into.encapsulated += counters.encapsulated
                into.decapsulated += counters.decapsulated
                into.sent_octets += counters.sent_octets
                into.received_octets += counters.received_octets
        self.time.stamped += work.stamped
        self.time.received += work.accepted
        self.time.largest_delta = max(self.time.largest_delta, work.largest_delta)

    def outbound(self, packet: bytes, now: float, mtu: int = MAXIMUM_LENGTH) -> Verdict:
        """Judge a packet that is about to leave; one that may be fragmented is, so that it fits when encrypted."""
        rule = self.rule_for(packet)
        if rule is None:
            return CLEAR
        if packet[0] >> 4 == 6 and MINIMUM_MTU < len(packet) > (largest := self._largest(rule, now, mtu, HEADER)):
            # In IPv6 the source alone may split it. What every link carries is split behind encryption, if need be.
            return Verdict(Outcome.TOO_BIG, mtu=max(MINIMUM_MTU, largest))
        if packet[0] >> 4 == 4 and not self._may_split(packet) and self.df_rule.bit(packet):
            # Nor may anybody split it behind encryption (RFC 4301 section 8.2.1).
            largest = self._largest(rule, now, mtu, MINIMUM_HEADER)
            if len(packet) > largest:
                return Verdict(Outcome.TOO_BIG, mtu=largest)
        protected = self.protect([packet], rule, now, mtu)
        if isinstance(protected, str):
            return self._drop(protected)
        return Verdict(Outcome.PROTECTED, tuple(protected))

    def rule_for(self, packet: bytes) -> Rule | None:
        """What protects all packets of a packet's flow on their way out, None where they go in clear. It holds until
        the next `update`."""
        rule = _classify(flow_of(packet), self._outbound, self._out_cache)
        clear = self.direction.sends_clear and rule.entry in self._downloaded
        return rule if rule.entry.permit and not clear else None

    def protect(self, packets: list[bytes], rule: Rule, now: float, mtu: int) -> list[bytes] | str:
        """Encrypt packets that a rule protects; the reason where that cannot be."""
        sa = self.sa_for(rule, now)
        if sa is None:
            self.totals.send_errors += 1
            return NO_SA
        sa.before_sending(now)
        stamp = self.time.stamp(now) if sa.by_time else b""
        if stamp is None:
            sa.counters.send_errors += 1
            self.totals.send_errors += 1
            return NO_TIME
        limit = plaintext_mtu(sa.tek.transform, mtu, STAMP_OCTETS if stamp else 0)
        protected = []
        try:
            for packet in packets:
                if len(packet) <= limit or not self._may_split(packet):
                    protected.append(self._seal(packet, sa, stamp))
                else:
                    protected += [self._seal(piece, sa, stamp) for piece in fragments(packet, limit)]
        except NonceExhaustedError as error:
            sa.counters.send_errors += 1
            self.totals.send_errors += 1
            return str(error)
        return protected

    def sa_for(self, rule: Rule, now: float) -> EspSa | None:
        """The SA that serves a rule now."""
        if rule.until <= now:
            self._choose_sa(rule, now)
        return rule.sa

    def identify(self, count: int) -> int:
        """The IP identification of the first of so many packets."""
        first = self._identification + 1
        self._identification += count
        return first & 0xFFFF

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Judge a packet that came in: ESP of a known SPI is opened, wherever it is addressed to."""
        offset = esp_offset(packet)
        if offset >= 0:
            if not self.sas:
                # A member that holds no keys yet cannot judge.
                return CLEAR
            sa = self.sas.get(packet[offset : offset + 4])
            if sa is None or sa.tek.expires_at <= now:
                return self._drop(UNKNOWN_SPI)
            return self._open(packet, offset, sa, now)
        # Nobody answers from a group's address: its packets match as they were sent (RFC 5374 section 4.1).
        grouped = to_group(packet)
        rule = _classify(flow_of(packet), self._outbound if grouped else self._inbound, self._in_cache)
        entry = rule.entry if grouped else rule.entry.mirrored()
        if not rule.entry.permit or (self.direction.takes_clear and entry in self._downloaded):
            return CLEAR
        return self._drop(NOT_IPSEC)

    def clear_counters(self) -> None:
        """Begin to count anew."""
        self.totals = Counters()
        self.drops.clear()
        for sa in self.sas.values():
            sa.counters = Counters()

    def sending_sa(self, entry: AclEntry, now: float) -> EspSa | None:
        """The SA for sending: the oldest with some life left, so that all members hold the next one before its use.

        Where the key server said when the next one is to be used, that counts.
        """
        alive = sorted(
            (sa for sa in self.sas.values() if sa.tek.expires_at > now and entry in sa.entries),
            key=lambda sa: sa.tek.expires_at,
        )
        activated = [sa for sa in alive if sa.tek.activates_at is not None and sa.tek.activates_at <= now]
        if activated:
            return activated[-1]
        for sa in alive:
            if sa.tek.expires_at - now > SEND_MARGIN:
                return sa
        return alive[-1] if alive else None

    def _choose_sa(self, rule: Rule, now: float) -> None:
        rule.sa = self.sending_sa(rule.entry, now)
        # Nothing but `update` brings an SA where there is none.
        rule.until = inf
        if rule.sa is not None:
            ends = rule.sa.tek.expires_at
            rule.until = ends - SEND_MARGIN if ends - now > SEND_MARGIN else ends
        activations = [sa.tek.activates_at for sa in self.sas.values() if sa.tek.activates_at is not None]
        rule.until = min([rule.until, *(time for time in activations if time > now)])

    def _largest(self, rule: Rule, now: float, mtu: int, header: int) -> int:
        """The longest packet that fits when it is encrypted, behind an IP header of a length."""
        if rule.until <= now:
            self._choose_sa(rule, now)
        stamp = STAMP_OCTETS if rule.sa is not None and rule.sa.by_time else 0
        return plaintext_mtu(rule.sa.tek.transform, mtu, stamp, header) if rule.sa is not None else mtu

    def _may_split(self, packet: bytes) -> bool:
        """Whether a packet that is too large is to be fragmented here. In IPv6 its source alone may do that."""
        if not self.fragment_first or packet[0] >> 4 != 4:
            return False
        return not packet[6] & 0x40 or self.df_rule is DfRule.CLEAR

    def _seal(self, packet: bytes, sa: EspSa, stamp: bytes) -> bytes:
        protected = encapsulate(packet, sa, self.identify(1), self.random, stamp, self.df_rule)
        self.totals.encapsulated += 1
        self.totals.sent_octets += len(packet)
        return protected

    def _open(self, packet: bytes, offset: int, sa: EspSa, now: float) -> Verdict:
        sender, sequence = 0, int.from_bytes(packet[offset + 4 : offset + 8], "big")
        if sa.windows is not None:
            sender = sa.sender_of(packet, offset)
            if not sa.windows.is_fresh(sender, sequence):
                return self._refuse(sa, REPLAYED)
        try:
            opened = decapsulate(packet, offset, sa)
        except RefusedError as error:
            return self._refuse(sa, str(error))
        if sa.windows is not None and not sa.windows.accept(sender, sequence):
            return self._refuse(sa, REPLAYED)
        if opened is None:
            return self._drop(DUMMY)
        inner, behind = opened
        # RFC 4301 section 5.2: what came out must be what the SA is for.
        if not sa.accepts(flow_of(inner)):
            return self._refuse(sa, WRONG_SELECTORS)
        if sa.by_time and not self.time.accepts(behind, sa.tek.replay.window, inner, now):
            return self._refuse(sa, STALE)
        sa.counters.decapsulated += 1
        sa.counters.received_octets += len(inner)
        self.totals.decapsulated += 1
        self.totals.received_octets += len(inner)
        return Verdict(Outcome.PROTECTED, (inner,))

    def _refuse(self, sa: EspSa, reason: str) -> Verdict:
        for counters in (sa.counters, self.totals):
            counters.receive_errors += 1
            counters.bad_icv += reason == BAD_ICV
            counters.replayed += reason in (REPLAYED, STALE)
            counters.wrong_identity += reason == WRONG_SELECTORS
        return self._drop(reason, sa.connection_id)

    def _drop(self, reason: str, connection_id: int = 0) -> Verdict:
        self.drops[reason] = self.drops.get(reason, 0) + 1
        return Verdict(Outcome.DROPPED, reason=reason, connection_id=connection_id)


def _classify(flow: Flow, rules: tuple[Rule, ...], cache: dict[Flow, Rule]) -> Rule:
    """The first rule that a flow matches; none means clear, as a deny does."""
    rule = cache.get(flow)
    if rule is None:
        if len(cache) >= FLOW_CACHE_SIZE:
            cache.clear()
        rule = cache[flow] = next((rule for rule in rules if rule.entry.matches(*flow)), _NO_RULE)
    return rule
