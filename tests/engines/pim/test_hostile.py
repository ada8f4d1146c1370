"""Whatever comes in, nothing but an event comes of it, and the engine goes on."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.engines.pim.config import Mode
from iosemu.engines.pim.events import Dropped
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.pim import Assert, GroupSet, Hello, JoinPrune, Pim, PimType, Register, RegisterStop
from iosemu.wire.pim_addresses import TreeSource
from tests.engines.pim.network import GROUP, Network

SEGMENTS = {"src": "F", "lan": "F R L", "dst": "L"}
places = st.sampled_from(("src", "lan", "dst", "nowhere"))
people = st.sampled_from([IPv4Address(f"10.0.{net}.{host}") for net in (1, 2, 3) for host in (1, 2, 3, 100)])
groups = st.sampled_from((GROUP, IPv4Address("239.9.9.9"), IPv4Address("224.0.0.1")))
sources = st.lists(st.builds(TreeSource, people, st.booleans(), st.booleans()), max_size=3).map(tuple)
inner = st.builds(lambda source, group: Packet(source, group, UDP, b"x").pack(), people, groups)
messages = st.one_of(
    st.builds(
        Hello, st.sampled_from((0, 1, 105, 0xFFFF)), st.none() | st.integers(0, 9), st.none() | st.integers(0, 3)
    ),
    st.builds(
        JoinPrune,
        people,
        st.lists(st.builds(GroupSet, groups, sources, sources), max_size=2).map(tuple),
        st.sampled_from((0, 5, 210, 0xFFFF)),
        st.sampled_from((PimType.JOIN_PRUNE, PimType.GRAFT, PimType.GRAFT_ACK)),
    ),
    st.builds(Register, inner | st.binary(max_size=30), st.booleans()),
    st.builds(RegisterStop, groups, people),
    st.builds(Assert, groups, people, st.booleans(), st.integers(0, 3), st.integers(0, 3)),
)
steps = st.lists(
    st.tuples(st.sampled_from(("say", "say", "send", "join", "wait")), places, people, messages), max_size=25
)


@pytest.mark.parametrize("mode", [Mode.SPARSE, Mode.DENSE, Mode.SPARSE_DENSE])
@settings(max_examples=80)
@given(todo=steps)
def test_nothing_raises_and_nothing_loops(mode: Mode, todo: list[tuple[str, str, IPv4Address, Pim]]) -> None:
    network = Network(SEGMENTS, rp=None if mode is Mode.DENSE else "R", mode=mode)
    victim = network["R"].engine
    for what, place, who, message in todo:
        if what == "say":
            victim.receive(place, who, IPv4Address("10.0.2.2"), message.pack(), network.now)
        elif what == "send" and place in SEGMENTS:
            network.send(place, who)
        elif what == "join" and place in SEGMENTS:
            network.join(place, int(who) % 2 == 0)
        else:
            network.run(int(who) % 250)
        network.settle()
    network.run(400)


@settings(max_examples=100)
@given(data=st.binary(max_size=60))
def test_noise_is_an_event(data: bytes) -> None:
    network = Network({"lan": "A B"})
    network["A"].engine.receive("lan", network["B"].address("lan"), IPv4Address("224.0.0.13"), data, 0.0)
    assert any(isinstance(event, Dropped) for event in network["A"].engine.take_events())


def test_strangers_are_not_believed() -> None:
    network = Network(SEGMENTS, rp="R")
    rp = network["R"].config.rps[0].address
    join = JoinPrune(network["R"].address("lan"), (GroupSet(GROUP, (TreeSource(rp, True, True),)),))
    network["R"].engine.receive("lan", IPv4Address("10.0.2.99"), IPv4Address("224.0.0.13"), join.pack(), 0.0)
    assert network["R"].find_tree() is None
    (event,) = network["R"].engine.take_events()
    assert event == Dropped("lan", IPv4Address("10.0.2.99"), "not from a neighbor")
