"""Members that must prove again who they are: all others go on without a loss, who cannot is out when its TEKs end."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.engines.common import Datagram
from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.gdoi.member_events import SentAway, TekUpdated
from iosemu.engines.gdoi.states import MemberState
from iosemu.wire.isakmp import ExchangeType
from tests.engines.gdoi.network import Network, Node, entry, exchange_of, of_type, server_config, udp_packet

PACKET = udp_packet("10.1.1.10", "10.2.1.10")


def away(node: Node) -> list[SentAway]:
    return [event for event in of_type(node.events, SentAway) if isinstance(event, SentAway)]


def test_all_come_back_with_fresh_keys_and_nothing_is_lost() -> None:
    network = Network(server_config())
    nodes = [network.join(number) for number in range(1, 6)]
    before = {tek.spi for tek in network.server.teks}
    network.run_until(100.0)
    network.server.reauthenticate(network.now)
    network.settle()
    for node in nodes:
        assert [event.authenticate for event in away(node)] == [True]
        assert [tek.remaining(network.now) for tek in node.member.teks] == [180]
    assert len({node.member.registers_again_at for node in nodes}) == 5
    for second in range(100, 400):
        network.run_until(float(second))
        for receiver in nodes[1:]:
            assert network.send(nodes[0], receiver, PACKET).outcome is Outcome.PROTECTED
    assert before.isdisjoint(tek.spi for tek in network.server.teks)
    assert all(node.member.registration.successes == 2 for node in nodes)
    assert not network.server.reauthentication_due


def test_who_cannot_is_out_when_its_keys_end() -> None:
    network = Network(server_config())
    nodes = [network.join(number) for number in (1, 2, 3)]
    others = tuple(entry(True, f"198.51.100.{number}/32") for number in (1, 3))
    network.server.update_config(replace(network.server.config, authorized=others))
    network.server.reauthenticate(network.now)
    network.run_until(179.0)
    assert [node.member.state is MemberState.REGISTERED for node in nodes] == [True, False, True]
    network.run_until(181.0)
    assert nodes[1].member.teks == []
    assert network.send(nodes[0], nodes[2], PACKET).outcome is Outcome.PROTECTED
    sealed = nodes[0].plane.outbound(PACKET, network.now).packet
    assert sealed is not None
    assert nodes[1].plane.inbound(sealed, network.now).outcome is not Outcome.PROTECTED
    # Nor does the next rekey help it.
    network.run_until(2 * 3600.0)
    assert nodes[1].member.kek is None
    assert set(network.server.members) == {IPv4Address("198.51.100.1"), IPv4Address("198.51.100.3")}


def test_more_members_than_a_batch_all_hear_of_it_although_much_is_lost() -> None:
    network = Network(server_config())
    nodes = [network.join(number) for number in range(1, 121)]
    lost: set[IPv4Address] = set()

    def lose_the_first(datagram: Datagram) -> bool:
        if exchange_of(datagram) != ExchangeType.GROUPKEY_PUSH or datagram.destination.address in lost:
            return False
        lost.add(datagram.destination.address)
        return True

    network.lose = lose_the_first
    network.server.reauthenticate(network.now)
    network.run_until(50.0)
    assert all(len(away(node)) == 1 for node in nodes)
    network.run_until(180.0)
    assert all(node.member.registration.successes == 2 for node in nodes)
    assert network.server.pushes.farewells == []
    assert len(network.server.members) == 120


def test_foreign_and_old_members() -> None:
    network = Network(server_config())
    foreign, old = network.join(1, foreign=True), network.add(2)
    old.member.reconfigure(replace(old.member.config, version=(1, 0, 1)), network.now)
    old.member.start(network.now)
    network.settle()
    network.server.reauthenticate(network.now)
    network.run_until(60.0)
    # The former leaves, as the deletes say; phase 1 with it ends on the key server's side.
    assert [event.authenticate for event in away(foreign)] == [False]
    assert away(old) == []
    network.run_until(300.0)
    assert foreign.member.registration.successes == 2
    assert {tek.spi for tek in foreign.member.teks} == {tek.spi for tek in network.server.teks}


def test_where_nobody_can_be_told_nothing_changes() -> None:
    network = Network(server_config(signing_key=None, signing_label=None))
    node = network.join(1)
    before = list(network.server.teks)
    network.server.reauthentication_due = True
    network.server.reauthenticate(network.now)
    network.settle()
    assert network.server.teks == before
    assert not network.server.reauthentication_due
    assert len(of_type(node.events, TekUpdated)) == 1
