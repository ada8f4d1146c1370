"""Several data planes for one membership, each of which does a part of its work.

One leads: it is told the policy, and has the counters that are shown. The others follow it by snapshots, and what they
have done is counted by the leader.
"""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.replay_window import SenderWindows
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sa import Counters
from iosemu.engines.esp.sequence import Numbers
from iosemu.engines.esp.tunnel import DfRule


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a data plane has been told, with the sequence numbers and replay windows of its SAs, in the order of the
    TEKs."""

    policy: GroupPolicy
    df_rule: DfRule
    numbers: tuple[Numbers, ...]
    windows: tuple[SenderWindows | None, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What a following plane has done since it was last asked: packets that went through, by SPI."""

    by_spi: dict[bytes, Counters]
    stamped: int
    accepted: int
    largest_delta: float


def snapshot_of(leader: GroupDataPlane) -> Snapshot:
    """A plane as it is now."""
    sas = [leader.sas[tek.spi] for tek in leader.policy.teks]
    return Snapshot(leader.policy, leader.df_rule, tuple(sa.numbers for sa in sas), tuple(sa.windows for sa in sas))


def follow(plane: GroupDataPlane, snapshot: Snapshot) -> None:
    """Let a plane do what another one does: both draw on the same sequence numbers, so that no nonce comes twice, and
    have the same replay windows."""
    plane.update(snapshot.policy)
    plane.df_rule = snapshot.df_rule
    # What the leader resumes, this one gets with the snapshot.
    plane.forget_former()
    for tek, numbers, windows in zip(snapshot.policy.teks, snapshot.numbers, snapshot.windows, strict=True):
        plane.sas[tek.spi].numbers, plane.sas[tek.spi].windows = numbers, windows


def take_work(plane: GroupDataPlane) -> Work:
    """What a following plane has done; it counts anew. What it dropped is not among it: the leader sees and counts that
    itself."""
    by_spi = {spi: sa.counters for spi, sa in plane.sas.items()}
    for sa in plane.sas.values():
        sa.counters = Counters()
    time = plane.time
    work = Work(by_spi, time.stamped, time.received - time.receive_errors, time.largest_delta)
    time.clear()
    return work


def absorb(leader: GroupDataPlane, work: Work) -> None:
    """Count what a following plane has done."""
    for spi, counters in work.by_spi.items():
        sa = leader.sas.get(spi)
        for into in (leader.totals, sa.counters) if sa is not None else (leader.totals,):
            into.encapsulated += counters.encapsulated
            into.decapsulated += counters.decapsulated
            into.sent_octets += counters.sent_octets
            into.received_octets += counters.received_octets
    leader.time.stamped += work.stamped
    leader.time.received += work.accepted
    leader.time.largest_delta = max(leader.time.largest_delta, work.largest_delta)
