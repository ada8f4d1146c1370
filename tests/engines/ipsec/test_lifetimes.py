"""When SAs of tunnels are renewed, when the new ones are used, and when nothing needs them any more."""

from __future__ import annotations

from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.ipsec.events import Removal, SaRemoved
from tests.engines.gdoi.network import udp_packet
from tests.engines.ipsec.gateways import BACK, OUT, Room, installed, of_type, policy


def test_rekey_before_expiry_loses_nothing() -> None:
    room = Room(policy(True, lifetime=300), policy(False))
    room.connect()
    for second in range(1, 3000):
        room.run_until(float(second))
        assert room.send(True, OUT).packet == OUT
        assert room.send(False, BACK).packet == BACK
        assert len(room.left.pairs) == len(room.right.pairs) <= 2
    assert installed(room.left) == installed(room.right) == 12
    assert {event.removal for event in of_type(room.left, SaRemoved)} <= {Removal.REPLACED, Removal.BY_PEER}


def spi_in_use(room: Room) -> bytes:
    """The SPI of what the left one sends."""
    return room.left.guard.outbound(OUT, room.now).packet[20:24]


def about_to_change() -> tuple[Room, bytes, bytes]:
    """A rekey by the left one has just ended; the SPIs of before and of then."""
    room = Room(policy(True, lifetime=300), policy(False))
    room.connect()
    room.run_until(270.0)
    old, new = (pair.outbound.spi for pair in room.left.pairs)
    assert spi_in_use(room) == old
    return room, old, new


def test_the_initiator_waits_a_moment_for_the_responder_before_it_sends_with_new_sas() -> None:
    room, old, new = about_to_change()
    room.run_until(270.9)
    assert spi_in_use(room) == old
    room.run_until(271.0)
    assert spi_in_use(room) == new


def test_a_packet_of_the_responder_ends_the_wait() -> None:
    room, _, new = about_to_change()
    assert room.send(False, BACK).packet == BACK
    assert spi_in_use(room) == new


def test_there_is_no_wait_when_the_responder_deletes_the_old_sas() -> None:
    room, old, new = about_to_change()
    room.right.engine.clear(lambda pair: pair.inbound.spi == old, room.now)
    room.settle()
    assert spi_in_use(room) == new


def test_there_is_no_wait_when_the_old_sas_are_used_up() -> None:
    room = Room(policy(True, kilobytes=2560), policy(False))
    room.connect()
    for _ in range(6000):
        assert room.send(True, udp_packet("10.1.0.1", "10.2.0.1", size=1000)).outcome is Outcome.PROTECTED
    assert installed(room.left) == 3


def test_the_shorter_lifetime_is_for_both() -> None:
    room = Room(policy(True), policy(False, lifetime=600, kilobytes=10000))
    room.connect()
    assert {(pair.lifetime, pair.kilobytes) for pair in room.left.pairs + room.right.pairs} == {(600, 10000)}


def test_an_unused_tunnel_is_not_renewed() -> None:
    room = Room(policy(True, lifetime=300), policy(False))
    room.send(True, OUT)
    room.run_until(301)
    assert not room.left.pairs + room.right.pairs
    assert installed(room.left) == 1
    (removed,) = of_type(room.left, SaRemoved)
    assert isinstance(removed, SaRemoved)
    assert removed.last


def test_a_volume_that_is_used_up_is_renewed_before() -> None:
    room = Room(policy(True, kilobytes=2560), policy(False))
    room.connect()
    for second in range(1, 6000):
        room.now = float(second)
        assert room.send(True, udp_packet("10.1.0.1", "10.2.0.1", size=1000)).outcome is Outcome.PROTECTED
        room.run_until(float(second))
    assert installed(room.left) == 3


def test_idle_sas_go() -> None:
    room = Room(policy(True, idle_time=60), policy(False))
    room.connect()
    for second in range(0, 300, 30):
        room.run_until(float(second))
        assert room.send(True, OUT).packet == OUT
    room.run_until(331)
    assert not room.left.pairs + room.right.pairs
    assert [event.removal for event in of_type(room.left, SaRemoved)] == [Removal.IDLE]
    assert [event.removal for event in of_type(room.right, SaRemoved)] == [Removal.BY_PEER]
