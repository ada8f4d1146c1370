"""GROUPKEY-PULL: who gets in, what they get, and what happens when messages are lost."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.engines.common import Datagram
from iosemu.engines.gdoi.acl import PRIVATE_ACL_PAYLOAD
from iosemu.engines.gdoi.kek_payloads import PRIVATE_ACK_STYLE
from iosemu.engines.gdoi.member_events import PolicyRejected, RegistrationComplete, RegistrationStarted, ServerSilent
from iosemu.engines.gdoi.replay import PRIVATE_REPLAY_PAYLOAD
from iosemu.engines.gdoi.server_events import MemberRegistered, MemberUnauthorized, SigningKeyMissing, UnknownIdentity
from iosemu.engines.gdoi.states import TRANSITIONS, MemberState, Step, advance
from iosemu.engines.ike.vendor import iosemu_vendor_id
from iosemu.wire.gdoi.numbers import KekAttribute
from tests.engines.gdoi.network import (
    GCM,
    POLICY,
    SERVER,
    Network,
    Node,
    entry,
    exchange_of,
    of_type,
    sa_pair,
    server_config,
)

OTHER_SERVER = IPv4Address("192.0.2.2")


def test_member_gets_policy_and_keys() -> None:
    network = Network(server_config())
    node = network.join(1)
    member, server = node.member, network.server
    assert member.state is MemberState.REGISTERED
    assert server.kek is not None
    assert member.kek is not None
    assert (member.kek.spi, member.kek.key, member.kek.iv) == (server.kek.spi, server.kek.key, server.kek.iv)
    assert member.kek.public_key == server.kek.public_key
    assert [tek.spi for tek in member.teks] == [tek.spi for tek in server.teks]
    assert member.teks[0].encryption_key == server.teks[0].encryption_key
    assert member.acl == POLICY
    registration = member.registration
    assert (registration.attempts, registration.successes, registration.registered_with) == (1, 1, SERVER)
    assert of_type(network.events, MemberRegistered)
    assert of_type(node.events, RegistrationComplete)


def test_no_key_exists_before_the_first_member_and_a_later_one_gets_the_time_that_is_left() -> None:
    network = Network(server_config())
    assert (network.server.kek, network.server.teks) == (None, [])
    first = network.join(1)
    network.run_until(300.0)
    second = network.join(2)
    assert second.member.teks[0].spi == first.member.teks[0].spi
    assert second.member.teks[0].lifetime == 3300
    assert second.member.teks[0].expires_at == first.member.teks[0].expires_at


def test_all_permit_entries_share_one_key_without_counter_mode() -> None:
    network = Network(server_config())
    member = network.join(1).member
    assert len(member.teks) == 1
    assert member.teks[0].entries == tuple(item for item in POLICY if item.permit)
    assert member.held.sids == ()


def test_counter_modes_have_a_key_per_entry_and_sender_ids_that_never_repeat() -> None:
    network = Network(server_config(GCM))
    members = [network.join(number).member for number in (1, 2)]
    assert len({tek.spi for tek in members[0].teks}) == 3
    assert len({tek.encryption_key for tek in members[0].teks}) == 3
    assert (members[0].held.sids, members[1].held.sids, members[0].held.sid_bits) == ((0,), (1,), 24)
    members[0].clear(network.now)
    network.settle()
    assert members[0].held.sids == (2,)
    assert network.server.members[members[0].config.local].sids == (2,)


def test_a_rekey_to_counter_mode_makes_members_fetch_sender_ids() -> None:
    network = Network(server_config())
    nodes = [network.join(number) for number in (1, 2)]
    network.server.update_config(server_config(GCM))
    network.server.rekey(network.now)
    network.settle()
    assert all(node.member.held.sids == () for node in nodes)
    network.run_until(network.now + 20.0)
    assert sorted(node.member.held.sids for node in nodes) == [(0,), (1,)]


def test_used_up_sender_ids_replace_all_keys() -> None:
    network = Network(server_config(GCM, sid_bits=1))
    members = [network.join(number).member for number in (1, 2)]
    before = {tek.encryption_key for tek in network.server.teks}
    third = network.join(3).member
    assert third.state is not MemberState.REGISTERED
    network.run_until(60.0)
    assert all(member.state is MemberState.REGISTERED for member in members)
    assert before.isdisjoint(tek.encryption_key for tek in network.server.teks)
    assert all(member.held.sids != () for member in members)


def test_foreign_member_gets_nothing_but_the_standard() -> None:
    network = Network(server_config())
    node = network.add(1, foreign=True)
    own = node.member.config.endpoint
    _, theirs = sa_pair(own, replace(own, address=SERVER), network.random, foreign=True)
    policy = network.server.policy(theirs, 0.0)
    assert policy.private == ()
    assert policy.kek is not None
    assert PRIVATE_ACK_STYLE not in [attribute.kind for attribute in policy.kek.attributes]
    theirs.peer_vendor_ids = [iosemu_vendor_id((1, 0, 17))]
    policy = network.server.policy(theirs, 0.0)
    assert [payload.kind for payload in policy.private] == [PRIVATE_ACL_PAYLOAD, PRIVATE_REPLAY_PAYLOAD]
    assert policy.kek is not None
    assert PRIVATE_ACK_STYLE in [attribute.kind for attribute in policy.kek.attributes]
    node.member.start(0.0)
    network.settle()
    assert node.member.acl == tuple(item for item in POLICY if item.permit)
    assert node.member.kek is not None
    assert not node.member.kek.acknowledged


def test_interoperable_acknowledgement_is_the_standard_attribute_for_everybody() -> None:
    config = server_config()
    network = Network(replace(config, kek=replace(config.kek, acknowledgement="interoperable")))
    node = network.add(1, foreign=True)
    own = node.member.config.endpoint
    _, theirs = sa_pair(own, replace(own, address=SERVER), network.random, foreign=True)
    policy = network.server.policy(theirs, 0.0)
    assert policy.kek is not None
    assert KekAttribute.ACK_REQUESTED in [attribute.kind for attribute in policy.kek.attributes]
    node.member.start(0.0)
    network.settle()
    assert node.member.kek is not None
    assert node.member.kek.acknowledged


def test_wrong_identity_and_unauthorized_address_are_refused_and_tried_again() -> None:
    network = Network(server_config(authorized=(entry(True, "198.51.100.1/32"),)))
    stranger = network.add(1, identity=99)
    outsider = network.add(2)
    for node in (stranger, outsider):
        node.member.start(0.0)
    network.settle()
    assert len(of_type(network.events, UnknownIdentity)) == 1
    assert len(of_type(network.events, MemberUnauthorized)) == 1
    assert network.server.members == {}
    assert network.server.kek is None
    network.run_until(60.0)
    assert outsider.member.registration.attempts >= 2
    assert outsider.member.registration.successes == 0


def test_without_signing_key_registration_works_and_tells() -> None:
    network = Network(server_config(signing_key=None))
    node = network.join(1)
    assert node.member.state is MemberState.REGISTERED
    assert node.member.kek is None
    assert len(of_type(network.events, SigningKeyMissing)) == 1


def state(node: Node) -> MemberState:
    return node.member.state


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_lost_message_is_sent_again(lost: int) -> None:
    network = Network(server_config())
    seen = []

    def lose(datagram: object) -> bool:
        seen.append(datagram)
        return len(seen) == lost + 1

    network.lose = lose
    node = network.join(1)
    assert state(node) is MemberState.PULL
    network.run_until(15.0)
    assert state(node) is MemberState.REGISTERED
    assert len(of_type(network.events, MemberRegistered)) == 1


def test_next_server_after_failure_and_pause_after_the_last() -> None:
    network = Network(server_config())
    node = network.join(1, OTHER_SERVER, SERVER)
    assert node.member.state is MemberState.REGISTERED
    registration = node.member.registration
    assert (registration.attempts, registration.successes, registration.registered_with) == (2, 1, SERVER)
    network.reachable = lambda _: False
    lonely = network.join(2, OTHER_SERVER, SERVER)
    assert state(lonely) is MemberState.WAITING
    assert len(of_type(lonely.events, RegistrationStarted)) == 2
    network.reachable = lambda address: address == SERVER
    network.run_until(40.0)
    assert state(lonely) is MemberState.REGISTERED


def test_silence_under_a_phase_1_sa_is_reported() -> None:
    network = Network(server_config())
    network.lose = lambda datagram: exchange_of(datagram) == 32
    node = network.join(1)
    network.run_until(70.0)
    assert of_type(node.events, ServerSilent)
    network.lose = lambda _: False
    network.run_until(130.0)
    assert node.member.state is MemberState.REGISTERED


def test_a_rekey_between_policy_and_keys_does_not_mix_them() -> None:
    network = Network(server_config())
    network.join(1)
    # Message 3 is held back while the server replaces its keys.
    held: list[Datagram] = []

    def hold(datagram: Datagram) -> bool:
        if exchange_of(datagram) != 32 or datagram.source.address == SERVER or len(held) == 2:
            return False
        held.append(datagram)
        return len(held) == 2

    network.lose = hold
    third = network.join(3)
    network.server.rekey(network.now, replace=True)
    network.settle()
    network.lose = lambda _: False
    network.run_until(network.now + 60.0)
    assert third.member.state is MemberState.REGISTERED
    assert {tek.spi for tek in third.member.teks} == {tek.spi for tek in network.server.teks}


def test_unknown_transform_is_rejected_before_the_server_counts_the_member(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(server_config())
    monkeypatch.setattr("iosemu.engines.gdoi.tek_payloads.from_numbers", lambda *_: None)
    node = network.join(1)
    assert of_type(node.events, PolicyRejected)
    assert node.member.state is MemberState.WAITING
    assert network.server.members == {}


def test_leaving_forgets_everything_and_clearing_registers_again() -> None:
    network = Network(server_config())
    node = network.join(1)
    node.member.leave(network.now)
    network.settle()
    assert (node.member.state, node.member.kek, node.member.teks, node.member.acl) == (MemberState.IDLE, None, [], ())
    assert node.plane.sas == {}
    assert node.member.next_timer() is None
    node.member.start(network.now)
    network.settle()
    node.member.clear(network.now)
    network.settle()
    assert node.member.state is MemberState.REGISTERED
    assert node.member.registration.successes == 3


def test_transition_table_is_enforced() -> None:
    assert set(TRANSITIONS.values()) == set(MemberState)
    with pytest.raises(KeyError):
        advance(MemberState.IDLE, Step.DOWNLOADED)


def test_secrets_stay_out_of_reprs() -> None:
    network = Network(server_config())
    node = network.join(1)
    text = repr((network.server.config, network.server.kek, network.server.teks, node.plane.sas, node.events))
    assert network.server.kek is not None
    for secret in (network.server.kek.key, network.server.teks[0].encryption_key):
        assert secret.hex() not in text
        assert repr(secret)[2:-1] not in text
