"""Replay protection of the data plane: windows per sender, and time stamps."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.crypto.esp_transforms import from_words
from iosemu.engines.esp.policy import GroupDataPlane
from iosemu.engines.esp.replay_window import IDLE, SenderWindows
from iosemu.engines.esp.time_replay import HISTORY, STAMP_OCTETS, pack_stamp, parse_stamp
from iosemu.engines.esp.verdict import NO_TIME, REPLAYED, STALE, Outcome
from iosemu.engines.gdoi.acl import AclEntry
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import PseudoClock, Replay, ReplayMethod
from tests.engines.gdoi.network import entry, udp_packet

AES = from_words(("esp-aes", "esp-sha-hmac"))
ACL: tuple[AclEntry, ...] = (entry(True, "10.0.0.0/8", "10.0.0.0/8"),)
ALICE, BOB = b"\x0a\x01\x01\x0a", b"\x0a\x02\x01\x0a"


def tek(replay: Replay, age: int = 0) -> Tek:
    random = Random(3)
    return Tek(
        b"\x00\x00\x12\x34", AES, ACL, 3600, 3600.0, random.randbytes(16), random.randbytes(20), replay=replay, age=age
    )


def plane(replay: Replay, clock: PseudoClock | None = None, age: int = 0) -> GroupDataPlane:
    made = GroupDataPlane(Random(1).randbytes)
    made.update((), ACL, [tek(replay, age)], clock=clock)
    return made


def packet(source: str = "10.1.1.10", size: int = 64) -> bytes:
    return udp_packet(source, "10.2.1.10", size=size)


# Windows


def test_a_window_takes_each_number_once_in_any_order() -> None:
    windows = SenderWindows(64)
    for number in (5, 3, 9, 1, 70, 8):
        assert windows.is_fresh(ALICE, number, 0.0)
        windows.accept(ALICE, number, 0.0)
    assert not any(windows.is_fresh(ALICE, number, 0.0) for number in (0, 1, 3, 5, 8, 9, 70))
    assert windows.is_fresh(ALICE, 7, 0.0)
    assert not windows.is_fresh(ALICE, 6, 0.0)


def test_a_leap_beyond_the_window_forgets_what_was_before() -> None:
    windows = SenderWindows(64)
    windows.accept(ALICE, 10, 0.0)
    windows.accept(ALICE, 10_000, 0.0)
    assert not windows.is_fresh(ALICE, 9_936, 0.0)
    assert windows.is_fresh(ALICE, 9_937, 0.0)


def test_each_sender_has_a_window_of_its_own() -> None:
    windows = SenderWindows(64)
    windows.accept(ALICE, 1_000_000, 0.0)
    assert windows.is_fresh(BOB, 1, 0.0)


def test_a_sender_that_was_silent_for_long_may_begin_again() -> None:
    windows = SenderWindows(64)
    windows.accept(ALICE, 5_000, 0.0)
    assert not windows.is_fresh(ALICE, 1, IDLE)
    assert windows.is_fresh(ALICE, 1, IDLE + 0.1)


def test_a_replayed_packet_is_refused_and_counted() -> None:
    sender, receiver = plane(Replay(ReplayMethod.COUNTER, 64)), plane(Replay(ReplayMethod.COUNTER, 64))
    sent = [sender.outbound(packet(), 0.0).packets[0] for _ in range(100)]
    assert receiver.inbound(sent[50], 0.0).outcome is Outcome.PROTECTED
    assert receiver.inbound(sent[99], 0.0).outcome is Outcome.PROTECTED
    for again in (sent[50], sent[99], sent[35], sent[0]):
        verdict = receiver.inbound(again, 1.0)
        assert (verdict.outcome, verdict.reason) == (Outcome.DROPPED, REPLAYED)
    assert receiver.drops == {REPLAYED: 4}
    assert receiver.totals.receive_errors == 4
    assert receiver.inbound(sent[36], 1.0).outcome is Outcome.PROTECTED


def test_a_forged_number_does_not_move_the_window() -> None:
    sender, receiver = plane(Replay(ReplayMethod.COUNTER, 64)), plane(Replay(ReplayMethod.COUNTER, 64))
    good = sender.outbound(packet(), 0.0).packets[0]
    forged = good[:24] + b"\xff\xff\xff\xf0" + good[28:]
    assert receiver.inbound(forged, 0.0).outcome is Outcome.DROPPED
    assert receiver.inbound(good, 0.0).outcome is Outcome.PROTECTED


def test_a_sender_that_starts_again_under_the_same_key_is_heard_at_once() -> None:
    first, receiver = plane(Replay(ReplayMethod.COUNTER, 64)), plane(Replay(ReplayMethod.COUNTER, 64))
    for _ in range(500):
        receiver.inbound(first.outbound(packet(), 0.0).packets[0], 0.0)
    # It downloads the key again when that is two seconds old.
    again = plane(Replay(ReplayMethod.COUNTER, 64), age=2)
    assert receiver.inbound(again.outbound(packet(), 2.0).packets[0], 2.0).outcome is Outcome.PROTECTED


# Time


def test_stamps_survive_packing() -> None:
    assert parse_stamp(pack_stamp(3611735.21)) == 3611735.21
    assert len(pack_stamp(0.0)) == STAMP_OCTETS
    assert parse_stamp(b"") is parse_stamp(bytes(STAMP_OCTETS)) is None


@pytest.mark.parametrize(("delay", "good"), [(0.0, True), (4.9, True), (5.0, False), (60.0, False), (-4.9, True)])
def test_a_stamp_must_lie_inside_the_window_on_both_sides(delay: float, good: bool) -> None:
    by_time = Replay(ReplayMethod.TIME, 5)
    sender, receiver = plane(by_time, PseudoClock(100.0)), plane(by_time, PseudoClock(100.0))
    verdict = receiver.inbound(sender.outbound(packet(), 10.0).packets[0], 10.0 + delay)
    assert (verdict.outcome is Outcome.PROTECTED) is good
    assert receiver.time.received == sender.time.stamped == 1
    assert receiver.time.receive_errors == (not good)
    assert receiver.time.largest_delta == pytest.approx(abs(delay))
    if good:
        assert verdict.packets == (packet(),)
    else:
        assert verdict.reason == STALE
        assert [(error.mine, error.peer) for error in receiver.time.history] == [(110.0 + delay, 110.0)]


def test_a_packet_without_stamp_is_refused() -> None:
    plain = plane(Replay(ReplayMethod.NONE, 0))
    receiver = plane(Replay(ReplayMethod.TIME, 5), PseudoClock(0.0))
    assert receiver.inbound(plain.outbound(packet(), 0.0).packets[0], 0.0).reason == STALE


def test_a_member_that_knows_no_stamps_reads_the_packet() -> None:
    sender = plane(Replay(ReplayMethod.TIME, 5), PseudoClock(0.0))
    foreign = plane(Replay(ReplayMethod.NONE, 0))
    assert foreign.inbound(sender.outbound(packet(), 0.0).packets[0], 0.0).packets == (packet(),)


def test_nothing_is_sent_while_the_pseudotime_is_not_known() -> None:
    sender = plane(Replay(ReplayMethod.TIME, 5))
    assert sender.outbound(packet(), 0.0).reason == NO_TIME
    assert (sender.time.send_errors, sender.totals.send_errors) == (1, 1)


def test_the_history_is_sampled() -> None:
    by_time = Replay(ReplayMethod.TIME, 5)
    sender, receiver = plane(by_time, PseudoClock(0.0)), plane(by_time, PseudoClock(1000.0))
    for _ in range(50):
        receiver.inbound(sender.outbound(packet(), 100.0).packets[0], 100.0)
    assert receiver.time.receive_errors == 50
    assert len(receiver.time.history) == HISTORY
    receiver.time.clear()
    assert (receiver.time.receive_errors, len(receiver.time.history)) == (0, 0)


def test_a_stamp_costs_one_block_of_a_full_packet() -> None:
    # RFC 4301 tunnel mode with AES-CBC and SHA-1: 1438 octets fit into 1500, 1422 with a stamp.
    for replay, clock, fits in (
        (Replay(ReplayMethod.COUNTER, 64), None, 1438),
        (Replay(ReplayMethod.TIME, 5), PseudoClock(0.0), 1422),
    ):
        sender = plane(replay, clock)
        assert len(sender.outbound(packet(size=fits - 28), 0.0).packets[0]) <= 1500
        assert len(sender.outbound(packet(size=fits - 27), 0.0).packets[0]) <= 1500 or fits == 1438
