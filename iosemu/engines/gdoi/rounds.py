"""Pushes on their way to the members: batches, retransmissions, acknowledgements, and members that stay silent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.gdoi.config import KekPolicy
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.rekey_schedule import BATCH, BATCH_PAUSE, time_on_the_way
from iosemu.engines.gdoi.server_events import (
    AcknowledgementIgnored,
    AcknowledgementTaken,
    LastMemberLeft,
    MemberEjected,
    UnsolicitedAcknowledgement,
)

EJECT_AFTER = 3


@dataclass(slots=True)
class RekeyRound:
    """One push on its way; retransmissions are the same octets.

    `messages` has the form for members that know our private payloads under True, the plain one under False. A push
    goes out from `source`, to `group` where it is multicast. `queue` is who has to be sent to before `next_at` means a
    retransmission; a round is over at `ends_at` at the latest. `pending` is who is expected to acknowledge, `silent`
    who need not, `hurried` who had no time to before the next push. Acknowledgements may come until `known_until`.
    """

    messages: dict[bool, bytes]
    sequence: int
    spi: bytes
    started_at: float
    attempts_left: int
    ends_at: float
    known_until: float
    source: Endpoint
    group: Endpoint | None = None
    next_at: float = 0.0
    pending: set[IPv4Address] = field(default_factory=set)
    silent: set[IPv4Address] = field(default_factory=set)
    hurried: set[IPv4Address] = field(default_factory=set)
    queue: deque[IPv4Address] = field(default_factory=deque)
    first_pass: bool = True
    retransmits: int = 0

    def awaits(self, address: IPv4Address) -> bool:
        """Whether an acknowledgement of a member counts."""
        return address in self.pending or address in self.silent or address in self.hurried

    def forget(self, address: IPv4Address) -> None:
        """Expect nothing from a member any more."""
        for waiting in (self.pending, self.silent, self.hurried):
            waiting.discard(address)

    @property
    def open(self) -> bool:
        """Whether something is still to be done for it."""
        if self.queue or self.pending:
            return True
        return self.attempts_left > 0 and (bool(self.silent) or self.group is not None)


class RekeyRounds:
    """The rounds of one key server; the table of members is the server's own.

    A push ends the round of the one before it under the same KEK, as members refuse lower numbers. Where the one before
    brought the KEK, it goes on beside the new one: who has missed it cannot read what follows.
    """

    def __init__(self, group: str, members: dict[IPv4Address, Member], retransmitted: int = 0) -> None:
        self.last: RekeyRound | None = None
        self.duration = 0.0
        self.retransmitted = retransmitted
        self._earlier: list[RekeyRound] = []
        self._group = group
        self._members = members
        self._ejected: set[IPv4Address] = set()
        self._datagrams: list[Datagram] = []
        self._events: list[Event] = []

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        taken, self._datagrams = self._datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    @property
    def telling(self) -> bool:
        """Whether members have yet to be sent a push, or to acknowledge it."""
        return any(item.pending or item.queue for item in self._known())

    def clear(self) -> None:
        """Forget the rounds under way."""
        self.last = None
        self._earlier.clear()

    def welcome(self, address: IPv4Address) -> None:
        """A member has just got what the pushes under way bring; that it was ejected counts no more."""
        self._ejected.discard(address)
        self.forget(address)

    def forget(self, address: IPv4Address) -> None:
        """Send nothing to a member any more, and expect nothing from it."""
        for item in self._known():
            item.forget(address)

    def detach(self, members: dict[IPv4Address, Member]) -> None:
        """Go on with a table of one's own."""
        self._members = members

    def start(
        self,
        kek: Kek,
        messages: dict[bool, bytes],
        policy: KekPolicy,
        source: Endpoint,
        group: Endpoint | None,
        ends_at: float,
        now: float,
    ) -> None:
        """Send a push to all members, or to the group's address."""
        self._overtake(kek, policy, now)
        self.duration = 0.0
        attempts = policy.retransmit_attempts
        known_until = now + time_on_the_way(policy, len(self._members)) + policy.retransmit_interval
        self.last = RekeyRound(messages, kek.sequence, kek.spi, now, attempts, ends_at, known_until, source, group)
        for member in self._members.values():
            member.rekeys_sent += 1
            member.sent = (kek.sequence, *member.sent[:-1])
        if group is None:
            answering = {address for address, member in self._members.items() if member.acknowledges}
            self.last.pending, self.last.silent = answering, set(self._members) - answering
        self._send_round(self.last, list(self._members), policy, now)

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(*(item.next_at for item in self._known() if item.open))

    def handle_timer(self, policy: KekPolicy, now: float) -> None:
        """Send the next batch, or retransmit, or give up."""
        for item in self._known():
            if item.open and item.next_at <= now:
                self._continue(item, policy, now)

    def acknowledged(self, kek: Kek, sequence: int, address: IPv4Address) -> None:
        """A genuine acknowledgement came in."""
        member = self._members.get(address)
        current = next((item for item in self._known() if (item.spi, item.sequence) == (kek.spi, sequence)), None)
        if member is None and address in self._ejected:
            self._events.append(AcknowledgementIgnored(self._group, address))
        elif member is None or current is None:
            self._events.append(UnsolicitedAcknowledgement(self._group, address))
        elif current.awaits(address):
            current.forget(address)
            member.acks_received += 1
            member.missed_in_a_row = 0
            member.received = (sequence, *member.received[:-1])
            self._events.append(AcknowledgementTaken(self._group, address, sequence))

    def _known(self) -> list[RekeyRound]:
        return [*self._earlier, self.last] if self.last is not None else []

    def _overtake(self, kek: Kek, policy: KekPolicy, now: float) -> None:
        """Another push comes behind the last one."""
        last = self.last
        if last is not None:
            if last.open and last.spi == kek.spi:
                self._close(last, policy, now)
            self._earlier.append(last)
        self._earlier = [item for item in self._earlier if item.open or item.known_until > now]

    def _continue(self, current: RekeyRound, policy: KekPolicy, now: float) -> None:
        if current.queue:
            self._send_batch(current, policy, now)
        elif now >= current.ends_at or (current.attempts_left == 0 and not policy.retransmit_periodic):
            self._close(current, policy, now)
        else:
            self._measure(current, now)
            current.attempts_left = max(0, current.attempts_left - 1)
            current.retransmits += 1
            self.retransmitted += 1
            current.first_pass = False
            self._send_round(current, sorted(current.pending | current.silent), policy, now)

    def _send_round(self, current: RekeyRound, addresses: Iterable[IPv4Address], policy: KekPolicy, now: float) -> None:
        if current.group is not None:
            self._datagrams += [Datagram(item, current.source, current.group) for item in current.messages.values()]
            current.next_at = now + policy.retransmit_interval
            return
        current.queue = deque(addresses)
        self._send_batch(current, policy, now)

    def _send_batch(self, current: RekeyRound, policy: KekPolicy, now: float) -> None:
        for _ in range(min(BATCH, len(current.queue))):
            address = current.queue.popleft()
            member = self._members.get(address)
            if member is None or not current.awaits(address):
                continue
            if not current.first_pass:
                member.retries += 1
            message = current.messages.get(member.version is not None)
            if message is not None:
                self._datagrams.append(Datagram(message, current.source, member.remote))
        current.next_at = now + (BATCH_PAUSE if current.queue else policy.retransmit_interval)

    def _measure(self, current: RekeyRound, now: float) -> None:
        if current is self.last:
            self.duration = now - current.started_at

    def _close(self, current: RekeyRound, policy: KekPolicy, now: float) -> None:
        self._measure(current, now)
        if now - current.started_at < policy.retransmit_interval:
            # Another rekey came before anybody can be said to have missed this one.
            current.hurried, current.pending = current.pending | current.silent, set()
        for address in sorted(current.pending):
            member = self._members.get(address)
            if member is None:
                continue
            member.acks_missed += 1
            member.missed_in_a_row += 1
            if member.missed_in_a_row >= EJECT_AFTER:
                del self._members[address]
                self._ejected.add(address)
                self._events.append(MemberEjected(self._group, address))
                if not self._members:
                    self._events.append(LastMemberLeft(self._group, address))
        current.pending, current.silent = set(), set()
        current.queue.clear()
        current.attempts_left = 0
