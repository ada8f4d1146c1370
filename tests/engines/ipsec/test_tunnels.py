"""Tunnels between two gateways: what is negotiated, what is protected, and what ends them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.crypto.esp_transforms import from_words
from iosemu.engines.esp.tunnel import DfRule
from iosemu.engines.esp.verdict import CLEAR, NO_SA, NOT_IPSEC, REPLAYED, UNKNOWN_SPI, WRONG_SELECTORS, Outcome
from iosemu.engines.ipsec.config import TransformSet
from iosemu.engines.ipsec.encapsulation import encapsulate
from iosemu.engines.ipsec.events import ExchangeRefused, NegotiationFailed, Phase1Needed, Refusal, SaConfirmed
from iosemu.wire.ipv4 import ESP, UDP, Packet
from tests.engines.gdoi.network import entry, udp_packet
from tests.engines.ipsec.gateways import AES, BACK, DES, GCM, LEFT, OUT, RIGHT, RULE, Room, installed, of_type, policy

TRANSFORMS = [
    ("esp-aes", "esp-sha-hmac"),
    ("esp-aes", "192", "esp-sha384-hmac"),
    ("esp-aes", "256", "esp-sha512-hmac"),
    ("esp-aes", "256"),
    ("esp-3des", "esp-md5-hmac"),
    ("esp-des", "esp-sha256-hmac"),
    ("esp-null", "esp-sha-hmac"),
    ("esp-gcm", "128"),
    ("esp-gcm", "256"),
    ("esp-gmac", "192"),
]


@pytest.mark.parametrize("words", TRANSFORMS, ids=" ".join)
def test_the_first_packet_is_lost_and_brings_the_tunnel_up(words: tuple[str, ...]) -> None:
    own = (TransformSet(from_words(words)),)
    room = Room(policy(True, transforms=own), policy(False, transforms=own))
    verdict = room.send(True, OUT)
    assert (verdict.outcome, verdict.reason) == (Outcome.DROPPED, NO_SA)
    assert of_type(room.left, Phase1Needed) == [Phase1Needed(LEFT, RIGHT)]
    protected = room.left.guard.outbound(OUT, 0.0).packet
    outer = Packet.parse(protected)
    assert (outer.source, outer.destination, outer.protocol) == (LEFT, RIGHT, ESP)
    assert (OUT in protected) is (words[0] in ("esp-null", "esp-gmac"))
    assert room.right.guard.inbound(protected, 0.0).packet == OUT
    assert room.send(False, BACK).packet == BACK
    assert [installed(side) for side in (room.left, room.right)] == [1, 1]
    assert [event.first for event in of_type(room.left, SaConfirmed)] == [True]


@pytest.mark.parametrize("group", [1, 2, 5, 14, 15, 16, 19, 20, 21, 24])
def test_pfs(group: int) -> None:
    room = Room(policy(True, pfs_group=group), policy(False, pfs_group=group))
    room.connect()
    assert {pair.pfs_group for pair in room.left.pairs + room.right.pairs} == {group}


def test_a_responder_without_pfs_takes_any_and_one_with_it_insists() -> None:
    room = Room(policy(True, pfs_group=14), policy(False))
    room.connect()
    for own in (0, 5):
        room = Room(policy(True, pfs_group=own), policy(False, pfs_group=14))
        room.send(True, OUT)
        assert not room.left.pairs + room.right.pairs
        assert [event.refusal for event in of_type(room.right, ExchangeRefused)] == [Refusal.NO_PROPOSAL]


def test_the_initiators_order_of_transform_sets_decides() -> None:
    room = Room(policy(True, transforms=(DES, GCM, AES)), policy(False, transforms=(AES, GCM)))
    room.connect()
    assert room.left.pairs[0].transform == room.right.pairs[0].transform == GCM.transform


def test_no_common_transform_set() -> None:
    room = Room(policy(True, transforms=(DES,)), policy(False, transforms=(AES,)))
    room.send(True, OUT)
    (refused,) = of_type(room.right, ExchangeRefused)
    assert isinstance(refused, ExchangeRefused)
    assert refused.refusal is Refusal.NO_PROPOSAL
    assert refused.flow == RULE.mirrored()
    assert of_type(room.left, NegotiationFailed) == [NegotiationFailed(RIGHT, Refusal.NOTIFIED, RULE)]
    assert not room.left.pairs + room.right.pairs


def test_identities_that_do_not_mirror_each_other() -> None:
    wide, narrow = entry(True, "10.0.0.0/8", "10.2.0.0/16"), entry(True, "10.1.0.0/24", "10.2.0.0/24")
    room = Room(policy(True, rules=(wide,)), policy(False))
    room.send(True, OUT)
    assert [event.refusal for event in of_type(room.right, ExchangeRefused)] == [Refusal.IDENTITIES]
    assert of_type(room.left, NegotiationFailed)
    # A part of what the responder would protect is fine, and it sends by the same SA.
    room = Room(policy(True, rules=(narrow,)), policy(False))
    room.connect()
    assert room.right.pairs[0].flow == narrow.mirrored()
    assert installed(room.right) == 1
    # It protects more than that: other packets want an SA of their own, which the peer refuses.
    assert room.send(False, udp_packet("10.2.9.9", "10.1.9.9")).reason == NO_SA
    assert of_type(room.right, NegotiationFailed)


def test_a_deny_is_for_the_next_policy_and_what_no_rule_matches_is_clear() -> None:
    rules = (entry(False, "10.1.5.0/24", "10.2.0.0/16"), RULE)
    room = Room(policy(True, rules=rules), policy(False, rules=rules))
    other = replace(policy(True, rules=(entry(True, "10.1.5.0/24", "10.2.0.0/16"),)), key=("Gi0/0", "M", 20, 0))
    room.connect()
    assert room.left.guard.outbound(udp_packet("10.1.5.1", "10.2.0.1"), 0.0) == CLEAR
    assert room.left.guard.outbound(udp_packet("10.9.0.1", "10.2.0.1"), 0.0) == CLEAR
    room.left.engine.update([*room.left.engine.flows.policies.values(), other], 0.0)
    guard = type(room.left.guard)(room.left.engine, (("Gi0/0", "M", 10, 0), ("Gi0/0", "M", 20, 0)))
    assert guard.outbound(udp_packet("10.1.5.1", "10.2.0.1"), 0.0).reason == NO_SA
    assert guard.outbound(OUT, 0.0).outcome is Outcome.PROTECTED


def test_clear_packets_where_esp_is_due_and_strange_esp_are_dropped() -> None:
    room = Room()
    room.connect()
    assert room.right.guard.inbound(OUT, 0.0).reason == NOT_IPSEC
    assert room.right.guard.inbound(udp_packet("172.16.0.1", "10.2.0.1"), 0.0) == CLEAR
    protected = room.left.guard.outbound(OUT, 0.0).packet
    assert room.right.guard.inbound(protected[:20] + b"\x01" + protected[21:], 0.0).reason == UNKNOWN_SPI
    assert room.right.guard.inbound(protected[:-1] + b"\x00", 0.0).reason == "mac verify failed"
    assert room.right.guard.inbound(protected, 0.0).packet == OUT
    assert room.right.guard.inbound(protected, 0.0).reason == REPLAYED
    # ESP between others passes by.
    assert (
        room.right.guard.inbound(Packet(IPv4Address("9.9.9.9"), IPv4Address("8.8.8.8"), ESP, bytes(40)).pack(), 0.0)
        == CLEAR
    )
    traffic = room.right.pairs[0].traffic
    assert (traffic.bad_icv, traffic.replayed, traffic.receive_errors) == (1, 1, 2)


def test_an_inner_packet_outside_the_identities_is_dropped() -> None:
    room = Room()
    room.connect()
    protected = encapsulate(udp_packet("10.9.0.1", "10.2.0.1"), room.left.pairs[0], 1, room.random.randbytes)
    assert room.right.guard.inbound(protected, 0.0).reason == WRONG_SELECTORS
    assert room.right.pairs[0].traffic.wrong_identity == 1


def test_transport_mode_between_the_gateways_themselves() -> None:
    transport = (TransformSet(AES.transform, True, True),)
    rule = (entry(True, "192.0.2.1/32", "192.0.2.2/32", protocol=UDP),)
    room = Room(policy(True, rules=rule, transforms=transport), policy(False, rules=rule, transforms=transport))
    packet = udp_packet(str(LEFT), str(RIGHT), size=100, tos=0xB8)
    room.send(True, packet)
    protected = room.left.guard.outbound(packet, 0.0).packet
    outer = Packet.parse(protected)
    assert (outer.protocol, outer.tos, len(protected) < len(packet) + 20 + 40) == (ESP, 0xB8, True)
    assert room.right.guard.inbound(protected, 0.0).packet == packet
    assert room.left.pairs[0].transport


def test_transport_mode_falls_back_to_tunnel_mode_unless_it_is_required() -> None:
    soft, hard = TransformSet(AES.transform, True), TransformSet(AES.transform, True, True)
    room = Room(policy(True, transforms=(soft,)), policy(False, transforms=(AES,)))
    room.connect()
    assert not room.left.pairs[0].transport
    room = Room(policy(True, transforms=(AES,)), policy(False, transforms=(soft,)))
    room.connect()
    room = Room(policy(True, transforms=(AES,)), policy(False, transforms=(hard,)))
    room.send(True, OUT)
    assert [event.refusal for event in of_type(room.right, ExchangeRefused)] == [Refusal.NO_PROPOSAL]


@pytest.mark.parametrize("transport", [False, True])
def test_behind_a_nat_esp_goes_in_udp(transport: bool) -> None:
    sets = (TransformSet(AES.transform, transport, transport),)
    rule = (entry(True, "192.0.2.1/32", "192.0.2.2/32"),) if transport else (RULE,)
    room = Room(policy(True, rules=rule, transforms=sets), policy(False, rules=rule, transforms=sets), port=4500)
    packet = udp_packet(str(LEFT), str(RIGHT)) if transport else OUT
    room.send(True, packet)
    protected = room.left.guard.outbound(packet, 0.0).packet
    outer = Packet.parse(protected)
    assert (outer.protocol, outer.payload[:4], outer.payload[6:8]) == (UDP, b"\x11\x94\x11\x94", b"\0\0")
    assert room.right.guard.inbound(protected, 0.0).packet == packet
    # IKE behind its marker and keepalives are none of its business; the path keeps them from a rule for the peers.
    for data in (bytes(4) + b"ike", b"\xff") if not transport else ():
        payload = outer.payload[:4] + (8 + len(data)).to_bytes(2, "big") + bytes(2) + data
        assert room.right.guard.inbound(Packet(LEFT, RIGHT, UDP, payload).pack(), 0.0) == CLEAR


@pytest.mark.parametrize(("rule", "inner", "outer"), [
    (DfRule.COPY, False, False), (DfRule.COPY, True, True), (DfRule.CLEAR, True, False), (DfRule.SET, False, True),
])  # fmt: skip
def test_the_df_bit(rule: DfRule, inner: bool, outer: bool) -> None:
    room = Room(policy(True, df_rule=rule), policy(False))
    room.connect()
    packet = udp_packet("10.1.0.1", "10.2.0.1", dont_fragment=inner)
    assert Packet.parse(room.left.guard.outbound(packet, 0.0).packet).dont_fragment is outer


def test_large_packets_are_fragmented_before_they_are_encrypted() -> None:
    room = Room()
    room.connect()
    large = udp_packet("10.1.0.1", "10.2.0.1", size=2000)
    verdict = room.left.guard.outbound(large, 0.0, 1500)
    assert [len(packet) <= 1500 for packet in verdict.packets] == [True, True]
    pieces = [Packet.parse(room.right.guard.inbound(packet, 0.0).packet) for packet in verdict.packets]
    assert [(piece.fragment_offset > 0, piece.more_fragments) for piece in pieces] == [(False, True), (True, False)]
    # The source of one that must stay whole is told what fits.
    whole = udp_packet("10.1.0.1", "10.2.0.1", size=2000, dont_fragment=True)
    refused = room.left.guard.outbound(whole, 0.0, 1500)
    assert (refused.outcome, refused.mtu) == (Outcome.TOO_BIG, 1438)


def test_fragments_go_with_the_ports_that_a_rule_names() -> None:
    rule = entry(True, "10.1.0.0/16", "10.2.0.0/16", protocol=UDP, destination_port=5000)
    room = Room(policy(True, rules=(rule,)), policy(False, rules=(rule,)))
    room.send(True, OUT)
    assert room.send(True, OUT).packet == OUT
    assert room.left.guard.outbound(udp_packet("10.1.0.1", "10.2.0.1", port=53), 0.0) == CLEAR
    verdict = room.left.guard.outbound(udp_packet("10.1.0.1", "10.2.0.1", size=2000), 0.0, 1500)
    arrived = [room.right.guard.inbound(packet, 0.0).outcome for packet in verdict.packets]
    assert arrived == [Outcome.PROTECTED, Outcome.PROTECTED]


def test_clearing_tells_the_peer() -> None:
    room = Room()
    room.connect()
    room.left.engine.clear(lambda pair: pair.remote.address == RIGHT, room.now)
    room.settle()
    assert not room.left.pairs + room.right.pairs
    room.connect()


def test_a_policy_that_goes_takes_its_sas_along_and_one_that_stays_keeps_them() -> None:
    room = Room()
    room.connect()
    room.left.engine.update([policy(True, lifetime=900)], 0.0)
    assert room.send(True, OUT).packet == OUT
    room.left.engine.update([policy(True, rules=(entry(True, "10.7.0.0/16", "10.2.0.0/16"),))], 0.0)
    room.settle()
    assert not room.left.pairs + room.right.pairs


def test_one_peer_after_the_other() -> None:
    dead = IPv4Address("192.0.2.99")
    room = Room(policy(True, peers=(dead, RIGHT)), policy(False))
    room.connect()
    assert [event.remote for event in of_type(room.left, Phase1Needed)] == [dead, RIGHT]
    # A peer that died is tried last.
    room.left.engine.peer_dead(LEFT, RIGHT, room.now)
    room.left.phase1 = None
    assert not room.left.pairs
    room.run_until(10)
    room.send(True, OUT)
    assert [event.remote for event in of_type(room.left, Phase1Needed)][2:] == [dead, RIGHT]


def test_nobody_is_there() -> None:
    room = Room()
    room.reachable = False
    for _ in range(3):
        assert room.send(True, OUT).reason == NO_SA
    assert of_type(room.left, NegotiationFailed) == [NegotiationFailed(RIGHT, Refusal.PHASE1, RULE)]
    room.reachable = True
    room.run_until(5)
    room.connect()


def test_phase_1_that_is_lost_without_a_word_is_asked_for_again() -> None:
    room = Room()
    room.left.guard.outbound(OUT, 0.0)
    assert room.left.engine.take_events() == [Phase1Needed(LEFT, RIGHT)]
    for now in (1.0, 29.0, 31.0, 32.0):
        room.left.guard.outbound(OUT, now)
    assert room.left.engine.take_events() == [Phase1Needed(LEFT, RIGHT)]


def test_what_is_agreed_upon_after_the_policy_changed_is_taken_back() -> None:
    room = Room()
    room.phase1()
    room.left.guard.outbound(OUT, 0.0)
    first = room.left.engine.take_messages()[0][1]
    room.deliver(False, first)
    room.left.engine.update([policy(True, rules=(entry(True, "10.7.0.0/16", "10.2.0.0/16"),))], 0.0)
    assert room.right.pairs
    room.settle()
    assert not room.left.pairs + room.right.pairs


def test_a_dynamic_policy_only_answers() -> None:
    room = Room(policy(True), policy(False, peers=(), rules=(), dynamic=True))
    assert room.right.guard.outbound(BACK, 0.0) == CLEAR
    assert room.right.guard.inbound(OUT, 0.0) == CLEAR
    room.connect()
    assert room.right.guard.inbound(OUT, 0.0).reason == NOT_IPSEC
    assert room.right.guard.outbound(udp_packet("10.2.0.1", "10.9.0.1"), 0.0) == CLEAR
    room.left.engine.clear(lambda _: True, room.now)
    room.settle()
    assert room.right.guard.outbound(BACK, 0.0) == CLEAR
    assert not list(room.right.engine.flows)


def test_level_per_host() -> None:
    room = Room(policy(True, per_host=True), policy(False))
    room.connect()
    other = udp_packet("10.1.0.7", "10.2.0.1")
    assert room.send(True, other).reason == NO_SA
    assert room.send(True, other).packet == other
    hosts = {(IPv4Address(pair.flow.source), pair.flow.source_wildcard) for pair in room.left.pairs}
    assert hosts == {(IPv4Address("10.1.0.1"), 0), (IPv4Address("10.1.0.7"), 0)}


def test_both_begin_at_once() -> None:
    room = Room()
    room.phase1()
    room.left.guard.outbound(OUT, 0.0)
    room.right.guard.outbound(BACK, 0.0)
    room.settle()
    assert len(room.left.pairs) == len(room.right.pairs) == 2
    for second in range(1, 4000, 5):
        room.run_until(float(second))
        assert room.send(True, OUT).packet == OUT
        assert room.send(False, BACK).packet == BACK
    assert len(room.left.pairs) <= 2


def test_initial_contact_ends_what_was_before() -> None:
    room = Room()
    room.connect()
    room.now = 100.0
    room.phase1()
    assert room.right.phase1 is not None
    room.right.engine.peer_restarted(room.right.phase1, room.now)
    assert not room.right.pairs
