"""Every state and transition of the table is reached, and nothing else."""

from __future__ import annotations

import itertools

import pytest

from iosemu.engines.tcp.events import Failed, Failure
from iosemu.engines.tcp.states import TRANSITIONS, State, Step, advance
from iosemu.wire.tcp import SYN
from tests.engines.tcp.network import End, Network
from tests.engines.tcp.reaching import reach


def failures(end: End) -> list[Failure]:
    end.events += end.connection.take_events()
    return [event.reason for event in end.events if isinstance(event, Failed)]


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_and_left_by_an_abort(state: State) -> None:
    network, end = reach(state)
    end.connection.abort()
    assert end.connection.state is State.CLOSED
    assert end.connection.next_timer() is None
    assert end.connection.write(b"x", network.now) == 0
    expected = [] if state in (State.CLOSED, State.TIME_WAIT) else [Failure.ABORTED]
    assert failures(end) == expected


@pytest.mark.parametrize("state", State)
def test_from_every_state_a_working_wire_leads_to_an_end(state: State) -> None:
    network, _end = reach(state)
    for each in (network.a, network.b):
        each.closes_after = True
        each.connection.close(network.now)
    network.pump()
    network.run()
    assert {each.connection.state for each in (network.a, network.b)} == {State.CLOSED}


def test_all_transitions_happen() -> None:
    seen: set[tuple[State, State]] = set()
    for state in State:
        for aborts in (False, True):
            network, end = reach(state)
            network.note(end)
            if aborts:
                end.connection.abort()
            else:
                network.a.connection.close(network.now)
                network.b.connection.close(network.now)
            network.pump()
            network.run()
            for each in (network.a, network.b):
                states = [State.CLOSED, *each.states]
                seen |= set(itertools.pairwise(states))
    simultaneous = open_at_once()
    seen |= set(zip(simultaneous.a.states, simultaneous.a.states[1:], strict=False))
    half = reach(State.SYN_RECEIVED)[0]
    half.b.connection.close(half.now)
    seen.add((State.SYN_RECEIVED, half.b.connection.state))
    wanted = {(state, after) for (state, _), after in TRANSITIONS.items()}
    assert wanted - seen == set()
    # What a single event moves on twice, the harness sees as one step: such as data of the last ACK with a FIN.
    assert {pair for pair in seen - wanted if pair[0] is not pair[1]} <= {(State.FIN_WAIT_1, State.TIME_WAIT)}


def open_at_once() -> Network:
    network = Network(4)
    for end in (network.a, network.b):
        end.connection.connect(0.0)
        network.note(end)
    network.pump()
    network.run(until=0.5)
    return network


def test_both_open_at_once() -> None:
    network = open_at_once()
    for end in (network.a, network.b):
        assert end.states == [State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED]
    network.a.to_send = b"to b" * 1000
    network.b.to_send = b"to a" * 1000
    network.pump()
    network.run()
    assert bytes(network.b.received) == b"to b" * 1000
    assert bytes(network.a.received) == b"to a" * 1000
    assert sum(segment.has(SYN) for _, segment in network.log) == 4


def test_both_close_at_once() -> None:
    network, _end = reach(State.ESTABLISHED)
    network.a.connection.close(network.now)
    network.b.connection.close(network.now)
    network.pump()
    network.run()
    for each in (network.a, network.b):
        assert each.states[-4:] == [State.FIN_WAIT_1, State.CLOSING, State.TIME_WAIT, State.CLOSED]
        assert each.names()[-2:] == ["PeerClosed", "Closed"]


def test_a_half_closed_connection_still_takes_data() -> None:
    network, _end = reach(State.FIN_WAIT_2)
    network.b.to_send, network.b.closes_after = b"late" * 5000, True
    network.pump()
    network.run()
    assert bytes(network.a.received) == b"late" * 5000
    assert network.a.names()[-1] == "Closed"


def test_a_peer_that_never_closes_is_not_waited_for() -> None:
    network, end = reach(State.FIN_WAIT_2)
    network.run(until=600)
    states = [end.connection.state]
    network.run(until=610)
    assert [*states, end.connection.state] == [State.FIN_WAIT_2, State.CLOSED]
    assert failures(end) == [Failure.TIMED_OUT]


def test_time_wait_answers_a_repeated_fin_and_waits_anew() -> None:
    network, _end = reach(State.TIME_WAIT)
    fin = next(segment for _, segment in network.log if segment.source_port == 80 and segment.flags & 1)
    network.run(until=50)
    network.a.connection.receive(fin, network.now)
    assert [segment.flags for segment in network.a.connection.take_segments()] == [0x10]
    assert network.a.connection.next_timer() == network.now + 60


def test_what_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError):
        advance(State.TIME_WAIT, Step.CLOSE)
