"""Networks in which one end stands in a certain state."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.engines.tcp.states import State
from iosemu.wire.tcp import ACK, SYN, Segment
from tests.engines.tcp.network import A, End, Network


def _everything(_: Segment) -> bool:
    return True


def _pure_acknowledgements(segment: Segment) -> bool:
    return segment.flags == ACK


def _established(network: Network) -> End:
    network.a.closes_after = network.b.closes_after = False
    network.open()
    network.run(until=1)
    return network.a


def _listen(network: Network) -> End:
    network.b.connection.listen()
    return network.b


def _syn_sent(network: Network) -> End:
    network.faults.drop = _everything
    network.open()
    return network.a


def _syn_received(network: Network) -> End:
    network.faults.drop = lambda segment: segment.source_port == A.port and not segment.has(SYN)
    network.open()
    network.run(until=0.5)
    return network.b


def _fin_wait_1(network: Network) -> End:
    end = _established(network)
    network.faults.drop = _everything
    end.connection.close(network.now)
    return end


def _fin_wait_2(network: Network) -> End:
    end = _established(network)
    end.connection.close(network.now)
    network.pump()
    network.run(until=2)
    return end


def _close_wait(network: Network) -> End:
    _fin_wait_2(network)
    return network.b


def _closing(network: Network) -> End:
    end = _established(network)
    network.faults.drop = _pure_acknowledgements
    end.connection.close(network.now)
    network.b.connection.close(network.now)
    network.pump()
    network.run(until=network.now + 0.05)
    return end


def _last_ack(network: Network) -> End:
    end = _close_wait(network)
    network.faults.drop = _everything
    end.connection.close(network.now)
    return end


def _time_wait(network: Network) -> End:
    _close_wait(network).connection.close(network.now)
    network.pump()
    network.run(until=3)
    return network.a


def _closed(network: Network) -> End:
    end = _time_wait(network)
    network.run(until=200)
    return end


REACHING: dict[State, Callable[[Network], End]] = {
    State.CLOSED: _closed,
    State.LISTEN: _listen,
    State.SYN_SENT: _syn_sent,
    State.SYN_RECEIVED: _syn_received,
    State.ESTABLISHED: _established,
    State.FIN_WAIT_1: _fin_wait_1,
    State.FIN_WAIT_2: _fin_wait_2,
    State.CLOSE_WAIT: _close_wait,
    State.CLOSING: _closing,
    State.LAST_ACK: _last_ack,
    State.TIME_WAIT: _time_wait,
}


def reach(state: State, seed: int = 1) -> tuple[Network, End]:
    """A network and its end that is in the state; no fault is left."""
    network = Network(seed)
    end = REACHING[state](network)
    assert end.connection.state is state
    network.faults.drop = lambda segment: False
    return network, end
