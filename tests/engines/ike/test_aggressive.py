"""Aggressive mode: three messages, keys by name, and what an attacker can try."""

from __future__ import annotations

import pytest

from iosemu.engines.common import Datagram
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.events import Phase1Failed, Reason
from iosemu.wire.isakmp import ExchangeType, Header
from tests.engines.ike.directories import NamedKeys
from tests.engines.ike.path import STRONG, A, B, Path, engine, meet

SPOKE = NamedKeys("spoke", {}, own=b"secret")
HUB = NamedKeys("hub", {"spoke": b"secret", "other": b"another"})


def pair(policy: IkePolicy = STRONG, hub: NamedKeys = HUB, aggressive_mode: bool = True) -> Path:
    spoke = engine(policy, directory=SPOKE)
    return meet(spoke, engine(policy, seed=2, directory=hub, aggressive_mode=aggressive_mode))


@pytest.mark.parametrize("group", [2, 14, 19])
@pytest.mark.parametrize("cipher", [("aes", 128), ("3des", 0)])
def test_three_messages_end_in_the_same_keys(cipher: tuple[str, int], group: int) -> None:
    path = pair(IkePolicy(10, *cipher, "sha1", 1, group, 3600))
    (ours,), (theirs,) = path.established(A), path.established(B)
    assert [Header.parse(datagram.data).exchange for datagram in path.carried] == [ExchangeType.AGGRESSIVE] * 3
    assert ours.key_record() == theirs.key_record()
    assert ours.last_block == theirs.last_block
    assert theirs.peer_identity is not None
    assert theirs.peer_identity.data == b"spoke"


def test_a_delete_under_the_sa_is_understood() -> None:
    path = pair()
    path.engines[A].delete(path.established(A)[0])
    path.settle()
    assert path.engines[B].sas == []


def test_a_stranger_has_no_key() -> None:
    path = pair(hub=NamedKeys("hub", {"other": b"another"}))
    assert path.refusals(B)[0] is Reason.NO_PSK
    assert path.engines[B].sas == []
    assert any(isinstance(event, Phase1Failed) for event in path.events[A])


def test_another_key_is_noticed_by_the_initiator_first() -> None:
    path = pair(hub=NamedKeys("hub", {"spoke": b"wrong"}))
    assert Reason.BAD_HASH in path.refusals(A)
    assert path.established(A) == path.established(B) == []
    assert path.engines[A].sas == path.engines[B].sas == []


def test_it_can_be_disabled() -> None:
    path = pair(aggressive_mode=False)
    assert set(path.refusals(B)) == {Reason.AGGRESSIVE_MODE}
    assert path.engines[B].sas == []


def test_a_forged_answer_does_not_disturb_the_real_one() -> None:
    a, b = engine(directory=SPOKE), engine(seed=2, directory=HUB)
    path = Path(a, b)
    a.initiate(A, B, 0.0)
    (offer,) = a.take_datagrams()
    b.receive(offer, 0.0)
    (answer,) = b.take_datagrams()
    forged = bytearray(answer.data)
    forged[12] ^= 1
    forged[-1] ^= 1
    a.receive(Datagram(bytes(forged), answer.source, answer.destination), 0.0)
    a.receive(answer, 0.0)
    path.settle()
    assert len(path.established(A)) == len(path.established(B)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_fifth_of_all_datagrams_may_be_lost(seed: int) -> None:
    path = meet(engine(directory=SPOKE), engine(seed=2, directory=HUB), loss=0.2, seed=seed)
    if not path.established(A):
        path.engines[A].initiate(A, B, path.now)
        path.run(path.now + 200)
    assert path.established(A)[-1].key_record() in [sa.key_record() for sa in path.established(B)]
