"""Loss, duplicates, replays, garbage and floods: what quick mode makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from iosemu.engines.common import Endpoint
from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.ike.sa import ExchangeCipher, IsakmpSa
from iosemu.engines.ipsec import exchanges, proposals
from iosemu.engines.ipsec.events import ExchangeRefused, NegotiationFailed, Refusal, Removal, SaRemoved
from iosemu.engines.ipsec.states import TRANSITIONS, State, Step, advance, may
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import ExchangeType, Header, Payload, PayloadType, pack_payloads
from iosemu.wire.isakmp_payloads import Delete, Identity, IdType, Proposal, SecurityAssociation, Transform
from tests.engines.ipsec.gateways import AES, BACK, OUT, RIGHT, RULE, Room, installed, of_type, policy


def quick_mode(room: Room) -> list[bytes]:
    return [message for _, message in room.log if Header.parse(message).exchange == ExchangeType.QUICK_MODE]


def refusals(room: Room) -> list[Refusal]:
    return [event.refusal for event in of_type(room.right, ExchangeRefused)]


def ready(**fields: Any) -> Room:
    """A room with phase 1, no tunnel yet."""
    room = Room(policy(True), policy(False, **fields))
    room.phase1()
    return room


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_each_message_may_be_lost_once(lost: int) -> None:
    room = ready()
    seen: list[bytes] = []

    def lose(message: bytes) -> bool:
        seen.append(message)
        return len(seen) == lost + 1

    room.lose = lose
    room.left.guard.outbound(OUT, room.now)
    room.run_until(11)
    assert room.send(True, OUT).packet == OUT
    assert room.send(False, BACK).packet == BACK
    assert (installed(room.left), installed(room.right)) == (1, 1)


def losing(random: Random) -> Callable[[bytes], bool]:
    return lambda _: random.random() < 0.2


def test_twenty_percent_loss() -> None:
    for seed in range(20):
        room = ready()
        room.lose = losing(Random(seed))
        room.left.guard.outbound(OUT, room.now)
        room.run_until(70)
        assert room.send(True, OUT).packet == OUT


def test_a_peer_that_does_not_answer() -> None:
    room = ready()
    room.lose = lambda _: True
    room.left.guard.outbound(OUT, room.now)
    room.run_until(61)
    assert len(quick_mode(room)) == 1 + exchanges.RETRANSMIT_ATTEMPTS
    assert len(set(quick_mode(room))) == 1
    assert of_type(room.left, NegotiationFailed) == [NegotiationFailed(RIGHT, Refusal.TIMEOUT, RULE)]


def test_a_responder_that_is_never_confirmed_forgets() -> None:
    room = ready()
    room.lose = lambda message: bool(room.left.pairs)
    room.left.guard.outbound(OUT, room.now)
    room.settle()
    assert room.right.pairs
    # Without message 3 it may not send, but what comes in proves that the peer has the SAs.
    assert room.right.guard.outbound(BACK, room.now).outcome is Outcome.DROPPED
    room.run_until(61)
    assert [event.removal for event in of_type(room.right, SaRemoved)] == [Removal.UNCONFIRMED]
    assert not room.right.pairs


def test_traffic_confirms_what_message_3_would() -> None:
    room = ready()
    room.lose = lambda message: bool(room.left.pairs)
    room.left.guard.outbound(OUT, room.now)
    room.settle()
    assert room.right.guard.inbound(room.left.guard.outbound(OUT, room.now).packet, room.now).packet == OUT
    assert room.right.guard.outbound(BACK, room.now).outcome is Outcome.PROTECTED
    room.run_until(70)
    assert room.right.pairs


def test_duplicates_get_the_same_answer_and_change_nothing() -> None:
    room = ready()
    room.left.guard.outbound(OUT, room.now)
    first, second, third = _stepwise(room)
    room.log.clear()
    for message in (second, second):
        room.deliver(True, message)
    room.settle()
    assert quick_mode(room) == [third, third]
    assert (installed(room.left), installed(room.right)) == (1, 1)
    room.deliver(False, first)
    room.deliver(False, third)
    room.settle()
    assert refusals(room) == [Refusal.UNEXPECTED]


def _stepwise(room: Room) -> list[bytes]:
    room.settle()
    found = quick_mode(room)
    assert len(found) == 3
    return found


def test_a_replayed_first_message_is_refused_even_when_all_is_forgotten() -> None:
    room = ready()
    room.left.guard.outbound(OUT, room.now)
    first = _stepwise(room)[0]
    room.run_until(1000)
    room.deliver(False, first)
    room.settle()
    assert refusals(room) == [Refusal.MESSAGE_ID]
    assert installed(room.right) == 1


def test_garbage_leaves_an_exchange_as_it_was() -> None:
    room = ready()
    room.lose = lambda _: True
    room.left.guard.outbound(OUT, room.now)
    room.settle()
    room.lose = lambda _: False
    first = quick_mode(room)[0]
    random = Random(3)
    for _ in range(300):
        broken = bytearray(first)
        broken[random.randrange(28, len(broken))] ^= 1 << random.randrange(8)
        room.deliver(False, bytes(broken))
    assert set(refusals(room)) <= {Refusal.MALFORMED, Refusal.BAD_HASH}
    assert not room.right.pairs
    assert room.right.engine.take_messages() == []
    room.deliver(False, first)
    second = room.right.engine.take_messages()[0][1]
    for _ in range(300):
        broken = bytearray(second)
        broken[random.randrange(28, len(broken))] ^= 1 << random.randrange(8)
        room.deliver(True, bytes(broken))
    room.deliver(True, second)
    room.settle()
    assert room.send(True, OUT).packet == OUT


def message_1(sa: IsakmpSa, message_id: int, payloads: list[Payload], digest: bytes | None = None) -> bytes:
    """A first message whose HASH(1) is good unless another one is given."""
    if digest is None:
        digest = sa.prf_a(message_id.to_bytes(4, "big") + pack_payloads(payloads))
    cipher: ExchangeCipher = sa.exchange_cipher(message_id)
    return cipher.seal(ExchangeType.QUICK_MODE, message_id, [Payload(PayloadType.HASH, digest), *payloads])


def offer(*transforms: Transform, protocol: int = 3, number: int = 1, spi: bytes = b"\1\2\3\4") -> Payload:
    proposal = Proposal(number, protocol, spi, transforms)
    return Payload(PayloadType.SA, SecurityAssociation(1, b"\0\0\0\1", (proposal,)).pack())


GOOD = Transform(1, 12, (Attribute(4, 1), Attribute(5, 5), Attribute(6, 256)))
NONCE = Payload(PayloadType.NONCE, bytes(16))
IDS = [
    Payload(PayloadType.ID, Identity(IdType.IPV4_ADDR_SUBNET, bytes((10, 1, 0, 0, 255, 255, 0, 0))).pack()),
    Payload(PayloadType.ID, Identity(IdType.IPV4_ADDR_SUBNET, bytes((10, 2, 0, 0, 255, 255, 0, 0))).pack()),
]


@pytest.mark.parametrize(
    ("payloads", "refusal"),
    [
        ([offer(GOOD), NONCE, *IDS], None),
        ([offer(GOOD), *IDS], Refusal.MALFORMED),
        ([NONCE, offer(GOOD), *IDS], Refusal.MALFORMED),
        ([offer(GOOD), Payload(PayloadType.NONCE, bytes(4)), *IDS], Refusal.MALFORMED),
        ([offer(GOOD), NONCE, IDS[0]], Refusal.MALFORMED),
        ([offer(GOOD), NONCE], Refusal.IDENTITIES),
        ([offer(GOOD), NONCE, IDS[1], IDS[0]], Refusal.IDENTITIES),
        ([offer(GOOD), NONCE, Payload(PayloadType.ID, Identity(IdType.FQDN, b"x").pack()), IDS[1]], Refusal.IDENTITIES),
        ([offer(GOOD, protocol=2), NONCE, *IDS], Refusal.NO_PROPOSAL),
        ([offer(GOOD, spi=b"\1\2"), NONCE, *IDS], Refusal.NO_PROPOSAL),
        ([offer(replace(GOOD, transform_id=99)), NONCE, *IDS], Refusal.NO_PROPOSAL),
        ([offer(replace(GOOD, attributes=(*GOOD.attributes, Attribute(11, 1)))), NONCE, *IDS], Refusal.NO_PROPOSAL),
        ([offer(replace(GOOD, attributes=(*GOOD.attributes, Attribute(99, 1)))), NONCE, *IDS], Refusal.NO_PROPOSAL),
        ([offer(replace(GOOD, attributes=(*GOOD.attributes, Attribute(3, 14)))), NONCE, *IDS], Refusal.MALFORMED),
        ([offer(replace(GOOD, attributes=(*GOOD.attributes, Attribute(3, 77)))), NONCE, *IDS], Refusal.NO_PROPOSAL),
        ([offer(replace(GOOD, attributes=(Attribute(4, 3), *GOOD.attributes[1:]))), NONCE, *IDS], Refusal.NO_PROPOSAL),
    ],
)
def test_what_a_first_message_must_hold(payloads: list[Payload], refusal: Refusal | None) -> None:
    room = ready()
    assert room.left.phase1 is not None
    room.deliver(False, message_1(room.left.phase1, 7, payloads))
    room.right.events += room.right.engine.take_events()
    assert refusals(room) == ([] if refusal is None else [refusal])
    assert bool(room.right.pairs) is (refusal is None)


def test_a_wrong_hash() -> None:
    room = ready()
    assert room.left.phase1 is not None
    room.deliver(False, message_1(room.left.phase1, 7, [offer(GOOD), NONCE, *IDS], bytes(32)))
    room.settle()
    assert refusals(room) == [Refusal.BAD_HASH]


def test_an_answer_that_was_not_offered() -> None:
    offered = proposals.offer(policy(True), b"\0\0\1\0", proposals.Setting(False))
    chosen = proposals.choose(offered, policy(False), proposals.Setting(False))
    assert chosen is not None
    answer = chosen[0]
    assert proposals.accepted(answer, offered, False)[0].transform == AES.transform
    weaker = replace(GOOD, attributes=(Attribute(4, 1), Attribute(5, 5), Attribute(6, 128)))
    for transforms in ((weaker,), (GOOD, GOOD), ()):
        changed = replace(answer, proposals=(replace(answer.proposals[0], transforms=transforms),))
        with pytest.raises(WireError):
            proposals.accepted(changed, offered, False)


def test_a_flood_of_first_messages_is_bounded() -> None:
    room = ready()
    assert room.left.phase1 is not None
    for message_id in range(1, 500):
        room.deliver(False, message_1(room.left.phase1, message_id, [offer(GOOD), NONCE, *IDS]))
    room.right.events += room.right.engine.take_events()
    assert len(room.right.pairs) == exchanges.OPEN_LIMIT_PER_PEER
    assert set(refusals(room)) == {Refusal.TOO_MANY}
    room.lose = lambda _: True
    room.run_until(100)
    assert not room.right.pairs


def test_a_delete_counts_from_the_peer_alone() -> None:
    room = ready()
    room.connect()
    spi = room.right.pairs[0].outbound.spi
    stranger = room.right.phase1
    assert stranger is not None
    other = replace(stranger, remote=Endpoint(policy(True).local + 50, 500))
    room.right.engine.deleted(other, Delete(1, 3, (spi,)), room.now)
    room.right.engine.deleted(stranger, Delete(1, 2, (spi,)), room.now)
    room.right.engine.deleted(stranger, Delete(1, 3, (b"\0\0\0\0",)), room.now)
    assert room.right.pairs
    room.right.engine.deleted(stranger, Delete(1, 3, (spi,)), room.now)
    assert not room.right.pairs


def test_the_state_table_is_all_there_is() -> None:
    for initiator in (True, False):
        for state in State:
            for step in Step:
                assert may(initiator, state, step) is ((initiator, state, step) in TRANSITIONS)
                if not may(initiator, state, step):
                    with pytest.raises(KeyError):
                        advance(initiator, state, step)


def test_phase_1_that_ends_takes_open_exchanges_along_but_no_sas() -> None:
    room = ready()
    room.connect()
    assert room.left.phase1 is not None
    room.left.engine.phase1_gone(room.left.phase1, room.now)
    assert room.send(True, OUT).packet == OUT
    room.lose = lambda _: True
    room.left.engine.clear(lambda _: True, room.now)
    room.right.engine.clear(lambda _: True, room.now)
    room.settle()
    room.left.guard.outbound(OUT, room.now)
    room.settle()
    room.left.engine.phase1_gone(room.left.phase1, room.now)
    room.settle()
    assert [event.refusal for event in of_type(room.left, NegotiationFailed)] == [Refusal.PHASE1]
