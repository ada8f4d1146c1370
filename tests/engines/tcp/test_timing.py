"""When segments go out: handshakes, losses, windows, delays."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from iosemu.engines.tcp.config import TcpConfig
from iosemu.engines.tcp.events import Failed, Failure
from iosemu.engines.tcp.rto import RetransmissionTimeout
from iosemu.engines.tcp.states import State
from iosemu.wire.tcp import ACK, RST, SYN, Segment
from tests.engines.tcp.network import A, Faults, Network
from tests.engines.tcp.reaching import reach


def from_a(network: Network) -> list[tuple[float, Segment]]:
    return [(time, segment) for time, segment in network.log if segment.source_port == A.port]


def drop_once(wanted: int) -> Callable[[Segment], bool]:
    """Lose the segment with data that is sent as number `wanted`."""
    count = 0

    def drop(segment: Segment) -> bool:
        nonlocal count
        count += bool(segment.payload)
        return bool(segment.payload) and count == wanted

    return drop


def test_a_syn_is_repeated_and_given_up() -> None:
    network = Network(faults=Faults(loss=1.0))
    network.open()
    network.run()
    assert [(time, segment.flags) for time, segment in network.log] == [(t, SYN) for t in (0, 1, 3, 7, 15)]
    assert network.a.events[-1] == Failed(Failure.TIMED_OUT)
    assert network.a.states == [State.SYN_SENT, State.CLOSED]


def test_a_refused_connection() -> None:
    network = Network()
    network.a.connection.connect(0.0)
    (syn,) = network.a.connection.take_segments()
    reset = Segment(80, A.port, 0, syn.sequence + 1 & 0xFFFFFFFF, RST | ACK, 0)
    network.a.connection.receive(Segment(80, A.port, 0, 77, RST | ACK, 0), 0.1)
    assert network.a.connection.state is State.SYN_SENT
    network.a.connection.receive(reset, 0.2)
    assert Failed(Failure.REFUSED) in network.a.connection.take_events()


def test_one_loss_is_found_by_duplicates_before_the_timer() -> None:
    network = Network(faults=Faults(drop=drop_once(6)))
    network.a.to_send = bytes(60_000)
    network.open()
    network.run(stop=lambda: len(network.b.received) == 60_000)
    assert network.now < 0.5
    assert network.a.connection.retransmissions == 1


def test_a_loss_without_anything_behind_it_waits_for_the_timer() -> None:
    network = Network(faults=Faults(drop=drop_once(1)))
    network.a.to_send = b"x"
    network.open()
    network.run(stop=lambda: bool(network.b.received))
    times = [time for time, segment in from_a(network) if segment.payload]
    assert times[1] - times[0] == pytest.approx(1.0, abs=0.1)


def test_silence_ends_a_connection() -> None:
    network, end = reach(State.ESTABLISHED)
    network.faults.loss = 1.0
    started = network.now
    end.connection.write(b"anybody there?", network.now)
    network.pump()
    network.run(stop=lambda: end.connection.state is State.CLOSED)
    assert network.now - started == pytest.approx(180.0)
    assert end.events[-1] == Failed(Failure.TIMED_OUT)
    waits = [time for time, segment in from_a(network) if segment.payload]
    gaps = [round(after - before) for before, after in itertools.pairwise(waits)]
    assert gaps == [1, 2, 4, 8, 16, 32, 60]


def test_the_first_flight_is_the_initial_window() -> None:
    network = Network()
    network.a.to_send = bytes(100_000)
    network.open()
    network.run(until=0.0205)
    first = [segment for time, segment in from_a(network) if segment.payload]
    assert [len(segment.payload) for segment in first] == [1460] * 3


def test_slow_start_doubles() -> None:
    network = Network(a=TcpConfig(send_buffer=1 << 20), b=TcpConfig(acknowledgement_delay=0))
    network.a.to_send = bytes(60_000)
    network.open()
    network.run(until=0.1)
    rounds: dict[int, int] = {}
    for time, segment in from_a(network):
        if segment.payload:
            rounds[round(time / 0.02)] = rounds.get(round(time / 0.02), 0) + 1
    sizes = [rounds[key] for key in sorted(rounds)]
    assert sizes[0] == 3
    assert all(size <= 2 * before for before, size in itertools.pairwise(sizes))
    assert sizes[2] > 2 * sizes[0] // 1 - 1


def test_a_single_segment_is_acknowledged_late_and_two_at_once() -> None:
    network, end = reach(State.ESTABLISHED)
    network.log.clear()
    started = network.now
    end.connection.write(b"x", network.now)
    network.pump()
    network.run(until=started + 0.5)
    (_, _), (time, acknowledgement) = network.log
    assert acknowledgement.flags == ACK
    assert time - started == pytest.approx(0.21)

    network.log.clear()
    started = network.now
    for _ in range(2):
        end.connection.write(bytes(1460), network.now)
        network.pump()
    network.run(until=started + 0.5)
    assert network.log[-1][0] - started == pytest.approx(0.01)


def test_a_closed_window_is_probed_until_it_opens() -> None:
    network = Network(b=TcpConfig(receive_buffer=5000))
    network.b.reads = False
    network.a.to_send = bytes(range(256)) * 100
    network.open()
    network.run(until=400)
    assert network.a.connection.state is State.FIN_WAIT_1 or network.a.to_send or network.a.connection.unsent
    assert network.b.connection.readable == 5000
    probes = [(time, segment) for time, segment in from_a(network) if len(segment.payload) == 1]
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(probes)]
    assert gaps[:5] == pytest.approx([2, 4, 8, 16, 32], abs=0.1)
    assert gaps[-1] == pytest.approx(60, abs=0.1)
    network.b.reads = True
    network.pump()
    network.run()
    assert bytes(network.b.received) == bytes(range(256)) * 100
    assert network.b.states[-1] is State.CLOSED


def test_a_lost_window_update_does_no_harm() -> None:
    network = Network(b=TcpConfig(receive_buffer=4000))
    network.b.reads = False
    network.a.to_send = bytes(20_000)
    network.open()
    network.run(until=10)
    network.b.reads = True
    network.faults.drop = lambda segment: segment.source_port == 80 and network.now < 11
    network.pump()
    network.run()
    assert len(network.b.received) == 20_000


def test_no_silly_windows() -> None:
    network = Network(a=TcpConfig(mss=1000), b=TcpConfig(receive_buffer=3000))
    network.b.reads = False
    network.a.to_send = bytes(30_000)
    network.open()

    def trickle() -> bool:
        # The owner reads only now and then, so that the window is often small.
        network.b.reads = len(network.log) % 5 == 0
        return False

    network.run(stop=trickle)
    network.b.reads = True
    network.pump()
    network.run()
    assert len(network.b.received) == 30_000
    small = [segment for _, segment in from_a(network) if 1 < len(segment.payload) < 1000]
    assert len(small) <= 1


def test_a_window_larger_than_65535_is_used_when_it_is_scaled() -> None:
    network = Network()
    network.a.connection.connect(0.0)
    (syn,) = network.a.connection.take_segments()
    assert syn.window_scale == 0
    number = syn.sequence + 1 & 0xFFFFFFFF
    network.a.connection.receive(Segment(80, A.port, 5, number, SYN | ACK, 1000, mss=1460, window_scale=7), 0.0)
    network.a.connection.receive(Segment(80, A.port, 6, number, ACK, 1000), 0.0)
    assert network.a.connection._out.window == 128_000


def test_the_smallest_segments_of_a_peer_are_bounded() -> None:
    network = Network()
    network.a.connection.connect(0.0)
    (syn,) = network.a.connection.take_segments()
    number = syn.sequence + 1 & 0xFFFFFFFF
    network.a.connection.receive(Segment(80, A.port, 5, number, SYN | ACK, 60000, mss=1), 0.0)
    network.a.connection.write(bytes(1000), 0.0)
    assert max(len(segment.payload) for segment in network.a.connection.take_segments()) == 64


def test_the_timeout_follows_the_round_trip() -> None:
    rto = RetransmissionTimeout()
    assert rto.seconds == 1.0
    rto.measured(2.0)
    assert rto.seconds == 6.0
    rto.measured(2.0)
    assert rto.seconds == 5.0
    rto.back_off()
    rto.back_off()
    assert rto.seconds == 20.0
    rto.measured(0.01)
    assert rto.seconds < 20.0
    for _ in range(100):
        rto.measured(0.01)
    assert rto.seconds == 1.0
    for _ in range(20):
        rto.back_off()
    assert rto.seconds == 60.0
