"""Who is primary: what a key server believes of others, and the course of an election."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.coop.peers import Rank
from iosemu.wire.coop import CoopMessage, CoopRole, PrimaryReport

_REMEMBERED = 64


@dataclass(slots=True)
class Primaries:
    """The primaries that were heard of. What others report of one counts only when it tells of a beat that is new here:
    so two key servers cannot keep a dead primary alive by telling each other of it."""

    _beats: dict[int, int] = field(default_factory=dict)
    _past: dict[int, None] = field(default_factory=dict)

    def ended(self, incarnation: int) -> None:
        """A key server has started anew, as it says itself: what is said of its former life is old."""
        self._past[incarnation] = None
        self._beats.pop(incarnation, None)
        if len(self._past) > _REMEMBERED:
            del self._past[next(iter(self._past))]

    def lives(self, report: PrimaryReport, direct: bool) -> bool:
        """Whether a report tells of life, which the primary's own word always does."""
        if report.incarnation in self._past or report.beat <= self._beats.get(report.incarnation, -1):
            return direct
        self._beats[report.incarnation] = report.beat
        if len(self._beats) > _REMEMBERED:
            del self._beats[next(iter(self._beats))]
        return True


def report_of(message: CoopMessage) -> PrimaryReport | None:
    """The primary that a message tells of: its sender, or the one that the sender follows."""
    if message.role is CoopRole.PRIMARY:
        return PrimaryReport(message.sender, message.priority, message.incarnation, message.beat)
    return message.primary


def rank(report: PrimaryReport) -> Rank:
    """What decides between two primaries."""
    return report.priority, report.address


@dataclass(slots=True)
class Election:
    """One attempt to find a primary. `forced` is set on the key server where roles were cleared."""

    ends_at: float
    resend_at: float
    forced: bool = False
    candidates: dict[IPv4Address, Rank] = field(default_factory=dict)

    def best(self, own: Rank) -> Rank:
        """The one who should be primary."""
        return max([own, *self.candidates.values()])
