"""The worker's way from frame to frame: encryption there and back, what goes to the router instead, the counters."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from iosemu.crypto.esp_transforms import from_words
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sequence import MAXIMUM_SEQUENCE
from iosemu.engines.esp.tunnel import DfRule
from iosemu.engines.gdoi.replay import PseudoClock, Replay, ReplayMethod
from iosemu.fastpath.lines import flow_key
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.pure import Engine
from iosemu.ports.offload import HEADER, PLAIN, finished
from iosemu.wire.ipv4 import decrement_ttl
from tests.engines.esp.planes import ACL, TRANSFORMS
from tests.fastpath.room import LAN_HEAD, WAN_HEAD, Gateway, datagram, framed, stream

Making = Callable[[], Engine]
BY_TIME = Replay(ReplayMethod.TIME, 5)
BY_COUNTER = Replay(ReplayMethod.COUNTER, 64)


def router_plane(gateway: Gateway, sid: int = 6) -> GroupDataPlane:
    """Another member, which judges packet by packet."""
    plane = GroupDataPlane(Random(3).randbytes)
    clock = PseudoClock() if gateway.key.replay.by_time else None
    plane.update(GroupPolicy((), ACL, (gateway.key,), (sid,), 24, clock))
    return plane


def inside(frames: list[bytes]) -> list[bytes]:
    return [packet for frame in frames for packet in finished(frame, 0)]


@pytest.mark.parametrize("replay", [BY_TIME, BY_COUNTER], ids=["time", "counter"])
@pytest.mark.parametrize("words", TRANSFORMS, ids=" ".join)
def test_there_and_back_and_as_the_router_does_it(engine: Making, words: tuple[str, ...], replay: Replay) -> None:
    sender, receiver = (Gateway(engine(), from_words(words), replay, sid) for sid in (5, 7))
    frames = [datagram(60), datagram(61, tos=0xB8), datagram(1200, flags="DF"), stream(9000, 1000), stream(700, 1000)]
    for frame in (frames[0], frames[3]):
        sender.taught(frame[10:])
        receiver.taught(decrement_ttl(frame[10:]))
    sealed = sender.from_lan(*frames)
    assert not sender.handover.punts
    packets = [decrement_ttl(packet) for packet in inside(frames)]
    member = router_plane(sender)
    opened = [member.inbound(frame[24:], 1.0) for frame in sealed]
    assert [verdict.packet for verdict in opened] == packets
    assert all(frame.startswith(PLAIN + WAN_HEAD) for frame in sealed)
    delivered = receiver.from_wan(*sealed)
    assert not receiver.handover.punts
    assert inside(delivered) == [decrement_ttl(packet) for packet in packets]
    # What follows each other is one frame again: of ten segments in two frames.
    assert len(delivered) == 5


def test_octets_are_those_of_the_router(engine: Making) -> None:
    gateway = Gateway(engine(), replay=BY_TIME).taught(datagram()[10:])
    member = router_plane(gateway, sid=5)
    frames = [datagram(size, size, tos=size & 0xFC, flags="DF" if size % 3 else 0) for size in range(40, 120)]
    expected = [member.outbound(decrement_ttl(frame[10:]), 1.0).packet for frame in frames]
    assert [frame[24:] for frame in gateway.from_lan(*frames)] == expected


@pytest.mark.parametrize("rule", list(DfRule))
def test_df_bit_is_as_configured(engine: Making, rule: DfRule) -> None:
    gateway = Gateway(engine()).taught(datagram()[10:])
    gateway.follower.df_rule = rule
    bits = [frame[30] >> 6 & 1 for frame in gateway.from_lan(datagram(), datagram(flags="DF"))]
    assert bits == {DfRule.COPY: [0, 1], DfRule.CLEAR: [0, 0], DfRule.SET: [1, 1]}[rule]


def test_flows_in_turn_keep_their_order_and_are_joined(engine: Making) -> None:
    segments = [PLAIN + packet for packet in finished(stream(8000, 1000), 0)]
    between = [datagram(100 + number) for number in range(8)]
    frames = [frame for pair in zip(segments, between, strict=True) for frame in pair]
    sender, receiver = Gateway(engine(), sid=5), Gateway(engine(), sid=6)
    for frame in (segments[0], between[0]):
        sender.taught(frame[10:])
        receiver.taught(frame[10:])
    delivered = receiver.from_wan(*sender.from_lan(*frames))
    assert len(delivered) == 9
    packets = inside(delivered)
    for protocol, wanted in ((6, segments), (17, between)):
        expected = [decrement_ttl(decrement_ttl(frame[10:])) for frame in wanted]
        assert [packet for packet in packets if packet[9] == protocol] == expected


def odd_frames() -> dict[str, bytes]:
    good, many = datagram(), stream(5000, 1000)
    return {
        "cut short": good[:30],
        "nothing": b"",
        "another receiver": good,
        "bad header checksum": good[:20] + b"\0\0" + good[22:],
        "longer than it is": good[:12] + b"\1\0" + good[14:],
        "first fragment": datagram(flags="MF"),
        "last fragment": datagram(frag=5),
        "options": datagram(options=[b"\x01\x01\x01\x01"]),
        "last hop": datagram(ttl=1),
        "beginning": stream(10, 1000, "S"),
        "end": stream(10, 1000, "FA"),
        "too large": datagram(1480),
        "segments too large": stream(5000, 1440),
        "segments of no size": many[:4] + b"\0\0" + many[6:],
        "unknown offload": many[:1] + b"\x07" + many[2:],
        "segments of UDP": many[:19] + b"\x11" + many[20:],
        "segments of a few octets of UDP": HEADER.pack(1, 5, 28, 1, 20, 6) + datagram(30)[10:],
        "checksum far from its packet": HEADER.pack(1, 0, 0, 0, 65500, 65535) + good[10:],
        "transport elsewhere": HEADER.pack(1, 1, 52, 1000, 24, 16) + many[10:],
        "header beyond the end": many[:42] + b"\xf0" + many[43:70],
        "checksum outside": HEADER.pack(1, 0, 0, 0, 20, 4000) + good[10:],
    }


@pytest.mark.parametrize("name", odd_frames())
def test_what_is_not_plain_goes_to_the_router_as_it_came(engine: Making, name: str) -> None:
    frame = odd_frames()[name]
    gateway = Gateway(engine()).taught(datagram()[10:]).taught(stream(10, 10)[10:])
    receiver = bytes(6) if name == "another receiver" else gateway.lan.mac
    outside = framed(frame, receiver + bytes(6) + b"\x08\0") if frame else b""
    gateway.forwarder.take(gateway.lan.outer, [outside], 1.0)
    assert gateway.to_wan.sent == []
    assert [(punt.data, punt.opened, punt.learn) for punt in gateway.handover.punts] == [(outside, False, False)]
    assert gateway.lan.passed.packets_in == 0


def test_frames_of_noise_do_no_harm(engine: Making) -> None:
    random = Random(5)
    gateway = Gateway(engine()).taught(datagram()[10:]).taught(stream(10, 10)[10:])
    valid = [datagram(), datagram(1000), stream(5000, 1000), stream(100, 1000)]
    for _ in range(2000):
        frame = bytearray(framed(random.choice(valid), gateway.lan.mac + bytes(6) + b"\x08\0"))
        for _ in range(random.randrange(4)):
            frame[random.randrange(len(frame))] = random.randrange(256)
        cut = bytes(frame[: random.choice((len(frame), random.randrange(len(frame))))])
        gateway.forwarder.take(gateway.lan.outer, [cut], 1.0)
        gateway.forwarder.take(gateway.wan.outer, [cut[:10] + gateway.wan.mac + cut[16:]], 1.0)


def test_unknown_flow_is_asked_for(engine: Making) -> None:
    gateway = Gateway(engine())
    assert gateway.from_lan(datagram()) == []
    assert [punt.learn for punt in gateway.handover.punts] == [True]


def test_what_follows_waits_for_the_answer_and_keeps_its_order(engine: Making) -> None:
    gateway = Gateway(engine())
    frames = [datagram(100 + number, number) for number in range(200)]
    assert gateway.from_lan(*frames[:150]) == []
    gateway.taught(frames[0][10:])
    expected = Gateway(engine()).taught(frames[0][10:]).from_lan(*frames[1:])
    # Sealed as if they had come in two batches.
    assert [frame[24:] for frame in gateway.answered(frames[0][10:]) + gateway.from_lan(*frames[150:])] == [
        frame[24:] for frame in expected
    ]
    assert (len(gateway.handover.punts), gateway.handover.held) == (1, 0)
    assert (gateway.lan.passed.packets_in, gateway.lan.passed.input_drops) == (199, 0)


def test_without_a_plan_the_router_sees_each_packet_in_order(engine: Making) -> None:
    gateway = Gateway(engine())
    frames = [datagram(100, number) for number in range(5)]
    gateway.from_lan(*frames)
    assert gateway.answered(frames[0][10:]) == []
    gateway.from_lan(*frames)
    punts = gateway.handover.punts
    assert [punt.packet for punt in punts] == [frame[10:] for frame in (*frames, frames[0])]
    assert [punt.learn for punt in punts] == [True, False, False, False, False, True]


def test_end_of_a_stream_does_not_overtake_what_waits(engine: Making) -> None:
    gateway = Gateway(engine())
    frames = [PLAIN + packet for packet in finished(stream(5000, 1000, "PAF"), 0)]
    gateway.from_lan(*frames)
    assert len(gateway.handover.punts) == 1
    gateway.taught(frames[0][10:])
    assert len(gateway.answered(frames[0][10:])) == 3
    assert [punt.packet for punt in gateway.handover.punts] == [frames[0][10:], frames[-1][10:]]


def test_frame_of_many_segments_asks_once(engine: Making) -> None:
    receiver = Gateway(engine())
    receiver.forwarder.take(receiver.wan.inner, [stream(5000, 1000), stream(3000, 1000, sequence=5001)], 1.0)
    punts = receiver.handover.punts
    assert [(len(punt.packet), punt.learn) for punt in punts] == [(1052, False)] * 4 + [(1052, True)]
    assert receiver.handover.held == 1


def test_room_for_what_waits_is_limited(engine: Making) -> None:
    gateway = Gateway(engine())
    gateway.from_lan(*[datagram()] * 502, datagram(dst="10.2.0.9"))
    assert (len(gateway.handover.punts), gateway.handover.held, gateway.lan.passed.input_drops) == (
        2,
        500,
        1,
    )
    gateway.handover.abandon(gateway.lan)
    assert (gateway.handover.held, gateway.lan.passed.input_drops) == (0, 501)
    # An answer about a device that has gone.
    assert gateway.answered(datagram()[10:]) == []


def test_plan_that_has_run_out_is_asked_for_anew(engine: Making) -> None:
    gateway = Gateway(engine())
    packet = datagram()[10:]
    plan = Plan(gateway.wan.name, WAN_HEAD, 1500, None, id(gateway.leader), until=5.0)
    gateway.flows.learn(gateway.lan.name, False, packet, plan)
    assert len(gateway.from_lan(datagram(), now=4.0)) == 1
    assert gateway.from_lan(*[datagram()] * 3, now=5.0) == []
    assert gateway.answered(packet, now=5.0) == []
    assert [punt.learn for punt in gateway.handover.punts] == [True, False, False]


def test_room_for_the_router_is_limited(engine: Making) -> None:
    gateway = Gateway(engine())
    gateway.from_lan(*[datagram(flags="MF")] * 1001)
    assert (len(gateway.handover.punts), gateway.lan.passed.input_drops) == (1000, 1)


def sealed_frames(engine: Making, replay: Replay, count: int = 3) -> tuple[Gateway, list[bytes]]:
    sender, receiver = (Gateway(engine(), replay=replay, sid=sid) for sid in (5, 6))
    for gateway in (sender, receiver):
        gateway.taught(datagram()[10:])
    return receiver, sender.from_lan(*[datagram(100, number) for number in range(count)])


def test_forged_packet_goes_to_the_router(engine: Making) -> None:
    receiver, frames = sealed_frames(engine, BY_TIME)
    frames[1] = frames[1][:-1] + bytes((frames[1][-1] ^ 1,))
    assert len(receiver.from_wan(*frames)) == 2
    assert [punt.data[24:] for punt in receiver.handover.punts] == [frames[1][24:]]


@pytest.mark.parametrize("apart", [False, True])
def test_repeated_packet_goes_to_the_router(engine: Making, apart: bool) -> None:
    receiver, frames = sealed_frames(engine, BY_COUNTER)
    if apart:
        assert len(receiver.from_wan(*frames)) == 3
        assert receiver.from_wan(frames[1]) == []
    else:
        assert len(receiver.from_wan(*frames, frames[1])) == 3
    assert len(receiver.handover.punts) == 1
    assert receiver.leader.inbound(receiver.handover.punts[0].packet, 1.0).reason == "replay check failed"


def test_small_windows_see_flows_in_the_order_of_arrival(engine: Making) -> None:
    sender, receiver = (Gateway(engine(), replay=BY_COUNTER, sid=sid) for sid in (5, 6))
    frames = [datagram(100), datagram(100, dst="10.2.0.2")]
    for gateway in (sender, receiver):
        for frame in frames:
            gateway.taught(frame[10:])
    sealed = []
    for number in range(40):
        # Most of what the sender counts goes to others.
        sender.follower.sas[sender.key.spi].numbers.leap(20 * number)
        sealed += sender.from_lan(frames[number % 2])
    assert len(receiver.from_wan(*sealed)) == 40
    assert not receiver.handover.punts


@pytest.mark.parametrize("late", [0.0, 4.9, 5.1])
def test_stale_packet_goes_to_the_router(engine: Making, late: float) -> None:
    receiver, frames = sealed_frames(engine, BY_TIME)
    assert len(receiver.from_wan(*frames, now=1.0 + late)) == (3 if late < 5 else 0)
    assert len(receiver.handover.punts) == (0 if late < 5 else 3)


def test_packet_of_another_flow_inside_is_asked_for(engine: Making) -> None:
    receiver, frames = sealed_frames(engine, BY_TIME)
    receiver.wan.inner.flows.clear()
    assert receiver.from_wan(*frames) == []
    assert [(punt.opened, punt.learn, len(punt.packet)) for punt in receiver.handover.punts] == [(True, True, 100)]
    receiver.taught(datagram()[10:])
    receiver.forwarder.answered(receiver.wan.inner, flow_key(datagram()[10:]), 1.0)
    assert [frame[28:30] for frame in receiver.to_lan.take()] == [b"\0\1", b"\0\2"]


def test_sa_whose_numbers_end_sends_nothing(engine: Making) -> None:
    gateway = Gateway(engine()).taught(datagram()[10:])
    gateway.follower.sas[gateway.key.spi].numbers.leap(MAXIMUM_SEQUENCE - 1)
    assert len(gateway.from_lan(datagram())) == 1
    assert gateway.from_lan(datagram(), datagram()) == []
    assert len(gateway.handover.punts) == 2


def test_flows_of_one_sa_leave_together_in_their_order_and_are_counted_apart(engine: Making) -> None:
    gateway, frames = Gateway(engine()), [datagram(100 + number, dst=f"10.2.0.{number % 3}") for number in range(12)]
    for frame in frames[:3]:
        gateway.taught(frame[10:])
    sealed = gateway.from_lan(*frames)
    assert gateway.to_wan.calls == 1
    assert [frame[43] for frame in sealed] == [0, 1, 2] * 4
    assert [int.from_bytes(frame[48:52], "big") for frame in sealed] == list(range(1, 13))
    assert [flow.packets for flow in gateway.lan.outer.flows] == [4, 4, 4]


def test_what_the_router_judges_again_is_not_counted_here(engine: Making) -> None:
    receiver, frames = sealed_frames(engine, BY_TIME)
    frames[1] = frames[1][:-1] + bytes((frames[1][-1] ^ 1,))
    receiver.from_wan(*frames)
    assert [flow.packets for flow in receiver.wan.outer.flows] == [2]
    receiver.follower.sas[receiver.key.spi].numbers.leap(MAXIMUM_SEQUENCE)
    receiver.taught(stream(10, 10)[10:])
    assert receiver.from_lan(datagram(), stream(5000, 1000)) == []
    assert [flow.packets for flow in receiver.lan.outer.flows] == [0, 0]
    assert receiver.lan.passed.packets_in == 0


def test_sa_that_has_ended_opens_nothing(engine: Making) -> None:
    receiver, frames = sealed_frames(engine, BY_TIME)
    assert receiver.from_wan(*frames, now=4000.0) == []
    assert len(receiver.handover.punts) == 3


def test_counters(engine: Making) -> None:
    sender, receiver = (Gateway(engine(), replay=BY_TIME, sid=sid) for sid in (5, 6))
    frames = [datagram(100), stream(5000, 1000)]
    for gateway in (sender, receiver):
        for frame in frames:
            gateway.taught(frame[10:])
    sender.to_wan.full = 1
    sealed = sender.from_lan(*frames)
    octets = sum(map(len, inside(frames)))
    # The first frame found the queue full.
    assert (sender.lan.passed.packets_in, sender.lan.passed.octets_in) == (6, octets + 6 * 14)
    assert (sender.wan.passed.packets_out, sender.wan.passed.output_drops) == (5, 1)
    assert sender.wan.passed.octets_out == sum(len(frame) - 10 for frame in sealed)
    receiver.from_wan(*sealed)
    arrived = sum(len(frame) - 10 for frame in sealed)
    assert (receiver.wan.passed.packets_in, receiver.wan.passed.octets_in) == (5, arrived)
    assert (receiver.lan.passed.packets_out, receiver.lan.passed.octets_out) == (5, 5 * (1052 + 14))
    work = sender.flows.take_work()[0][id(sender.leader)]
    counters = work.by_spi[sender.key.spi]
    assert (counters.encapsulated, counters.sent_octets, work.stamped) == (6, octets, 6)
    work = receiver.flows.take_work()[0][id(receiver.leader)]
    assert (work.by_spi[sender.key.spi].decapsulated, work.accepted) == (5, 5)


def test_clear_flow_keeps_frames_of_many_segments(engine: Making) -> None:
    gateway = Gateway(engine())
    frames = [stream(5000, 1000), datagram(100)]
    for frame in frames:
        gateway.flows.learn(gateway.wan.name, False, frame[10:], Plan(gateway.lan.name, LAN_HEAD, 1500))
    gateway.forwarder.take(
        gateway.wan.outer, [framed(frame, gateway.wan.mac + bytes(6) + b"\x08\0") for frame in frames], 1.0
    )
    sent = gateway.to_lan.take()
    assert [frame[10:24] for frame in sent] == [LAN_HEAD] * 2
    pieces = [packet for frame in sent for packet in finished(frame, 14)]
    assert [piece[14:] for piece in pieces] == [decrement_ttl(packet) for packet in inside(frames)]
    assert (gateway.lan.passed.packets_out, gateway.wan.passed.packets_in) == (6, 6)
