"""NAT traversal, dead peer detection, fragments, INITIAL-CONTACT and floods."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.ike import fragmentation
from iosemu.engines.ike.events import MessageRefused, PeerDead, Reason, SaDeleted
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.wire.isakmp import Header, PayloadType
from tests.engines.ike.directories import NamedKeys
from tests.engines.ike.path import A, B, Path, engine, meet

PUBLIC = IPv4Address("203.0.113.9")


def masquerade(datagram: Datagram) -> Datagram:
    """A NAT in front of A: A's ports come out 1,000 higher under another address."""
    if datagram.source.address == A.address:
        return replace(datagram, source=Endpoint(PUBLIC, datagram.source.port + 1000))
    if datagram.destination.address == PUBLIC:
        return replace(datagram, destination=Endpoint(A.address, datagram.destination.port - 1000))
    return datagram


@pytest.mark.parametrize("aggressive", [False, True])
def test_a_nat_moves_the_sa_to_port_4500(aggressive: bool) -> None:
    directories = (NamedKeys("a", {}, own=b"k"), NamedKeys("b", {"a": b"k"})) if aggressive else (None, None)
    a, b = engine(directory=directories[0]), engine(seed=2, directory=directories[1])
    path = Path(a, b)
    path.translate = masquerade
    a.initiate(A, B, 0.0)
    path.run(1.0)
    (ours,), (theirs,) = path.established(A), path.established(B)
    assert ours.key_record() == theirs.key_record()
    assert (ours.behind_nat, ours.peer_behind_nat) == (True, False)
    assert (theirs.behind_nat, theirs.peer_behind_nat) == (False, True)
    assert (ours.local.port, ours.remote.port) == (4500, 4500)
    assert theirs.remote == Endpoint(PUBLIC, 5500)
    assert a.find_established(A, B) is ours
    path.run(50.0)
    assert [datagram.data for datagram in path.carried].count(b"\xff") == 2
    a.delete(ours)
    path.settle()
    assert b.sas == []


def test_without_a_nat_the_port_stays() -> None:
    path = meet(engine(), engine(seed=2), until=1.0)
    assert {sa.local.port for end in (A, B) for sa in path.established(end)} == {848}
    assert not path.established(A)[0].floated


def test_a_nat_that_forgets_is_followed_after_an_authentic_message() -> None:
    a, b = engine(), engine(seed=2)
    path = Path(a, b)
    path.translate = masquerade
    a.initiate(A, B, 0.0)
    path.run(1.0)
    path.translate = lambda item: replace(item, source=Endpoint(PUBLIC, 7000)) if item.source.port == 4500 else item
    a.notify(path.established(A)[0], 40000)
    path.settle()
    assert path.established(B)[0].remote == Endpoint(PUBLIC, 7000)


def test_periodic_detection_finds_a_peer_alive_and_then_dead() -> None:
    keepalive = Keepalive(10, 2, periodic=True)
    path = meet(engine(keepalive=keepalive), engine(seed=2), until=100.0)
    assert len(path.engines[A].sas) == 1
    questions = len(path.carried)
    assert questions > 20
    path.translate = lambda _: None
    path.run(140.0)
    assert any(isinstance(event, PeerDead) for event in path.events[A])
    assert path.engines[A].sas == []


def test_on_demand_detection_asks_only_when_something_waits() -> None:
    a = engine(keepalive=Keepalive(10, 2))
    path = meet(a, engine(seed=2), until=100.0)
    assert len(path.carried) == 6
    a.wanted(path.established(A)[0])
    path.run(120.0)
    assert len(path.carried) == 8
    path.translate = lambda _: None
    a.wanted(path.established(A)[0])
    path.run(150.0)
    assert any(isinstance(event, PeerDead) for event in path.events[A])


def test_an_answer_to_no_question_proves_nothing_and_harms_nothing() -> None:
    path = meet(engine(keepalive=Keepalive(10, 2, periodic=True)), engine(seed=2), until=5.0)
    path.engines[B].notify(path.established(B)[0], 36137, b"\0\0\0\1")
    path.settle()
    assert len(path.engines[A].sas) == 1


def test_a_peer_that_starts_anew_forgets_its_earlier_sas() -> None:
    b = engine(seed=2)
    first = meet(engine(seed=3), b, until=10.0)
    second = Path(engine(seed=4), b)
    second.now = 10.0
    second.engines[A].initiate(A, B, 10.0)
    second.run(20.0)
    assert b.sas == second.established(B)
    assert any(isinstance(event, SaDeleted) and event.by_peer for event in second.events[B])
    assert first.established(B) != second.established(B)


def test_large_messages_go_in_fragments_and_come_together_in_any_order() -> None:
    big = NamedKeys("a" * 4000, {}, own=b"k")
    a = engine(directory=big, fragmentation=True)
    b = engine(seed=2, directory=NamedKeys("b", {"a" * 4000: b"k"}), fragmentation=True)
    path = Path(a, b)
    a.initiate(A, B, 0.0)
    path.run(1.0)
    sa = path.established(A)[0]
    before = len(path.carried)
    a.notify(sa, 40000, bytes(5000))
    pieces = a.take_datagrams()
    assert len(pieces) == 5
    assert all(Header.parse(piece.data).next_payload == PayloadType.FRAGMENT for piece in pieces)
    assert max(len(piece.data) for piece in pieces) <= fragmentation.FRAGMENT_SIZE
    for piece in reversed(pieces):
        b.receive(piece, 1.0)
    path.settle()
    assert any(type(event).__name__ == "NotifyReceived" for event in path.events[B])
    assert len(path.carried) == before


def test_fragments_of_nothing_whole_take_bounded_room() -> None:
    b = engine(seed=2, fragmentation=True)
    message = bytes(8) + bytes(range(8)) + bytes((132, 16, 2, 0)) + bytes(4)
    for number in range(10_000):
        body = bytes((0, 0, 0, 12)) + number.to_bytes(2, "big") + bytes((1, 0)) + b"data"
        whole = message + (28 + len(body)).to_bytes(4, "big") + body
        b.receive(Datagram(whole, Endpoint(A.address, number + 1), B), 0.0)
    assert len(b._reassembly._parts) <= 64


def test_a_flood_of_first_messages_is_bounded_and_disturbs_nobody() -> None:
    a, b = engine(), engine(seed=2)
    path = meet(a, b, until=1.0)
    attacker = engine(seed=9)
    attacker.initiate(A, B, 1.0)
    (offer,) = attacker.take_datagrams()
    for number in range(10_000):
        cookie = number.to_bytes(8, "big")
        source = Endpoint(IPv4Address(0x0A000000 + number), 848)
        b.receive(Datagram(b"\1" + cookie[1:] + offer.data[8:], source, B), 1.0)
    b.take_datagrams()
    assert len(b.sas) <= 1001
    refusals = [event for event in b.take_events() if isinstance(event, MessageRefused)]
    assert {event.reason for event in refusals} == {Reason.TOO_MANY}
    newcomer = engine(seed=5)
    late = Path(newcomer, b)
    newcomer.initiate(A, B, 1.0)
    late.run(2.0)
    assert late.established(A)
    b.handle_timer(100.0)
    assert len(b.sas) == len(late.established(B))
    a.delete(path.established(A)[0])


def test_peers_that_came_up_lately_do_not_count_as_half_open() -> None:
    b = engine(half_open_limit=3)
    for number in range(10):
        a = engine(seed=10 + number)
        local = Endpoint(IPv4Address(0x0A000001 + number), 848)
        path = Path(a, b)
        path.engines = {local: a, B: b}
        path.events = {local: [], B: []}
        a.initiate(local, B, 0.0)
        path.settle()
        assert len(path.established(B)) == 1
    assert len(b.sas) == 10
