"""The data plane of one group member: what is sent in clear, encrypted or dropped, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.rules import NOTHING, GroupPolicy, Rule, Rules
from iosemu.engines.esp.sa import Counters, EspSa
from iosemu.engines.esp.sending import choose_sa
from iosemu.engines.esp.sequence import NonceExhaustedError
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
    Outcome,
    Verdict,
    esp_offset,
    flow_of,
)
from iosemu.engines.gdoi.keys import Tek
from iosemu.wire.ipv4 import MAXIMUM_LENGTH, MINIMUM_HEADER, fragments
from iosemu.wire.ipv6 import HEADER, MINIMUM_MTU


@dataclass(slots=True)
class GroupDataPlane:
    """The rules of a group and its data SAs.

    `totals` and `drops` (by reason) go on when SAs come and go. Packets are complete packets with a good header,
    all of one family.
    """

    random: RandomBytes
    policy: GroupPolicy = NOTHING
    sas: dict[bytes, EspSa] = field(default_factory=dict)
    totals: Counters = field(default_factory=Counters)
    drops: dict[str, int] = field(default_factory=dict)
    time: TimeReplay = field(default_factory=TimeReplay)
    df_rule: DfRule = DfRule.COPY
    fragment_first: bool = True
    connection_ids: Iterator[int] = field(default_factory=lambda: count(1, 2))
    # Who must hear of every update.
    listeners: list[Callable[[], None]] = field(default_factory=list)
    # SAs that the policy has dropped although their keys live.
    _former: dict[bytes, EspSa] = field(default_factory=dict)
    _rules: Rules = field(default_factory=lambda: Rules(NOTHING))
    _identification: int = 0

    def update(self, policy: GroupPolicy, now: float = -inf) -> None:
        """Take a new policy. SAs that stay keep their sequence numbers, windows and counters; those that come back in
        their lifetime, numbers and windows."""
        self.policy = policy
        self.time.clock = policy.clock
        kept: dict[bytes, EspSa] = {}
        for tek in policy.teks:
            sa = self.sas.get(tek.spi)
            kept[tek.spi] = sa if sa is not None and sa.continues_as(tek, policy.sid) else self._made(tek, policy)
        self._former |= self.sas
        self._former = {spi: sa for spi, sa in self._former.items() if spi not in kept and sa.tek.expires_at > now}
        self.sas = kept
        self._rules = Rules(policy)
        for listener in self.listeners:
            listener()

    @property
    def acl(self) -> tuple[AclEntry, ...]:
        """The merged list."""
        return self._rules.entries

    def _made(self, tek: Tek, policy: GroupPolicy) -> EspSa:
        sa = EspSa(tek, policy.sid, policy.sid_bits, next(self.connection_ids))
        former = self.sas.get(tek.spi) or self._former.get(tek.spi)
        if former is not None:
            sa.resume(former)
        return sa

    def forget_former(self) -> None:
        """Resume no SA that was dropped: its numbers and windows are somebody else's."""
        self._former = {}

    def outbound(self, packet: bytes, now: float, mtu: int = MAXIMUM_LENGTH) -> Verdict:
        """Judge a packet that is about to leave; one that may be fragmented is, so that it fits when encrypted."""
        rule = self._rules.protecting(packet)
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
        return self._rules.protecting(packet)

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
            choose_sa(rule, self.sas.values(), now)
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
        return self._drop(NOT_IPSEC) if self._rules.demand_esp(packet) else CLEAR

    def knows(self, packet: bytes, now: float) -> bool:
        """Whether there is an SA for an ESP packet that came in."""
        offset = esp_offset(packet)
        sa = self.sas.get(packet[offset : offset + 4]) if offset >= 0 else None
        return sa is not None and sa.tek.expires_at > now

    def clear_counters(self) -> None:
        """Begin to count anew."""
        self.totals = Counters()
        self.drops.clear()
        for sa in self.sas.values():
            sa.counters = Counters()

    def _largest(self, rule: Rule, now: float, mtu: int, header: int) -> int:
        """The longest packet that fits when it is encrypted, behind an IP header of a length."""
        sa = self.sa_for(rule, now)
        if sa is None:
            return mtu
        return plaintext_mtu(sa.tek.transform, mtu, STAMP_OCTETS if sa.by_time else 0, header)

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
