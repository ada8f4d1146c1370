"""Two phase 1 speakers back to back: on a clean path, on a bad one, and with settings that do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.engines.common import Datagram
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.events import MessageRefused, Phase1Failed, Reason, SaDeleted
from tests.engines.ike.path import STRONG, A, B, engine, meet

SUITES = [
    IkePolicy(10, *cipher, hash_name, 1, group, 3600)
    for cipher in (("aes", 128), ("aes", 192), ("aes", 256), ("3des", 0))
    for hash_name in ("sha1", "sha256", "sha512")
    for group in (2, 14, 19)
] + [IkePolicy(10, "aes", 256, "sha384", 1, group, 3600) for group in (5, 15, 16, 20)]


@pytest.mark.parametrize(
    "policy", SUITES, ids=lambda item: f"{item.encryption}{item.key_bits}-{item.hash}-{item.group}"
)
def test_every_suite_ends_in_the_same_keys_after_six_messages(policy: IkePolicy) -> None:
    path = meet(engine(policy), engine(policy, seed=2), until=1.0)
    (ours,), (theirs,) = path.established(A), path.established(B)
    assert len(path.carried) == 6
    assert ours.key_record() == theirs.key_record()
    assert (ours.initiator, theirs.initiator) == (True, False)


def test_the_policy_that_the_responder_prefers_among_the_offered_is_taken() -> None:
    weak = IkePolicy(20, "3des", 0, "sha1", 1, 2, 86400)
    other = IkePolicy(5, "aes", 128, "sha1", 1, 5, 86400)
    path = meet(engine(STRONG, weak), engine(other, weak, seed=2), until=1.0)
    assert path.established(A)[0].key_record() == path.established(B)[0].key_record()
    suite = path.established(A)[0].suite
    assert suite is not None
    assert suite.encryption == "3des"


def test_no_common_policy_is_told_and_ends_the_attempt() -> None:
    path = meet(engine(STRONG), engine(IkePolicy(10, "aes", 128, "sha256", 1, 14, 1200), seed=2))
    assert path.refusals(B)[0] is Reason.NO_PROPOSAL
    assert [event.reason for event in path.events[A] if isinstance(event, Phase1Failed)] == [Reason.TIMEOUT]
    assert path.engines[A].sas == path.engines[B].sas == []


def test_different_keys_never_agree_and_leave_nothing_behind() -> None:
    path = meet(engine(psk=b"one"), engine(psk=b"two", seed=2))
    assert path.established(A) == path.established(B) == []
    assert Reason.BAD_DECRYPTION in path.refusals(B)
    assert path.engines[A].sas == path.engines[B].sas == []


def test_a_responder_without_a_key_for_the_peer_refuses() -> None:
    path = meet(engine(), engine(psk=None, seed=2))
    assert Reason.NO_PSK in path.refusals(B)
    assert path.engines[B].sas == []


@pytest.mark.parametrize("seed", range(40))
def test_a_fifth_of_all_datagrams_may_be_lost(seed: int) -> None:
    """One attempt may still fail (every copy of the last message lost); the next one that its owner makes gets through,
    and an SA that only one side believes in is never used by both."""
    path = meet(engine(), engine(seed=2), loss=0.2, seed=seed)
    if not path.established(A):
        path.engines[A].initiate(A, B, path.now)
        path.run(path.now + 200)
    assert len(path.established(A)) == 1
    assert path.established(A)[0].key_record() in [sa.key_record() for sa in path.established(B)]


def test_duplicates_change_nothing() -> None:
    path = meet(engine(), engine(seed=2), copies=3, until=60.0)
    assert len(path.established(A)) == len(path.established(B)) == 1
    assert [sa.state for sa in path.engines[A].sas] == [path.established(A)[0].state]


def test_a_replayed_first_message_leaves_the_sa_alone() -> None:
    path = meet(engine(), engine(seed=2))
    (sa,) = path.engines[B].sas
    path.engines[B].receive(path.carried[0], path.now)
    assert path.engines[B].sas == [sa]
    assert [type(event) for event in path.engines[B].take_events()] == [MessageRefused]


def test_silence_ends_after_the_last_retransmission() -> None:
    path = meet(engine(), engine(seed=2), loss=1.0)
    assert len(path.carried) == 6
    assert len({datagram.data for datagram in path.carried}) == 1
    assert [event.reason for event in path.events[A] if isinstance(event, Phase1Failed)] == [Reason.TIMEOUT]


def test_an_sa_ends_with_its_lifetime_and_a_delete_ends_the_peers() -> None:
    short = IkePolicy(10, "aes", 256, "sha256", 1, 14, 100)
    path = meet(engine(short), engine(short, seed=2), until=50.0)
    assert len(path.engines[A].sas) == 1
    path.run(150.0)
    assert path.engines[A].sas == path.engines[B].sas == []
    assert any(isinstance(event, SaDeleted) for event in path.events[B])


@settings(max_examples=150)
@given(data=st.data())
def test_damage_never_raises_and_never_breaks_an_sa(data: st.DataObject) -> None:
    path = meet(
        engine(IkePolicy(10, "aes", 128, "sha1", 1, 2, 3600)), engine(IkePolicy(10, "aes", 128, "sha1", 1, 2, 3600))
    )
    for datagram in path.carried:
        octets = bytearray(datagram.data)
        for _ in range(data.draw(st.integers(0, 3))):
            octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
        cut = bytes(octets[: data.draw(st.integers(0, len(octets)))])
        path.engines[datagram.destination].receive(Datagram(cut, datagram.source, datagram.destination), path.now)
    path.engines[B].receive(Datagram(data.draw(st.binary(max_size=200)), A, B), path.now)
    path.run(path.now + 300)
    assert len([sa for sa in path.engines[A].sas if sa.established]) == 1
    assert len([sa for sa in path.engines[B].sas if sa.established]) == 1


def test_responder_repeats_its_answer_every_ten_seconds_for_a_minute() -> None:
    initiator, responder, now = engine(), engine(seed=2), 0.0
    initiator.initiate(A, B, now)
    (offer,) = initiator.take_datagrams()
    responder.receive(offer, now)
    sent = [(now, datagram.data) for datagram in responder.take_datagrams()]
    while (due := responder.next_timer()) is not None:
        now = due
        responder.handle_timer(now)
        sent += [(now, datagram.data) for datagram in responder.take_datagrams()]
    assert [when for when, _ in sent] == [0, 10, 20, 30, 40, 50]
    assert len({data for _, data in sent}) == 1
    assert responder.sas == []
