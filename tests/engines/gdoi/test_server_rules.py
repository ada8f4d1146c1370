"""What a key server admits, how it paces its rekeys, and which sender IDs it hands out."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.esp_transforms import from_words
from iosemu.engines.common import Endpoint
from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.gdoi.authorization import NO_NAME, IdentityList
from iosemu.engines.gdoi.config import KekPolicy, TekPolicy
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.member_events import DirectionChanged, PolicyRejected
from iosemu.engines.gdoi.recovery import RecoveryCheck
from iosemu.engines.gdoi.restrictions import Restrictions
from iosemu.engines.gdoi.sender_ids import SenderIds
from iosemu.engines.gdoi.server_events import IdentityUnauthorized, LastMemberLeft, MemberEjected, RekeySent
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.ike.credentials import PeerCertificate
from iosemu.wire.isakmp import ExchangeType
from iosemu.wire.isakmp_payloads import Identity, IdType
from tests.engines.gdoi.network import (
    AES,
    GCM,
    POLICY,
    SERVER,
    Network,
    Node,
    exchange_of,
    of_type,
    pushes,
    server_config,
    signing_key,
    udp_packet,
)

KEK = KekPolicy("aes", 128, 86400, "sha256", 10, 2)


# Pacing


def test_rekeys_go_out_in_batches_of_fifty() -> None:
    network = Network(server_config(lifetime=3600))
    nodes = [network.join(number) for number in range(1, 121)]
    network.server.rekey(network.now)
    network.settle()
    assert len(pushes(network)) == 50
    network.run_until(4.9)
    assert len(pushes(network)) == 50
    network.run_until(5.0)
    assert len(pushes(network)) == 100
    network.run_until(10.0)
    assert len(pushes(network)) == 120
    assert all(node.member.rekeys.received == 1 for node in nodes)
    network.run_until(200.0)
    assert len(pushes(network)) == 120


def test_everybody_gets_a_rekey_before_the_key_ends_however_many_there_are() -> None:
    network = Network(server_config(lifetime=600))
    nodes = [network.join(number) for number in range(1, 200)]
    network.run_until(600.0)
    for node in nodes:
        assert (node.member.rekeys.received, node.member.registration.attempts, len(node.member.teks)) == (1, 1, 1)


def test_periodic_reminds_until_the_keys_end() -> None:
    network = Network(server_config(lifetime=3600, kek=replace(KEK, retransmit_periodic=True)))
    deaf, good = network.join(1), network.join(2)
    network.lose = lambda datagram: datagram.destination.address == deaf.member.config.local
    network.server.rekey(network.now)
    network.run_until(60.0)
    to_deaf = [item for item in pushes(network) if item.destination == deaf.member.config.endpoint]
    to_good = [item for item in pushes(network) if item.destination == good.member.config.endpoint]
    assert (len(to_deaf), len(to_good)) == (7, 1)
    network.lose = lambda _: False
    network.run_until(80.0)
    assert deaf.member.rekeys.received == 1
    assert len([item for item in pushes(network) if item.destination == deaf.member.config.endpoint]) == 8


def test_the_last_member_that_is_ejected_is_told_of() -> None:
    network = Network(server_config(lifetime=600))
    network.join(1)
    network.lose = lambda datagram: exchange_of(datagram) == ExchangeType.GROUPKEY_PUSH_ACK
    for round_number in range(3):
        network.server.rekey(network.now)
        network.run_until(100.0 * (round_number + 1))
    assert len(of_type(network.events, MemberEjected)) == len(of_type(network.events, LastMemberLeft)) == 1


def test_a_multicast_rekey_is_one_datagram_for_all() -> None:
    ends = Endpoint(SERVER, 848), Endpoint(IPv4Address("239.192.1.1"), 848)
    network = Network(server_config(lifetime=600, unicast=False, multicast=ends))
    nodes = [network.join(number) for number in (1, 2, 3)]
    assert nodes[0].member.held.multicast == ends[1].address
    assert nodes[0].member.kek is not None
    network.run_until(520.0)
    # All copies are always sent: one, and two retransmissions.
    assert [(item.source, item.destination) for item in pushes(network)] == [ends] * 3
    assert of_type(network.events, RekeySent) == [RekeySent("GETVPN", SERVER, 1, False, ends[1].address)]
    assert all(member.acks_missed == 0 for member in network.server.members.values())


# Sender IDs


def test_sender_ids_of_one_server_are_all_of_them() -> None:
    ids = SenderIds(8)
    assert [ids.take(1) for _ in range(3)] == [(0,), (1,), (2,)]
    assert ids.remaining == 253
    assert ids.take(254) is None
    assert ids.take(253) == tuple(range(3, 256))
    assert ids.take(1) is None


@pytest.mark.parametrize(("bits", "each"), [(8, 1), (12, 31), (16, 511), (24, 131071), (32, 8388607)])
def test_kssids_share_the_space(bits: int, each: int) -> None:
    ids = SenderIds(bits, (3, 7))
    assert ids.remaining == 2 * each
    shift = bits - (9 if bits == 32 else 7)
    assert ids.take(1) == (3 << shift | 1,)
    assert (ids.current, ids.last, ids.available) == (3, 1, [7])
    assert ids.remaining == 2 * each - 1


def test_numbers_of_other_key_servers_are_nobodys() -> None:
    ids = SenderIds(12, (3, 7))
    ids.share(True)
    assert ids.take(1) == (3 << 5 | 1,)
    assert ids.hear(SERVER, (3, 9)) == {3}
    # Number 3 was begun already: that ends.
    assert ids.take(1) == (7 << 5 | 1,)
    assert ids.remaining == 30
    ids.note_used(SERVER, (9,))
    ids.note_used(SERVER, (10,))
    assert ids.used_by(SERVER) == (9, 10)
    # With other keys everything begins anew, for who makes them.
    ids.hear(SERVER, (9, 10))
    ids = ids.successor(12, (3, 7))
    assert (ids.used_by(SERVER), ids.remaining) == ((), 62)
    assert ids.successor(12, (3, 7), series=5).remaining == 0


def test_a_key_server_among_others_needs_numbers() -> None:
    ids = SenderIds(24)
    ids.share(True)
    assert (ids.possible, ids.remaining, ids.take(1)) == (False, 0, None)
    ids.reassign(24, (5,))
    assert ids.take(1) == (5 << 17 | 1,)
    # What was given out without numbers may be any: numbers wait for new keys.
    alone = SenderIds(24)
    alone.take(1)
    alone.reassign(24, (0,))
    assert alone.assigned == ()
    assert alone.successor(24, (0,)).assigned == (0,)
    # Or it has used up those that it begins with, which nobody else may have then.
    alone.share(True)
    alone.reassign(24, (0, 1))
    assert (alone.claimed, alone.take(1)) == ((0, 1), (1 << 17 | 1,))
    late = SenderIds(24, (0, 3))
    late.share(True)
    assert late.hear(SERVER, alone.claimed) == {0}
    assert late.take(1) == (3 << 17 | 1,)


def test_numbers_of_an_earlier_life_are_not_used_again() -> None:
    ids = SenderIds(12, (0, 1, 2))
    ids.burn((0, 1, 77))
    assert ids.take(1) == (2 << 5 | 1,)
    assert ids.take(31) is None


def test_small_groups_run_out_of_sender_ids_and_begin_again() -> None:
    network = Network(server_config(transform=GCM, sid_bits=8, server_ids=(0, 1)))
    nodes = [network.join(number) for number in (1, 2)]
    assert [node.member.held.sids for node in nodes] == [(1,), (3,)]
    spis = {tek.spi for tek in network.server.teks}
    third = network.join(3)
    network.run_until(60.0)
    # Nobody may have an ID again under the same key, so all keys went; two of three can have one at a time.
    assert not spis & {tek.spi for tek in network.server.teks}
    assert third.member.registration.attempts >= 2


# Authorization


def test_names_of_phase_1_are_compared_without_case() -> None:
    members = IdentityList(("gm1.lab.example",))
    assert members.refusal(Identity(IdType.FQDN, b"GM1.lab.example")) is None
    assert members.refusal(Identity(IdType.FQDN, b"gm2.lab.example")) == "gm2.lab.example"
    assert members.refusal(Identity(IdType.IPV4_ADDR, bytes(4))) == NO_NAME
    assert members.refusal(None) == IdentityList().refusal(Identity(IdType.FQDN, b"gm1.lab.example")) == NO_NAME


def test_a_part_of_the_subject_admits_whoever_has_it_in_a_certificate() -> None:
    members = IdentityList(subjects=(Name.from_text("ou=GETVPN,o=Example"),))

    def refusal(subject: str) -> str | None:
        identity = Identity(IdType.DER_ASN1_DN, Name.from_text(subject).der)
        key = signing_key().public
        return members.refusal(identity, PeerCertificate(key, (identity,), subject))

    assert refusal("CN=GM1,OU=getvpn,O=Example") is None
    assert refusal("CN=GM1,OU=Sales,O=Example") == "cn=GM1,ou=Sales,o=Example"
    # Without a certificate a name is only a claim.
    claim = Identity(IdType.DER_ASN1_DN, Name.from_text("CN=GM1,OU=GETVPN,O=Example").der)
    assert members.refusal(claim) == NO_NAME


def test_a_member_without_a_name_on_the_list_is_refused() -> None:
    network = Network(server_config(identities=IdentityList(("gm1.lab.example",))))
    node = network.join(1)
    assert node.member.state is MemberState.WAITING
    events = of_type(network.events, IdentityUnauthorized)
    assert events == [IdentityUnauthorized("GETVPN", IPv4Address("198.51.100.1"), NO_NAME)]
    assert network.server.members == {}


# What a member accepts


def restricted(network: Network, restrictions: Restrictions) -> Node:
    node = network.add(1)
    node.member.reconfigure(replace(node.member.config, restrictions=restrictions), network.now)
    node.member.start(network.now)
    network.settle()
    return node


@pytest.mark.parametrize(
    ("restrictions", "reason"),
    [
        (Restrictions(ciphers=(("3des", 0), ("aes", 256))), "rekey encryption algorithm is not allowed"),
        (Restrictions(hashes=("sha512",)), "rekey signature hash is not allowed"),
        (Restrictions(transforms=(from_words(("esp-3des", "esp-sha-hmac")),)), "IPsec transform is not allowed"),
    ],
)
def test_a_member_turns_down_what_it_is_not_allowed(restrictions: Restrictions, reason: str) -> None:
    network = Network(server_config())
    node = restricted(network, restrictions)
    rejected = PolicyRejected("GETVPN", SERVER, node.member.config.local, reason)
    assert of_type(node.events, PolicyRejected) == [rejected]
    assert (node.member.teks, network.server.members) == ([], {})


def test_a_member_takes_what_is_on_its_lists() -> None:
    allowed = Restrictions((("aes", 256), ("aes", 128)), ("sha1", "sha256"), (AES,))
    node = restricted(Network(server_config()), allowed)
    assert node.member.state is MemberState.REGISTERED


# Directions


def receive_only(network: Network, on: bool) -> None:
    teks = tuple(replace(policy, receive_only=on) for policy in network.server.config.teks)
    network.server.update_config(replace(network.server.config, teks=teks))
    network.server.rekey(network.now)
    network.settle()


def test_receive_only_is_given_and_taken_back_by_the_server() -> None:
    network = Network(server_config(teks=(TekPolicy(10, AES, 3600, POLICY, receive_only=True),)))
    nodes = [network.join(number) for number in (1, 2)]
    packet = udp_packet("10.1.1.10", "10.2.1.10")
    assert nodes[0].member.direction is SaDirection.INBOUND_ONLY
    assert nodes[0].plane.outbound(packet, network.now).outcome is Outcome.CLEAR
    assert nodes[1].plane.inbound(packet, network.now).outcome is Outcome.CLEAR
    receive_only(network, False)
    assert nodes[0].plane.outbound(packet, network.now).outcome is Outcome.PROTECTED
    assert nodes[1].plane.inbound(packet, network.now).outcome is Outcome.DROPPED
    receive_only(network, True)
    changes = [event.receive_only for event in of_type(nodes[0].events, DirectionChanged)]
    assert changes == [True, False, True]


def test_a_passive_member_encrypts_and_takes_both() -> None:
    network = Network(server_config())
    node = network.join(1)
    node.member.reconfigure(replace(node.member.config, passive=True), network.now)
    network.settle()
    packet = udp_packet("10.1.1.10", "10.2.1.10")
    assert node.plane.outbound(packet, network.now).outcome is Outcome.PROTECTED
    assert node.plane.inbound(packet, network.now).outcome is Outcome.CLEAR
    node.member.direction_override = SaDirection.BOTH
    assert node.member.direction is SaDirection.BOTH


# Recovery


def test_recovery_happens_at_once_and_then_once_in_an_interval() -> None:
    check = RecoveryCheck(300)
    check.report(10.0)
    assert check.take(10.0)
    assert not check.take(10.0)
    for time in (20.0, 30.0):
        check.report(time)
    assert (check.postponed, check.due_at) == (1, 310.0)
    assert not check.take(309.0)
    assert check.take(310.0)
    assert check.executed == 2
    check.report(320.0)
    check.healed()
    assert check.due_at is None
    silent = RecoveryCheck(None)
    silent.report(1.0)
    assert silent.due_at is None


def test_an_activation_delay_decides_when_the_new_key_is_used() -> None:
    network = Network(server_config(lifetime=3600))
    nodes = [network.join(number) for number in (1, 2)]
    old = network.server.teks[0].spi
    network.server.rekey(network.now)
    network.settle()
    packet = udp_packet("10.1.1.10", "10.2.1.10")
    # 5 % of 3600 s, begun 30 s before.
    for time, expected in ((149.0, True), (151.0, False)):
        network.run_until(time)
        sent = nodes[0].plane.outbound(packet, network.now).packet
        assert (sent[20:24] == old) is expected
