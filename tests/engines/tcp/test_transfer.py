"""Data arrive whole and in order over a wire that loses, doubles and reorders segments."""

from __future__ import annotations

import random

import pytest

from iosemu.engines.tcp.config import TcpConfig
from iosemu.engines.tcp.states import State
from tests.engines.tcp.network import Faults, Network

CLEAN = Faults()
LOSSY = Faults(loss=0.05, doubling=0.02, delay=(0.01, 0.04))
BAD = Faults(loss=0.2, doubling=0.2, delay=(0.001, 0.2))


def transfer(network: Network, there: int, back: int) -> None:
    """Send so many octets in both directions and compare them."""
    rng = random.Random(there)
    outward, inward = rng.randbytes(there), rng.randbytes(back)
    network.a.to_send, network.b.to_send = outward, inward
    network.open()
    network.run()
    assert bytes(network.b.received) == outward
    assert bytes(network.a.received) == inward
    for end in (network.a, network.b):
        assert end.states[-1] is State.CLOSED
        assert end.connection.next_timer() is None
        assert "Closed" in end.names()
        assert "Failed" not in end.names()


@pytest.mark.parametrize("seed", range(3))
def test_a_clean_wire_needs_no_retransmission(seed: int) -> None:
    network = Network(seed, CLEAN)
    transfer(network, 300_000, 100_000)
    assert network.a.connection.retransmissions == network.b.connection.retransmissions == 0
    assert all(end.names() == ["Established", "PeerClosed", "Closed"] for end in (network.a, network.b))


@pytest.mark.parametrize("seed", range(8))
def test_a_lossy_wire(seed: int) -> None:
    network = Network(seed, LOSSY)
    transfer(network, 300_000, 50_000)
    assert network.a.connection.retransmissions > 0


@pytest.mark.parametrize("seed", range(8))
def test_a_bad_wire(seed: int) -> None:
    # Long enough in TIME-WAIT to hear the last FIN, however often it is lost.
    patient = TcpConfig(segment_lifetime=240)
    transfer(Network(seed, BAD, a=patient, b=patient), 60_000, 60_000)


@pytest.mark.parametrize("seed", range(6))
def test_small_segments_windows_and_buffers(seed: int) -> None:
    rng = random.Random(seed)
    configs = {
        name: TcpConfig(
            mss=rng.choice((100, 536, 1460)),
            receive_buffer=rng.choice((300, 3000, 65535)),
            send_buffer=rng.choice((500, 65536)),
        )
        for name in ("a", "b")
    }
    transfer(Network(seed, Faults(loss=0.05, delay=(0.005, 0.02)), **configs), 30_000, 10_000)


@pytest.mark.parametrize("seed", range(6))
def test_two_ends_that_probe_each_other(seed: int) -> None:
    """With windows of one octet both sides wait for the other's window most of the time, and their probes cross."""
    narrow = TcpConfig(mss=100, receive_buffer=1, silence_limit=5000, segment_lifetime=240)
    network = Network(seed, Faults(loss=0.1, doubling=0.3, delay=(0.001, 0.001)), a=narrow, b=narrow)
    pauses = random.Random(seed)

    def pause() -> bool:
        if pauses.random() < 0.1:
            network.a.reads, network.b.reads = pauses.random() < 0.7, pauses.random() < 0.7
        return network.now > 2000

    rng = random.Random(seed)
    outward, inward = rng.randbytes(2000), rng.randbytes(2000)
    network.a.to_send, network.b.to_send = outward, inward
    network.open()
    network.run(stop=pause)
    network.a.reads = network.b.reads = True
    network.pump()
    network.run(until=100_000)
    assert bytes(network.b.received) == outward
    assert bytes(network.a.received) == inward
