"""The pseudotime of a group: where it begins, how members follow it, what is refused for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iosemu.engines.common import Datagram
from iosemu.engines.esp.verdict import STALE, Outcome
from iosemu.engines.gdoi.config import ServerConfig, TekPolicy
from iosemu.engines.gdoi.member_events import PseudotimeAdjusted, RekeyTooOld
from iosemu.engines.gdoi.replay import SYNCHRONISE_EVERY, Replay, ReplayMethod, ReplayPolicy, SaReplay
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import ExchangeType
from tests.engines.gdoi.network import AES, POLICY, Network, exchange_of, of_type, server_config, udp_packet

BY_TIME = Replay(ReplayMethod.TIME, 5)


def timed(lifetime: int = 3600) -> ServerConfig:
    return server_config(teks=(TekPolicy(10, AES, lifetime, POLICY, BY_TIME),))


def test_the_private_payload_survives_packing() -> None:
    policy = ReplayPolicy({b"\x00\x00\x12\x34": SaReplay(BY_TIME, 77)}, 1234.567, 35)
    assert ReplayPolicy.parse(policy.pack()) == policy
    assert ReplayPolicy.parse(ReplayPolicy().pack()) == ReplayPolicy()
    assert policy.window == 5
    for bad in (
        b"",
        policy.pack()[:-1],
        b"\x02" + policy.pack()[1:],
        policy.pack()[:18] + b"\x09" + policy.pack()[19:],
    ):
        with pytest.raises(WireError):
            ReplayPolicy.parse(bad)


def test_the_pseudotime_begins_with_the_first_member_and_is_shared() -> None:
    network = Network(timed())
    network.now = 5000.0
    first = network.join(1)
    network.run_until(5600.0)
    second = network.join(2)
    assert network.server.pseudotime is not None
    values = [network.server.pseudotime.value(network.now)]
    for node in (first, second):
        assert node.member.held.time.clock is not None
        values.append(node.member.held.time.clock.value(network.now))
    assert values == pytest.approx([600.0] * 3, abs=0.01)
    packet = udp_packet("10.1.1.10", "10.2.1.10")
    assert network.send(first, second, packet).outcome is Outcome.PROTECTED
    recorded = first.plane.outbound(packet, network.now).packets[0]
    assert second.plane.inbound(recorded, network.now + 4.9).outcome is Outcome.PROTECTED
    assert second.plane.inbound(recorded, network.now + 5.1).reason == STALE


def test_the_pseudotime_begins_with_a_rekey_where_counters_were_before() -> None:
    network = Network(server_config())
    first, second = network.join(1), network.join(2)
    network.server.update_config(timed())
    network.server.rekey(network.now, replace=True)
    network.run_until(network.now + 1)
    assert network.send(first, second, udp_packet("10.1.1.10", "10.2.1.10")).outcome is Outcome.PROTECTED
    assert first.plane.time.stamped == second.plane.time.received == 1


def test_a_member_far_away_follows_at_the_next_rekey() -> None:
    network = Network(timed(600))
    node = network.join(1)
    assert node.member.held.time.clock is not None
    node.member.held.time.clock.offset -= 40.0
    network.run_until(490.0)
    assert node.member.rekeys.received == 1
    assert len(of_type(node.events, PseudotimeAdjusted)) == 1
    assert node.member.held.time.clock.value(490.0) == pytest.approx(490.0, abs=0.01)


def test_long_lived_keys_are_accompanied_by_pushes_for_the_time_alone() -> None:
    network = Network(timed(86400))
    node = network.join(1)
    network.run_until(SYNCHRONISE_EVERY + 1)
    assert node.member.rekeys.received == 1
    assert [tek.spi for tek in node.member.teks] == [tek.spi for tek in network.server.teks]
    assert len(node.member.teks) == 1
    network.run_until(2 * SYNCHRONISE_EVERY + 1)
    assert node.member.rekeys.received == 2


def test_a_push_that_was_held_back_is_too_old() -> None:
    network = Network(timed(600))
    node = network.join(1)
    held: list[Datagram] = []

    def hold(datagram: Datagram) -> bool:
        if exchange_of(datagram) != ExchangeType.GROUPKEY_PUSH:
            return False
        held.append(datagram)
        return True

    network.lose = hold
    network.run_until(520.0)
    before = node.member.kek.sequence if node.member.kek else None
    # 20 s of retransmissions and one batch, and the window: 30 s.
    network.now = 485.0 + 31.0
    network.deliver(held[0])
    network.settle()
    assert [event.allowed for event in of_type(node.events, RekeyTooOld)] == [30.0]
    assert node.member.kek is not None
    assert (node.member.kek.sequence, node.member.rekeys.received) == (before, 0)
    network.now = 485.0 + 29.0
    network.deliver(held[0])
    assert node.member.rekeys.received == 1


def test_a_retransmission_does_not_set_the_clock_back() -> None:
    network = Network(timed(600))
    node = network.join(1)
    lost = [0]

    def lose_first(datagram: Datagram) -> bool:
        if exchange_of(datagram) == ExchangeType.GROUPKEY_PUSH:
            lost[0] += 1
            return lost[0] == 1
        return False

    network.lose = lose_first
    network.run_until(500.0)
    assert node.member.rekeys.received == 1
    assert node.member.held.time.clock is not None
    assert node.member.held.time.clock.value(500.0) == pytest.approx(500.0, abs=0.01)
    assert not of_type(node.events, PseudotimeAdjusted)


def test_counter_replay_comes_down_to_members_and_none_to_foreign_ones() -> None:
    config = server_config(teks=(TekPolicy(10, AES, 3600, POLICY, Replay(ReplayMethod.COUNTER, 256)),))
    network = Network(config)
    own, foreign = network.join(1), network.join(2, foreign=True)
    assert own.member.teks[0].replay == Replay(ReplayMethod.COUNTER, 256)
    assert foreign.member.teks[0].replay == Replay()
    assert own.member.held.time.clock is None


def test_the_method_changes_with_a_rekey() -> None:
    network = Network(timed())
    nodes = [network.join(number) for number in (1, 2)]
    policy = replace(network.server.config.teks[0], replay=Replay(ReplayMethod.COUNTER, 64))
    network.server.update_config(replace(network.server.config, teks=(policy,)))
    network.server.rekey(network.now)
    network.settle()
    assert [tek.replay.method for tek in nodes[0].member.teks] == [ReplayMethod.TIME, ReplayMethod.COUNTER]
    packet = udp_packet("10.1.1.10", "10.2.1.10")
    for time in (1.0, 100.0, 200.0, 1000.0):
        network.run_until(time)
        assert network.send(nodes[0], nodes[1], packet).outcome is Outcome.PROTECTED
