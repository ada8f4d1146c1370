"""Days of a group in virtual time: keys follow keys, and no packet is ever dropped."""

from __future__ import annotations

from dataclasses import replace

from iosemu.engines.common import Datagram
from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.gdoi.config import ServerConfig
from iosemu.engines.gdoi.server_events import RekeySent
from iosemu.engines.gdoi.states import MemberState
from tests.engines.gdoi.network import GCM, Network, exchange_of, of_type, pushes, server_config, udp_packet


def _day(config: ServerConfig, loss: int, step: float = 11.0) -> Network:
    """24 emulated hours; every few seconds each member sends to each other one, and nothing may be dropped."""
    network = Network(config)
    nodes = [network.join(number) for number in (1, 2, 3)]
    dice = network.random

    def lose(datagram: Datagram) -> bool:
        return exchange_of(datagram) in (33, 35) and dice.randrange(100) < loss

    network.lose = lose
    time = 0.0
    while time < 86400 + 3600:
        time += step
        network.run_until(time)
        for sender in nodes:
            for receiver in nodes:
                verdict = network.send(sender, receiver, udp_packet("10.1.1.1", "10.2.2.2", size=8))
                assert verdict.outcome is Outcome.PROTECTED, (time, verdict)
    return network


def test_a_day_of_rekeys_without_a_gap() -> None:
    config = server_config(lifetime=3600)
    network = _day(replace(config, kek=replace(config.kek, lifetime=14400)), loss=0)
    assert len(of_type(network.events, RekeySent)) >= 27
    assert [node.member.registration.successes for node in network.nodes.values()] == [1, 1, 1]
    assert all(node.member.kek == network.server.kek or node.member.kek for node in network.nodes.values())


def test_a_day_with_every_other_push_lost() -> None:
    network = _day(server_config(lifetime=900), loss=50, step=29.0)
    assert sum(node.member.registration.successes for node in network.nodes.values()) >= 3
    assert len(network.server.members) == 3


def test_a_day_without_rekeys() -> None:
    network = _day(server_config(lifetime=1800, signing_key=None), loss=0, step=29.0)
    assert all(40 <= node.member.registration.successes <= 60 for node in network.nodes.values())


def test_a_day_of_counter_mode() -> None:
    network = _day(server_config(GCM, lifetime=1800), loss=0, step=29.0)
    assert [node.member.registration.successes for node in network.nodes.values()] == [1, 1, 1]


def test_multicast_groups_renew_keys_that_members_fetch() -> None:
    network = Network(server_config(lifetime=900, unicast=False))
    node = network.join(1)
    network.run_until(2 * 86400.0)
    assert not pushes(network)
    assert node.member.state is MemberState.REGISTERED
    assert 150 < node.member.registration.successes < 300
