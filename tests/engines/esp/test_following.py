"""A plane that follows another does the same with the same packets, and no nonce comes twice."""

from __future__ import annotations

from random import Random

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import NOTHING, GroupPolicy
from iosemu.engines.esp.sharing import absorb, follow, snapshot_of, take_work
from iosemu.engines.esp.verdict import REPLAYED, Outcome
from iosemu.engines.gdoi.replay import PseudoClock, Replay, ReplayMethod
from tests.engines.esp.planes import ACL, INSIDE, plane, tek
from tests.engines.gdoi.network import GCM


def follower(leader: GroupDataPlane) -> GroupDataPlane:
    made = GroupDataPlane(Random(4).randbytes)
    follow(made, snapshot_of(leader))
    return made


def test_numbers_are_shared() -> None:
    leader = plane(tek(GCM))
    beside = follower(leader)
    packets = [item.outbound(INSIDE, 0.0).packet for item in (leader, beside, beside, leader)]
    assert [int.from_bytes(packet[24:28], "big") for packet in packets] == [1, 2, 3, 4]
    assert len({packet[28:36] for packet in packets}) == 4
    # A key that stays when the policy changes goes on where it was.
    leader.update(GroupPolicy((), ACL, (tek(GCM),), (5,), 24))
    follow(beside, snapshot_of(leader))
    assert beside.outbound(INSIDE, 0.0).packet[24:28] == (5).to_bytes(4, "big")


def test_window_is_shared() -> None:
    key = tek()
    object.__setattr__(key, "replay", Replay(ReplayMethod.COUNTER, 64))
    leader, sender = plane(key), plane(key, seed=2)
    beside = follower(leader)
    packet = sender.outbound(INSIDE, 0.0).packet
    assert beside.inbound(packet, 0.0).outcome is Outcome.PROTECTED
    assert leader.inbound(packet, 0.0).reason == REPLAYED


def test_a_leap_is_shared() -> None:
    key = tek()
    object.__setattr__(key, "replay", Replay(ReplayMethod.COUNTER, 64))
    leader, receiver = plane(key), plane(key, seed=2)
    beside = follower(leader)
    packets = [item.outbound(INSIDE, now).packet for item, now in ((leader, 1.0), (beside, 60.0), (leader, 60.5))]
    numbers = [int.from_bytes(packet[24:28], "big") for packet in packets]
    assert numbers[0] + 2**24 < numbers[1] == numbers[2] - 1
    assert all(receiver.inbound(packet, 61.0).outcome is Outcome.PROTECTED for packet in packets)
    # A key that the router has dropped and got back is the worker's too.
    leader.update(NOTHING)
    leader.update(GroupPolicy((), ACL, (key,)))
    follow(beside, snapshot_of(leader))
    assert int.from_bytes(beside.outbound(INSIDE, 61.0).packet[24:28], "big") == numbers[2] + 1


def test_work_is_counted_once() -> None:
    key = tek()
    object.__setattr__(key, "replay", Replay(ReplayMethod.TIME, 5))
    leader, sender = plane(key), plane(key, seed=2)
    for item in (leader, sender):
        item.update(GroupPolicy((), ACL, (key,), (5,), 24, PseudoClock()))
    beside = follower(leader)
    for _ in range(3):
        beside.inbound(sender.outbound(INSIDE, 1.0).packet, 1.0)
        beside.outbound(INSIDE, 1.0)
    leader.outbound(INSIDE, 1.0)
    for _ in range(2):
        absorb(leader, take_work(beside))
    counters = leader.sas[key.spi].counters
    assert (counters.encapsulated, counters.decapsulated) == (4, 3)
    assert (leader.totals.sent_octets, leader.totals.received_octets) == (4 * len(INSIDE), 3 * len(INSIDE))
    assert (leader.time.stamped, leader.time.received) == (4, 3)
