"""GROUPKEY-PUSH: timing, acknowledgement, ejection, and what becomes of edits of the policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.gdoi import acknowledgement
from iosemu.engines.gdoi.config import KekPolicy, TekPolicy
from iosemu.engines.gdoi.events import KeyInstalled
from iosemu.engines.gdoi.member_events import (
    RegistrationExpiring,
    RekeyMissed,
    RekeyOutOfSequence,
    RekeyReceived,
    SentAway,
)
from iosemu.engines.gdoi.rekey_schedule import margin, registration_margin, shortened_lifetime
from iosemu.engines.gdoi.server_events import (
    AcknowledgementIgnored,
    MemberEjected,
    RekeySent,
    SigningKeyMissing,
    UnsolicitedAcknowledgement,
)
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.keylog import from_json, to_json
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import Header
from tests.engines.gdoi.network import (
    AES,
    GCM,
    POLICY,
    SERVER,
    Network,
    entry,
    keeping,
    lose_acknowledgements,
    lose_pushes,
    of_type,
    pushes,
    server_config,
)


def test_margins_are_those_of_the_captures() -> None:
    policy = KekPolicy(retransmit_interval=10, retransmit_attempts=3)
    assert margin(90, 600, policy, 2) == 125
    assert margin(200, 1200, policy, 2) == 235
    assert margin(90, 900, replace(policy, retransmit_interval=60), 1) == 275
    assert margin(90, 7200, policy, 51) == 720 + 30 + 10
    assert registration_margin(600, 0.0) == 60
    assert registration_margin(7200, 0.5) == 144 + 108
    assert [shortened_lifetime(lifetime) for lifetime in (600, 3600, 86400)] == [90, 180, 3600]


def test_rekey_reaches_all_members_and_is_acknowledged() -> None:
    network = Network(server_config(lifetime=600))
    nodes = [network.join(number) for number in (1, 2, 3)]
    old = network.server.teks[0]
    # 90 + 2 retransmissions of 10 s + one batch of 5 s before the end
    network.run_until(600 - 115 - 1)
    assert not pushes(network)
    network.run_until(600 - 115)
    assert len(pushes(network)) == 3
    assert of_type(network.events, RekeySent) == [RekeySent("GETVPN", SERVER, 1, False)]
    for node in nodes:
        member = node.member
        assert [tek.spi for tek in member.teks] == [tek.spi for tek in network.server.teks]
        assert member.teks[0].spi == old.spi
        assert (member.rekeys.received, member.rekeys.acks_sent, member.rekeys.last_sequence) == (1, 1, 1)
        assert member.rekeys.last_at == network.now
        assert of_type(node.events, RekeyReceived)
    for state in network.server.members.values():
        assert (state.rekeys_sent, state.retries, state.acks_received, state.acks_missed) == (1, 0, 1, 0)
        assert (state.sent[0], state.received[0]) == (1, 1)
    network.run_until(600.0)
    assert [len(node.member.teks) for node in nodes] == [1, 1, 1]


def test_a_member_that_misses_the_push_gets_the_same_octets_again() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1)
    network.lose = lose_pushes
    network.run_until(490.0)
    network.lose = lambda _: False
    network.run_until(496.0)
    assert len({datagram.data for datagram in pushes(network)}) == 1
    assert len(pushes(network)) == 2
    assert node.member.rekeys.received == 1
    state = network.server.members[node.member.config.local]
    assert (state.retries, state.acks_received, state.acks_missed) == (1, 1, 0)


def test_a_duplicate_is_acknowledged_again_and_not_processed_twice() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1)
    network.lose = lose_acknowledgements
    network.run_until(520.0)
    assert node.member.rekeys.received == 1
    assert node.member.rekeys.acks_sent == 3
    state = network.server.members[node.member.config.local]
    assert (state.retries, state.acks_received, state.acks_missed) == (2, 0, 1)


def test_three_rekeys_without_acknowledgement_eject_a_member() -> None:
    network = Network(server_config(lifetime=600))
    deaf, good = network.join(1), network.join(2)
    network.lose = lambda datagram: lose_acknowledgements(datagram) and datagram.source == deaf.member.config.endpoint
    network.run_until(2 * 600.0)
    assert len(network.server.members) == 2
    network.run_until(3 * 600.0)
    assert [event.member for event in of_type(network.events, MemberEjected)] == [deaf.member.config.local]
    assert list(network.server.members) == [good.member.config.local]


def test_an_early_second_rekey_is_not_a_miss() -> None:
    network = Network(server_config())
    node = network.join(1)
    network.lose = lose_acknowledgements
    for _ in range(4):
        network.server.rekey(network.now)
        network.settle()
    assert network.server.members[node.member.config.local].acks_missed == 0


def test_acknowledgements_of_two_rekeys_in_a_row_count_for_the_one_they_answer() -> None:
    network = Network(server_config())
    node = network.join(1)
    held: list[Datagram] = []
    network.lose = keeping(held, lose_acknowledgements)
    # A push that brings a KEK, one under it, and one that takes that one's place.
    network.server.rekey(network.now, new_kek=True)
    network.server.rekey(network.now + 0.002)
    network.server.rekey(network.now + 0.004)
    network.settle()
    network.lose = lambda _: False
    assert len(held) == 3
    state = network.server.members[node.member.config.local]
    for count, datagram in enumerate(held, 1):
        network.deliver(datagram)
        network.settle()
        assert state.acks_received == count
    network.deliver(held[0])
    network.run_until(network.now + 60.0)
    assert not of_type(network.events, UnsolicitedAcknowledgement)
    assert (state.rekeys_sent, state.acks_received, state.acks_missed, state.retries) == (3, 3, 0, 0)


def test_a_new_kek_is_sent_again_although_a_rekey_under_it_has_followed() -> None:
    network = Network(server_config())
    node = network.join(1)
    network.lose = lose_pushes
    network.server.rekey(network.now, new_kek=True)
    network.settle()
    network.lose = lambda _: False
    network.server.rekey(network.now)
    network.settle()
    assert node.member.rekeys.received == 0
    network.run_until(network.now + 11.0)
    assert node.member.rekeys.received == 2
    assert [kek.spi for kek in node.member.held.keks][:1] == [kek.spi for kek in network.server.keks][:1]
    state = network.server.members[node.member.config.local]
    assert (state.acks_received, state.acks_missed, state.retries) == (2, 0, 2)


def test_foreign_member_that_never_acknowledges_is_kept() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1, foreign=True)
    network.run_until(6 * 600.0)
    assert node.member.rekeys.acks_sent == 0
    assert node.member.rekeys.received >= 5
    assert len(network.server.members) == 1
    assert not of_type(network.events, MemberEjected)


def test_mixed_group_gets_two_forms_of_one_rekey() -> None:
    network = Network(server_config())
    own, foreign = network.join(1), network.join(2, foreign=True)
    acl = (entry(False, "10.9.0.0/16"), *POLICY)
    network.server.update_config(server_config(acl=acl))
    network.server.rekey(network.now)
    network.settle()
    assert own.member.acl == acl
    assert all(item.permit for item in foreign.member.acl)
    assert own.member.rekeys.last_sequence == foreign.member.rekeys.last_sequence == 1


def test_missed_rekeys_lead_to_registration_with_the_first_server() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1)
    network.lose = lose_pushes
    network.run_until(536.0)
    assert node.member.registration.successes == 1
    network.run_until(600.0)
    assert of_type(node.events, RegistrationExpiring)
    assert of_type(node.events, RekeyMissed) == [RekeyMissed("GETVPN", SERVER)]
    assert node.member.registration.successes == 2
    assert len(node.member.teks) == 1
    assert node.member.teks[0].remaining(network.now) > 400


def test_a_member_that_has_registered_is_not_sent_the_push_it_holds_already() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1)
    network.lose = lose_pushes
    network.run_until(490.0)
    node.member.clear(network.now)
    network.settle()
    network.lose = lambda _: False
    network.run_until(530.0)
    assert not of_type(node.events, RekeyOutOfSequence)
    assert network.server.members[node.member.config.local].acks_missed == 0


def test_kek_rollover_restarts_the_sequence_and_keeps_the_old_one_for_duplicates() -> None:
    config = server_config(lifetime=3600)
    network = Network(replace(config, kek=replace(config.kek, lifetime=3600)))
    node = network.join(1)
    first = network.server.kek
    assert first is not None
    network.lose = lose_acknowledgements
    network.run_until(3600 - 385.0)
    member = node.member
    assert member.kek is not None
    assert member.held.old_kek is not None
    assert (member.held.old_kek.spi, member.kek.sequence) == (first.spi, 0)
    assert member.rekeys.acks_sent == 1
    # Shows begin to count anew with a KEK.
    assert (member.rekeys.received, member.rekeys.last_sequence) == (1, 0)
    network.run_until(3600 - 370.0)
    assert member.rekeys.acks_sent == 2
    network.lose = lambda _: False
    network.run_until(3600 - 365.0)
    assert network.server.members[member.config.local].acks_received == 1
    network.server.rekey(network.now)
    network.settle()
    assert (member.rekeys.last_sequence, member.kek.sequence) == (1, 1)
    network.run_until(3601.0)
    assert member.held.old_kek is None
    assert not member.owns(first.spi)


def test_policy_edits_wait_for_the_rekey() -> None:
    network = Network(server_config())
    node = network.join(1)
    changed = (entry(True, "10.1.0.0/16", "10.1.0.0/16"),)
    network.server.update_config(server_config(GCM, acl=changed))
    late = network.join(2)
    assert late.member.acl == POLICY
    assert late.member.teks[0].transform == AES
    network.server.rekey(network.now)
    network.settle()
    for member in (node.member, late.member):
        assert member.acl == changed
        assert member.teks[-1].transform == GCM
        assert member.teks[0].remaining(network.now) == 180
    # The new SAs need sender IDs, which only a registration gives: nothing may go out under them until then.
    network.run_until(network.now + 3000)
    assert all(member.state is MemberState.REGISTERED for member in (node.member, late.member))


def test_new_keys_without_members() -> None:
    network = Network(server_config())
    node = network.join(1)
    network.server.members.clear()
    before = network.server.kek
    assert before is not None
    network.server.rekey(network.now, new_kek=True)
    network.settle()
    assert network.server.kek is not None
    assert network.server.kek.spi != before.spi
    assert not pushes(network)
    node.member.clear(network.now)
    network.settle()
    assert node.member.kek is not None
    assert node.member.kek.spi == network.server.kek.spi


def test_removed_and_added_sa_ipsec() -> None:
    network = Network(server_config())
    node = network.join(1)
    config = server_config()
    added = TekPolicy(20, AES, 900, (entry(True, "10.20.0.0/16", "10.20.0.0/16"),))
    network.server.update_config(replace(config, teks=(*config.teks, added)))
    network.server.rekey(network.now)
    network.settle()
    assert len(node.member.teks) == 3
    network.server.update_config(replace(config, teks=(added,)))
    network.server.rekey(network.now)
    network.settle()
    assert node.member.acl == added.acl
    network.run_until(20000.0)
    assert [tek.entries for tek in node.member.teks] == [added.acl] * len(node.member.teks)


def test_replace_removes_the_old_keys_at_once() -> None:
    network = Network(server_config())
    node = network.join(1)
    old = node.member.teks[0].spi
    network.server.rekey(network.now, replace=True)
    network.settle()
    assert len(node.member.teks) == 1
    assert node.member.teks[0].spi != old


def test_rekey_without_signing_key_changes_nothing() -> None:
    network = Network(server_config(signing_key=None))
    node = network.join(1)
    before = list(network.server.teks)
    network.server.rekey(network.now)
    network.settle()
    assert network.server.teks == before
    assert not pushes(network)
    network.run_until(4 * 3600.0)
    assert node.member.registration.successes >= 4
    # Nothing else was to be expected.
    assert not of_type(node.events, RekeyMissed)
    assert len(of_type(network.events, SigningKeyMissing)) == 1


@pytest.mark.parametrize("immediately", [False, True])
def test_removed_members_register_again_for_fresh_keys(immediately: bool) -> None:
    network = Network(server_config())
    nodes = [network.join(number) for number in range(1, 6)]
    before = {tek.spi for tek in network.server.teks}
    network.server.remove_members(network.now, immediately)
    network.settle()
    for node in nodes:
        assert node.member.kek is None
        assert bool(node.member.teks) != immediately
        assert len(of_type(node.events, SentAway)) == 1
    returns = {node.member.registers_again_at for node in nodes}
    assert len(returns) == 5
    network.run_until(200.0)
    for node in nodes:
        assert node.member.state is MemberState.REGISTERED
        assert before.isdisjoint(tek.spi for tek in node.member.teks)
        assert [tek.spi for tek in node.member.teks] == [tek.spi for tek in network.server.teks]


def test_the_acknowledgement_of_an_ejected_member_is_ignored() -> None:
    network = Network(server_config(lifetime=600))
    deaf, _ = network.join(1), network.join(2)
    address = deaf.member.config.local
    network.lose = lambda datagram: lose_acknowledgements(datagram) and datagram.source.address == address
    while address in network.server.members:
        network.run_until(network.now + 60.0)
    kek = network.server.kek
    assert kek is not None
    late = Datagram(
        acknowledgement.build(kek, kek.sequence, address), deaf.member.config.endpoint, Endpoint(SERVER, GDOI_PORT)
    )
    network.deliver(late)
    network.settle()
    assert [event.member for event in of_type(network.events, AcknowledgementIgnored)] == [address]
    deaf.member.clear(network.now)
    network.settle()
    network.deliver(late)
    network.settle()
    assert len(of_type(network.events, AcknowledgementIgnored)) == 1


def test_reloaded_server_is_found_again() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1)
    network.server.clear()
    network.run_until(700.0)
    assert node.member.registration.successes == 2
    assert node.member.kek is not None
    assert network.server.owns(node.member.kek.spi)


def test_headers_of_pushes() -> None:
    network = Network(server_config())
    network.join(1)
    network.server.rekey(network.now)
    network.settle()
    header = Header.parse(pushes(network)[0].data)
    assert network.server.kek is not None
    assert header.cookies == network.server.kek.spi
    assert (header.exchange, header.flags, header.message_id, header.next_payload) == (33, 1, 0, 18)


def test_duration_of_the_last_rekey_counts_retransmissions() -> None:
    network = Network(server_config(lifetime=600))
    network.join(1)
    network.run_until(486.0)
    assert (len(pushes(network)), network.server.pushes.rounds.duration) == (1, 0.0)
    network.lose = lose_pushes
    network.server.rekey(network.now)
    network.run_until(network.now + 5.0)
    network.lose = lambda _: False
    network.run_until(network.now + 20.0)
    assert network.server.pushes.rounds.duration == 10.0


def test_both_ends_log_the_same_keys() -> None:
    network = Network(server_config(lifetime=600))
    node = network.join(1)
    network.run_until(2000.0)
    ours, theirs = (
        [event.record for event in of_type(events, KeyInstalled)] for events in (network.events, node.events)
    )
    assert len(ours) >= 4
    assert [from_json(to_json(record)) for record in theirs] == ours


def test_a_large_group_with_a_key_per_entry() -> None:
    acl = tuple(entry(True, f"10.{number}.0.0/16", "10.0.0.0/8") for number in range(100))
    network = Network(server_config(GCM, acl=acl, lifetime=900))
    members = [network.join(number).member for number in range(1, 31)]
    network.run_until(900.0)
    assert all(len(member.teks) == 100 and member.rekeys.received == 1 for member in members)
