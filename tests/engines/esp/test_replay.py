"""Replay protection of the data plane: windows per sender, and time stamps."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.crypto.esp_transforms import EspTransform, from_words
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.replay_window import SenderWindows
from iosemu.engines.esp.rules import NOTHING, GroupPolicy
from iosemu.engines.esp.sa import QUIET, Counters
from iosemu.engines.esp.time_replay import HISTORY, STAMP_OCTETS, pack_stamp, parse_stamp
from iosemu.engines.esp.verdict import BAD_ICV, NO_TIME, REPLAYED, STALE, Outcome
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import PseudoClock, Replay, ReplayMethod
from tests.engines.gdoi.network import GCM, entry, udp_packet

AES = from_words(("esp-aes", "esp-sha-hmac"))
ACL: tuple[AclEntry, ...] = (entry(True, "10.0.0.0/8", "10.0.0.0/8"),)
ALICE, BOB = 0x0A01010A, 0x0A02010A
SPI = b"\x00\x00\x12\x34"
COUNTER = Replay(ReplayMethod.COUNTER, 64)


def tek(replay: Replay, age: int = 0, transform: EspTransform = AES) -> Tek:
    """A key that lives from 0 to 3600; `age` is when it is downloaded."""
    random = Random(3)
    encryption, integrity, salt = (random.randbytes(size) for size in (transform.encryption_key_size, 20, 4))
    keys = encryption, integrity[: transform.integrity_key_size], salt[: transform.salt_size]
    return Tek(SPI, transform, ACL, 3600 - age, 3600.0, *keys, replay=replay, age=age)


def sequence(esp: bytes) -> int:
    return int.from_bytes(esp[24:28], "big")


def plane(replay: Replay, clock: PseudoClock | None = None, age: int = 0) -> GroupDataPlane:
    made = GroupDataPlane(Random(1).randbytes)
    made.update(GroupPolicy((), ACL, (tek(replay, age),), clock=clock))
    return made


def packet(source: str = "10.1.1.10", size: int = 64) -> bytes:
    return udp_packet(source, "10.2.1.10", size=size)


# Windows


def test_a_window_takes_each_number_once_in_any_order() -> None:
    windows = SenderWindows(64)
    for number in (5, 3, 9, 1, 70, 8):
        assert windows.is_fresh(ALICE, number)
        assert windows.accept(ALICE, number)
    assert not any(windows.is_fresh(ALICE, number) for number in (0, 1, 3, 5, 8, 9, 70))
    assert windows.is_fresh(ALICE, 7)
    assert not windows.is_fresh(ALICE, 6)


def test_a_leap_beyond_the_window_forgets_what_was_before() -> None:
    windows = SenderWindows(64)
    windows.accept(ALICE, 10)
    windows.accept(ALICE, 10_000)
    assert not windows.is_fresh(ALICE, 9_936)
    assert windows.is_fresh(ALICE, 9_937)


def test_each_sender_has_a_window_of_its_own() -> None:
    windows = SenderWindows(64)
    windows.accept(ALICE, 1_000_000)
    assert windows.is_fresh(BOB, 1)
    assert not windows.is_fresh(BOB, 0)


def test_of_two_that_have_found_a_number_fresh_one_may_take_it() -> None:
    windows = SenderWindows(64)
    assert windows.is_fresh(ALICE, 7)
    assert windows.is_fresh(ALICE, 7)
    assert windows.accept(ALICE, 7)
    assert not windows.accept(ALICE, 7)


def test_a_full_table_forgets_whom_it_can_refuse() -> None:
    windows = SenderWindows(64, limit=4)
    for sender, number in ((1, 10), (2, 4000), (3, 20), (4, 3000)):
        assert windows.accept(sender, number)
    # The newcomer is above what is forgotten of 1 and 3, who must be above that from now on.
    assert windows.accept(5, 21)
    assert len(windows) == 3
    assert not any(windows.is_fresh(sender, 20) for sender in (1, 3, 6))
    assert windows.is_fresh(1, 21)
    assert windows.is_fresh(2, 3999)
    assert not windows.is_fresh(2, 4000)
    # One that is below has to wait until it has counted further.
    assert windows.accept(3, 22)
    assert not windows.accept(6, 21)
    assert windows.accept(6, 23)


@pytest.mark.parametrize("seed", range(50))
def test_however_small_the_table_no_packet_comes_in_twice(seed: int) -> None:
    random = Random(seed)
    small, large = SenderWindows(32, limit=3), SenderWindows(32)
    had: set[tuple[int, int]] = set()
    for step in range(300):
        sender, number = random.randrange(9), random.randrange(step + 2)
        fresh = small.is_fresh(sender, number)
        accepted = small.accept(sender, number)
        assert len(small) <= 3
        # Asked first, the answer may still be that there is room for the sender.
        assert fresh or not accepted
        if accepted:
            assert (sender, number) not in had
            # Nor is anything let in that all the room in the world would keep out.
            assert large.accept(sender, number)
            had.add((sender, number))


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


def test_a_replay_is_refused_for_as_long_as_the_key_lives() -> None:
    sender, receiver = plane(COUNTER), plane(COUNTER)
    sent = [sender.outbound(packet(), 0.0).packet for _ in range(200)]
    assert all(receiver.inbound(item, 0.0).outcome is Outcome.PROTECTED for item in sent)
    for now in (31.0, 600.0, 3599.0):
        assert [receiver.inbound(item, now).reason for item in sent] == [REPLAYED] * 200
    assert receiver.drops == {REPLAYED: 600}
    assert receiver.totals.decapsulated == 200


def test_a_key_that_is_downloaded_again_remembers_what_it_had() -> None:
    sender, receiver = plane(COUNTER), plane(COUNTER)
    old = sender.outbound(packet(), 0.0).packet
    assert receiver.inbound(old, 0.0).outcome is Outcome.PROTECTED
    # `clear crypto gdoi` on both.
    for one in (sender, receiver):
        one.update(NOTHING, now=10.0)
        one.update(GroupPolicy((), ACL, (tek(COUNTER, age=10),)), now=11.0)
        assert one.sas[SPI].counters == Counters()
    assert receiver.inbound(old, 11.0).reason == REPLAYED
    new = sender.outbound(packet(), 11.0).packet
    assert sequence(new) > sequence(old)
    assert receiver.inbound(new, 11.0).outcome is Outcome.PROTECTED
    # What is dead need not be remembered.
    receiver.update(NOTHING, now=12.0)
    receiver.update(NOTHING, now=3600.0)
    assert receiver._former == {}


def test_a_sender_that_starts_again_under_the_same_key_is_heard_at_once() -> None:
    first, receiver = plane(COUNTER), plane(COUNTER)
    for _ in range(500):
        receiver.inbound(first.outbound(packet(), 0.0).packet, 0.0)
    # It downloads the key again when that is two seconds old.
    again = plane(COUNTER, age=2)
    assert receiver.inbound(again.outbound(packet(), 2.0).packet, 2.0).outcome is Outcome.PROTECTED


def test_a_host_may_move_behind_a_member_that_has_sent_less() -> None:
    one, other, receiver = plane(COUNTER), plane(COUNTER), plane(COUNTER)
    other.outbound(packet("10.1.1.11"), 0.0)
    before = [one.outbound(packet(), 10.0 + n / 100).packet for n in range(3000)]
    assert all(receiver.inbound(item, 40.0).outcome is Outcome.PROTECTED for item in before)
    # The other member has not sent for some seconds, so that it goes on at what the key's age makes.
    after = [other.outbound(packet(), 41.0 + n).packet for n in range(5)]
    assert all(receiver.inbound(item, 46.0).outcome is Outcome.PROTECTED for item in after)
    assert [receiver.inbound(item, 100.0).reason for item in before + after] == [REPLAYED] * 3005
    # And back.
    assert receiver.inbound(one.outbound(packet(), 101.0).packet, 101.0).outcome is Outcome.PROTECTED


def test_a_stream_counts_by_one() -> None:
    sender = plane(COUNTER)
    numbers = [sequence(sender.outbound(packet(), 10.0 + n * QUIET).packet) for n in range(50)]
    assert numbers == list(range(numbers[0], numbers[0] + 50))


def test_between_two_members_that_never_pause_a_host_has_to_wait() -> None:
    # Where the packet does not say which member it is from, refusing is right.
    one, other, receiver = plane(COUNTER), plane(COUNTER), plane(COUNTER)
    for n in range(200):
        receiver.inbound(one.outbound(packet(), n / 100).packet, n / 100)
    for n in range(200):
        other.outbound(packet("10.1.1.11"), n / 10)
    assert receiver.inbound(other.outbound(packet(), 20.0).packet, 20.0).outcome is Outcome.PROTECTED
    assert receiver.inbound(one.outbound(packet(), 2.0).packet, 20.0).reason == REPLAYED
    assert receiver.inbound(one.outbound(packet(), 2.0 + QUIET + 0.1).packet, 20.0).outcome is Outcome.PROTECTED


def test_where_nonces_bear_sender_ids_each_member_has_its_window() -> None:
    key = tek(COUNTER, transform=GCM)
    one, other, receiver = (GroupDataPlane(Random(n).randbytes) for n in range(3))
    for sid, member in enumerate((one, other, receiver), start=1):
        member.update(GroupPolicy((), ACL, (key,), (sid,), 12))
    before = [one.outbound(packet(), 1.0).packet for _ in range(100)]
    assert [sequence(item) for item in before] == list(range(1, 101))
    assert all(receiver.inbound(item, 1.0).outcome is Outcome.PROTECTED for item in before)
    moved = other.outbound(packet(), 1.0).packet
    assert (sequence(moved), moved[28:30]) == (1, b"\x00\x20")
    assert receiver.inbound(moved, 1.0).outcome is Outcome.PROTECTED
    assert [receiver.inbound(item, 50.0).reason for item in (*before, moved)] == [REPLAYED] * 101
    # The ID is part of the nonce: one that was changed does not verify.
    assert receiver.inbound(moved[:28] + b"\x00\x90" + moved[30:], 50.0).reason == BAD_ICV


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
