"""A host of groups on one segment: it reports them, unprompted and when it is asked (RFC 2236 section 3)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.engines.deadlines import Deadlines
from iosemu.wire.igmp import (
    ALL_ROUTERS,
    ALL_SYSTEMS,
    ALL_V3_ROUTERS,
    ANY_GROUP,
    GroupRecord,
    Igmp,
    IgmpMessage,
    IgmpType,
    Query3,
    RecordType,
    Report3,
)

# A report is repeated, because nobody acknowledges it (seconds).
REPEAT = 10.0
# How long the version of an older querier is kept (RFC 3376 section 8.12).
OLDER_QUERIER = 400.0
# Version 1 does not say how long an answer may take (seconds).
V1_DELAY = 10.0

Outgoing = tuple[IPv4Address, Igmp]


class IgmpHost:
    """The host side of IGMP on one interface: which groups are joined, and when that is reported. `uniform(low, high)`
    spreads answers; `version` is the one spoken where no querier is older."""

    def __init__(self, uniform: Callable[[float, float], float], version: int = 2) -> None:
        self.version = version
        self._uniform = uniform
        self._groups: set[IPv4Address] = set()
        # By group, and whether it is the repetition after a join, which nobody else's report saves.
        self._due: Deadlines[tuple[IPv4Address, bool]] = Deadlines()
        self._older: dict[int, float] = {}
        self._outgoing: list[Outgoing] = []

    @property
    def groups(self) -> list[IPv4Address]:
        """What is received."""
        return sorted(self._groups)

    def __contains__(self, group: IPv4Address) -> bool:
        return group in self._groups

    def join(self, group: IPv4Address, now: float) -> None:
        """Receive a group."""
        self._groups.add(group)
        self._report(group, RecordType.TO_EXCLUDE, now)
        self._due.set((group, True), now + REPEAT)

    def leave(self, group: IPv4Address, now: float) -> None:
        """Receive it no more."""
        self._groups.discard(group)
        for repetition in (True, False):
            self._due.set((group, repetition), None)
        if self.current_version(now) == 2:
            self._outgoing.append((ALL_ROUTERS, IgmpMessage(IgmpType.LEAVE, group)))
        elif self.current_version(now) == 3:
            self._report(group, RecordType.TO_INCLUDE, now)

    def current_version(self, now: float) -> int:
        """The version that is spoken, which is that of the oldest querier of late."""
        return min([self.version, *(version for version, until in self._older.items() if until > now)])

    def receive(self, message: Igmp, now: float) -> None:
        """Queries are answered for the groups that they ask about; a report of somebody else saves ours, up to version
        2."""
        if isinstance(message, Query3) or (isinstance(message, IgmpMessage) and message.kind == IgmpType.QUERY):
            self._older[message.version] = now + OLDER_QUERIER
            delay = message.delay / 10 or V1_DELAY
            for group in self.groups:
                if message.group in (ANY_GROUP, group) and group != ALL_SYSTEMS:
                    self._due.set((group, False), now + self._uniform(0, delay))
        elif isinstance(message, IgmpMessage) and message.kind != IgmpType.LEAVE and self.current_version(now) < 3:
            self._due.set((message.group, False), None)

    def next_timer(self) -> float | None:
        """When the next report is due."""
        return self._due.next()

    def handle_timer(self, now: float) -> None:
        """Report what is due."""
        for group, _ in self._due.pop_due(now):
            self._report(group, RecordType.IS_EXCLUDE, now)

    def take_messages(self) -> list[Outgoing]:
        """What is to be sent, and to which address."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def _report(self, group: IPv4Address, kind: RecordType, now: float) -> None:
        version = self.current_version(now)
        if version == 3:
            self._outgoing.append((ALL_V3_ROUTERS, Report3((GroupRecord(kind, group),))))
        else:
            self._outgoing.append((group, IgmpMessage(IgmpType.REPORT if version == 2 else IgmpType.V1_REPORT, group)))
