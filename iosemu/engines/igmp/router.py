"""The routers' side of one segment: querier election, queries, and which groups have members (RFC 2236 section 7).

Reports of version 3 count as far as this: somebody wants the group, or nobody does. Sources are not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.common import Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.igmp.config import ROBUSTNESS, IgmpConfig
from iosemu.engines.igmp.events import MembersGone, MembersPresent, QuerierChanged
from iosemu.engines.igmp.host import Outgoing
from iosemu.engines.igmp.states import State, Step, advance
from iosemu.wire.igmp import (
    ALL_SYSTEMS,
    ANY_GROUP,
    LINK_LOCAL,
    GroupRecord,
    Igmp,
    IgmpMessage,
    IgmpType,
    Query3,
    RecordType,
    Report3,
)

_JOINS = (RecordType.IS_EXCLUDE, RecordType.TO_EXCLUDE)
_WITH_SOURCES = (RecordType.IS_INCLUDE, RecordType.TO_INCLUDE, RecordType.ALLOW)


@dataclass(slots=True)
class Membership:
    """A group with members. `version` is the oldest one that was reported in of late; `queries` are still to be sent
    before a leave is believed."""

    group: IPv4Address
    since: float
    expires_at: float
    last_reporter: IPv4Address
    version: int
    state: State = State.PRESENT
    v1_until: float = 0.0
    queries: int = 0


@dataclass(frozen=True, slots=True)
class _Timer:
    """Something that is due. `what` is query, querier, group or check."""

    what: str
    group: IPv4Address = ANY_GROUP


class IgmpRouter:
    """One interface. What comes in is shown to `receive`, our own reports as well."""

    def __init__(self, config: IgmpConfig, now: float) -> None:
        self.config = config
        self.querier = config.address
        self.groups: dict[IPv4Address, Membership] = {}
        self.joins = self.leaves = 0
        self.query_due = now
        self._timers: Deadlines[_Timer] = Deadlines()
        self._startup = ROBUSTNESS
        self._outgoing: list[Outgoing] = []
        self._events: list[Event] = []
        self._timers.set(_Timer("query"), now)
        self._static(frozenset(), now)

    @property
    def is_querier(self) -> bool:
        """Whether it is us who ask."""
        return self.querier == self.config.address

    def reconfigure(self, config: IgmpConfig, now: float) -> None:
        """Go on under other settings."""
        before, self.config = self.config, config
        if self.querier == before.address:
            self.querier = config.address
        self._static(before.static, now)

    def forget(self, group: IPv4Address) -> None:
        """Take a group out, as if its members had gone."""
        item = self.groups.pop(group, None)
        if item is not None:
            self.leaves += 1
            self._timers.set(_Timer("group", group), None)
            self._timers.set(_Timer("check", group), None)
            self._events.append(MembersGone(group))

    def receive(self, message: Igmp, source: IPv4Address, now: float) -> None:
        """Take a message of the segment."""
        if isinstance(message, Report3):
            for record in message.records:
                self._record(record, source, now)
        elif isinstance(message, Query3) or message.kind == IgmpType.QUERY:
            self._query(message.group, source, now)
        elif message.kind in (IgmpType.V1_REPORT, IgmpType.REPORT):
            self._report(message.group, source, message.version, now)
        elif message.kind == IgmpType.LEAVE:
            self._leave(message.group, now)

    def next_timer(self) -> float | None:
        """When something falls due."""
        return self._timers.next()

    def handle_timer(self, now: float) -> None:
        """Ask, and forget who has not answered."""
        for timer in self._timers.pop_due(now):
            if timer.what == "query" and self.is_querier:
                self._ask(now)
            elif timer.what == "querier":
                self._elect(self.config.address, now)
            elif timer.what == "check":
                self._ask_about(timer.group, now)
            elif timer.what == "group":
                item = self.groups[timer.group]
                item.state = advance(item.state, Step.EXPIRED)
                self.forget(timer.group)

    def take_messages(self) -> list[Outgoing]:
        """What is to be sent, and to which address."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def take_events(self) -> list[Event]:
        """What has happened."""
        events, self._events = self._events, []
        return events

    # The inside

    def _static(self, before: frozenset[IPv4Address], now: float) -> None:
        for group in sorted(self.config.static - before):
            self._report(group, ANY_GROUP, self.config.version, now)
        for group in sorted(before - self.config.static):
            self.forget(group)

    def _query(self, group: IPv4Address, source: IPv4Address, now: float) -> None:
        """The router with the lowest address asks."""
        if source < self.config.address:
            if source <= self.querier or self.is_querier:
                self._elect(source, now)
            if source == self.querier:
                self._timers.set(_Timer("querier"), now + self.config.querier_timeout)
        item = self.groups.get(group)
        if item is not None and source == self.querier and not self.is_querier and item.group not in self.config.static:
            # The querier checks whether anybody is left.
            limit = now + self.config.last_member_count * self.config.last_member_interval
            self._expire(item, min(item.expires_at, limit))

    def _elect(self, querier: IPv4Address, now: float) -> None:
        if querier != self.querier:
            self.querier = querier
            self._events.append(QuerierChanged(querier))
            self._timers.set(_Timer("query"), now if self.is_querier else None)

    def _record(self, record: GroupRecord, source: IPv4Address, now: float) -> None:
        if record.kind in _JOINS or (record.kind in _WITH_SOURCES and record.sources):
            self._report(record.group, source, 3, now)
        elif record.kind == RecordType.TO_INCLUDE:
            self._leave(record.group, now)

    def _report(self, group: IPv4Address, source: IPv4Address, version: int, now: float) -> None:
        if not group.is_multicast or int(group) >> 8 == LINK_LOCAL:
            return
        item = self.groups.get(group)
        if item is None:
            self.joins += 1
            item = self.groups[group] = Membership(group, now, now, source, version)
            self._events.append(MembersPresent(group))
        item.state, item.queries = advance(item.state, Step.REPORT), 0
        item.last_reporter, item.version = source, version
        if version == 1:
            item.v1_until = now + self.config.membership_time
        self._timers.set(_Timer("check", group), None)
        self._expire(item, now + self.config.membership_time)

    def _leave(self, group: IPv4Address, now: float) -> None:
        item = self.groups.get(group)
        # Hosts of version 1 do not say that they leave, and are not asked about one group.
        if item is None or not self.is_querier or item.v1_until > now or item.state is State.CHECKING:
            return
        if group not in self.config.static:
            item.state = advance(item.state, Step.LEAVE)
            item.queries = self.config.last_member_count
            self._ask_about(group, now)
            self._expire(item, now + self.config.last_member_count * self.config.last_member_interval)

    def _expire(self, item: Membership, when: float) -> None:
        item.expires_at = when
        # A static group stays.
        self._timers.set(_Timer("group", item.group), None if item.group in self.config.static else when)

    def _ask(self, now: float) -> None:
        self._outgoing.append((ALL_SYSTEMS, self._general()))
        if self._startup:
            self._startup -= 1
        self.query_due = now + (self.config.query_interval / 4 if self._startup else self.config.query_interval)
        self._timers.set(_Timer("query"), self.query_due)

    def _general(self) -> Igmp:
        config = self.config
        if config.version == 3:
            return Query3(delay=config.max_response * 10, interval=config.query_interval, robustness=ROBUSTNESS)
        return IgmpMessage(IgmpType.QUERY, ANY_GROUP, config.max_response * 10 if config.version == 2 else 0)

    def _ask_about(self, group: IPv4Address, now: float) -> None:
        item = self.groups.get(group)
        if item is None or not item.queries:
            return
        item.queries -= 1
        delay = round(self.config.last_member_interval * 10)
        message = IgmpMessage(IgmpType.QUERY, group, delay) if self.config.version < 3 else Query3(group, delay)
        self._outgoing.append((group, message))
        self._timers.set(_Timer("check", group), now + self.config.last_member_interval)
