"""What a stranger sends does no harm (RFC 5961), and nothing that arrives raises or fills the memory."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from iosemu.engines.tcp.config import TcpConfig
from iosemu.engines.tcp.events import Failed, Failure, Refusal, SegmentRefused
from iosemu.engines.tcp.receiver import MAXIMUM_PIECES
from iosemu.engines.tcp.resets import reset_for
from iosemu.engines.tcp.states import State
from iosemu.wire.tcp import ACK, FIN, RST, SYN, Segment
from tests.engines.tcp.network import A, B, End, Network
from tests.engines.tcp.reaching import reach


def wrap(number: int) -> int:
    return number & 0xFFFFFFFF


def to_a(end: End, flags: int, shift: int = 0, payload: bytes = b"", acknowledged: int = 0) -> Segment:
    """A segment for A, `shift` numbers from what it waits for."""
    receiver = end.connection._in
    assert receiver is not None
    sequence, number = wrap(receiver.nxt + shift), wrap(end.connection._out.una + acknowledged)
    return Segment(B.port, A.port, sequence, number, flags, 65535, payload)


def refusals(end: End) -> list[Refusal]:
    return [event.reason for event in end.connection.take_events() if isinstance(event, SegmentRefused)]


def test_only_the_exact_reset_ends_a_connection() -> None:
    network, end = reach(State.ESTABLISHED)
    for shift in (1, 1000, 65534):
        end.connection.receive(to_a(end, RST, shift), network.now)
        (answer,) = end.connection.take_segments()
        assert answer.flags == ACK
    assert refusals(end) == [Refusal.CHALLENGED_RESET] * 3
    for shift in (-1, 65535, 1 << 30):
        end.connection.receive(to_a(end, RST, shift), network.now)
        assert end.connection.take_segments() == []
    assert refusals(end) == [Refusal.OUT_OF_WINDOW] * 3
    end.connection.receive(to_a(end, RST), network.now)
    assert end.connection.take_events() == [Failed(Failure.RESET)]


@pytest.mark.parametrize("flags", [SYN, SYN | ACK])
def test_a_syn_does_not_reset_a_connection(flags: int) -> None:
    network, end = reach(State.ESTABLISHED)
    for shift in (-1, 0, 500, 1 << 31):
        end.connection.receive(to_a(end, flags, shift), network.now)
        assert [segment.flags for segment in end.connection.take_segments()] == [ACK]
    assert end.connection.state is State.ESTABLISHED


def test_data_with_an_impossible_acknowledgement_are_not_taken() -> None:
    network, end = reach(State.ESTABLISHED)
    for acknowledged in (1, 100_000, -100_000, 1 << 31):
        end.connection.receive(to_a(end, ACK, 0, b"forged", acknowledged), network.now)
        assert end.connection.readable == 0
    assert refusals(end) == [Refusal.BAD_ACK] * 4
    end.connection.receive(to_a(end, 0, 0, b"forged"), network.now)
    assert refusals(end) == [Refusal.NO_ACK]


def test_challenges_are_few() -> None:
    network, end = reach(State.ESTABLISHED)
    for _ in range(1000):
        end.connection.receive(to_a(end, RST, 7), network.now)
    assert len(end.connection.take_segments()) == 10
    end.connection.receive(to_a(end, RST, 7), network.now + 5)
    assert len(end.connection.take_segments()) == 1


def test_out_of_order_data_are_bounded() -> None:
    network, end = reach(State.ESTABLISHED)
    receiver = end.connection._in
    assert receiver is not None
    for shift in range(1, 4000, 2):
        end.connection.receive(to_a(end, ACK, shift, b"x"), network.now)
        end.connection.take_segments()
    assert len(receiver._pieces) == MAXIMUM_PIECES
    for shift in range(5000, 5100):
        end.connection.receive(to_a(end, ACK, shift, bytes(40_000)), network.now)
    assert sum(map(len, receiver._pieces.values())) <= TcpConfig().receive_buffer
    end.connection.receive(to_a(end, ACK, 65_000, bytes(65_000)), network.now)
    end.connection.receive(to_a(end, ACK, -10, bytes(70_000)), network.now)
    assert len(end.connection.read(network.now)) == 65535


def test_unread_data_are_bounded() -> None:
    network, end = reach(State.ESTABLISHED)
    for _ in range(200):
        end.connection.receive(to_a(end, ACK, 0, bytes(1460)), network.now)
    assert end.connection.readable == 65535
    assert end.connection.take_segments()[-1].window == 0


def test_what_is_written_is_bounded() -> None:
    network, end = reach(State.ESTABLISHED)
    network.faults.loss = 1.0
    assert end.connection.write(bytes(1 << 20), network.now) == 65536
    assert end.connection.write(b"x", network.now) == 0


def test_resets_for_strangers() -> None:
    assert reset_for(Segment(1, 2, 3, 4, RST, 0)) is None
    assert reset_for(Segment(1, 2, 3, 4, ACK, 0)) == Segment(2, 1, 4, 0, RST, 0)
    assert reset_for(Segment(1, 2, 0xFFFFFFFF, 0, SYN | FIN, 0, b"ab")) == Segment(2, 1, 0, 3, RST | ACK, 0)


def random_segment(rng: random.Random, end: End) -> Segment:
    """Any segment, more often than not one that nearly fits."""
    receiver, sender = end.connection._in, end.connection._out
    sequence = rng.randrange(1 << 32)
    number = rng.randrange(1 << 32)
    if receiver is not None and rng.random() < 0.8:
        sequence = wrap(receiver.nxt + rng.choice((0, 0, -1, 1, 65535, rng.randrange(-70000, 70000))))
    if rng.random() < 0.8:
        number = wrap(sender.una + rng.choice((0, 0, 1, 2, -1, rng.randrange(-70000, 70000))))
    flags = rng.choice((ACK, ACK, ACK | FIN, SYN, SYN | ACK, RST, RST | ACK, rng.randrange(64)))
    payload = rng.randbytes(rng.choice((0, 0, 1, 100, 1460)))
    window = rng.choice((0, 1, 100, 65535))
    mss, scale = rng.choice((None, 0, 1, 1460)), rng.choice((None, 0, 14, 255))
    return Segment(B.port, A.port, sequence, number, flags, window, payload, mss=mss, window_scale=scale)


@pytest.mark.parametrize("state", State)
def test_random_segments_never_raise(state: State) -> None:
    rng = random.Random(state.value)
    for seed in range(12):
        network, end = reach(state, seed)
        now = network.now
        for _ in range(150):
            segment = random_segment(rng, end)
            end.connection.receive(segment, now)
            if rng.random() < 0.2:
                end.connection.write(rng.randbytes(rng.randrange(3000)), now)
            if rng.random() < 0.2:
                end.connection.read(now)
            if rng.random() < 0.03:
                end.connection.close(now)
            due = end.connection.next_timer()
            if due is not None and rng.random() < 0.3:
                now = max(now, due)
                end.connection.handle_timer(now)
            for sent in end.connection.take_segments():
                assert Segment.parse(sent.pack(A.address, B.address), A.address, B.address) == sent
            assert end.connection._out.una <= end.connection._out.nxt <= end.connection._out.highest
            if end.connection.state is State.CLOSED:
                assert end.connection.next_timer() is None


def test_a_transfer_survives_a_stranger() -> None:
    """Somebody who knows the addresses and ports, and guesses numbers."""
    rng = random.Random(9)
    network = Network(3)
    network.a.to_send = rng.randbytes(100_000)
    sent = network.a.to_send
    network.open()

    def interfere() -> bool:
        for end, source in ((network.a, B), (network.b, A)):
            forged = Segment(
                source.port,
                end.connection.local.port,
                rng.randrange(1 << 32),
                rng.randrange(1 << 32),
                rng.choice((RST, SYN, ACK, FIN | ACK)),
                1000,
                b"evil",
            )
            receiver = end.connection._in
            if receiver is not None and not -70_000 < wrap(forged.sequence - receiver.nxt) < 140_000:
                end.connection.receive(forged, network.now)
                end.connection.receive(replace(forged, sequence=wrap(receiver.nxt + 9), flags=RST), network.now)
        return False

    network.run(stop=interfere)
    assert bytes(network.b.received) == sent
    assert network.b.names()[-1] in ("Closed", "SegmentRefused")
