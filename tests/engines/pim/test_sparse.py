"""Sparse mode: shared trees, registers, switchover to the tree of the source."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.engines.pim.config import EVERY_GROUP, PimConfig, StaticRp
from iosemu.engines.pim.events import DrChanged, InvalidRpJoin, NeighborDown, NeighborUp
from iosemu.engines.pim.states import RegisterState
from iosemu.wire.pim import JoinPrune, Register, RegisterStop
from tests.engines.pim.network import GROUP, Network

# A source behind F, members behind L, and the RP on the way.
CHAIN = {"src": "F", "fr": "F R", "rl": "R L", "dst": "L"}
# From L it is nearer to F than by the RP.
SHORTCUT = {"src": "F", "fr": "F R", "rl": "R L", "fl": "F L", "dst": "L"}


def of(network: Network, kind: type) -> int:
    """How many messages of a kind were sent."""
    return sum(isinstance(message, kind) for _, _, message in network.messages)


def test_neighbours_know_each_other_and_the_highest_address_speaks() -> None:
    network = Network({"lan": "A B C"})
    for name in "ABC":
        (link,) = network[name].engine.links
        assert len(link.neighbors) == 2
        assert link.dr == network["C"].address("lan")
    assert NeighborUp("lan", network["A"].address("lan")) in network["C"].events
    # A higher priority counts more than an address.
    (link_config,) = network["A"].config.links
    network.configure("A", replace(network["A"].config, links=(replace(link_config, dr_priority=10),)))
    assert {network[name].engine.links[0].dr for name in "ABC"} == {network["A"].address("lan")}
    assert any(isinstance(event, DrChanged) for event in network["B"].events)
    # Goodbye.
    network.configure("A", replace(network["A"].config, links=()))
    assert {network[name].engine.links[0].dr for name in "BC"} == {network["C"].address("lan")}
    gone = NeighborDown("lan", IPv4Address("10.0.1.1"), "neighbor says goodbye", True)
    assert gone in network["B"].events


def test_a_silent_neighbour_is_forgotten() -> None:
    network = Network({"lan": "A B"})
    network.down.add("lan")
    network.run(106)
    assert not network["A"].engine.links[0].neighbors
    assert NeighborDown("lan", IPv4Address("10.0.1.2"), "hold time expired", True) in network["A"].events


def test_the_first_packet_comes_in_a_register_and_the_others_by_the_tree() -> None:
    network = Network(CHAIN, rp="R")
    network.join("dst")
    assert list(network["R"].tree().outgoing) == ["rl"]
    first = network.send("src")
    assert (first["fr"], first["rl"], first["dst"]) == (0, 1, 1)
    assert of(network, Register) == 1
    source = network.host("src")
    for _ in range(3):
        assert network.send("src") == {"src": 1, "fr": 1, "rl": 1, "dst": 1}
    # One more register was under way before the RP stopped them.
    assert of(network, Register) == 2
    assert of(network, RegisterStop) == 1
    tree = network["F"].tree(source)
    assert tree.register is RegisterState.PRUNE
    assert tree.spt
    assert network["L"].tree(source).switched


def test_without_members_the_rp_stops_registers_and_the_tree_comes_with_a_member() -> None:
    network = Network(CHAIN, rp="R")
    assert network.send("src") == {"src": 1}
    assert of(network, RegisterStop) == 1
    network.join("dst")
    assert network.send("src") == {"src": 1, "fr": 1, "rl": 1, "dst": 1}


def test_null_registers_keep_the_rp_informed() -> None:
    network = Network(CHAIN, rp="R")
    for _ in range(40):
        network.send("src")
        network.run(5)
    nulls = [message for _, _, message in network.messages if isinstance(message, Register) and message.null]
    full = [message for _, _, message in network.messages if isinstance(message, Register) and not message.null]
    assert len(full) == 1
    assert 2 <= len(nulls) <= 8


def test_silence_ends_the_trees_and_leaving_prunes() -> None:
    network = Network(CHAIN, rp="R")
    network.join("dst")
    network.send("src")
    network.send("src")
    network.run(400)
    source = network.host("src")
    assert [network[name].find_tree(source) for name in "FRL"] == [None, None, None]
    assert network["L"].find_tree() is not None
    network.join("dst", False)
    assert [network[name].engine.trees for name in "FRL"] == [[], [], []]
    assert network.send("src") == {"src": 1}


def test_joins_are_repeated_and_lapse_without_repetition() -> None:
    network = Network(CHAIN, rp="R")
    network.join("dst")
    network.run(600)
    assert network["R"].find_tree() is not None
    assert of(network, JoinPrune) == 11
    network.down.add("rl")
    network.run(220)
    assert network["R"].find_tree() is None


def test_the_last_hop_goes_over_to_the_nearer_tree_and_gets_every_packet_once() -> None:
    network = Network(SHORTCUT, rp="R")
    network.join("dst")
    assert network.send("src")["dst"] == 1
    for _ in range(5):
        seen = network.send("src")
        assert seen["dst"] == 1
        network.run(70)
    # Nothing comes by the RP any more.
    assert (seen["fl"], seen["rl"]) == (1, 0)
    assert network["L"].tree(network.host("src")).rpt_told is not None
    assert network["R"].tree().outgoing


def test_a_last_hop_may_stay_on_the_shared_tree() -> None:
    network = Network(SHORTCUT, rp="R")
    network.configure("L", replace(network["L"].config, stay=EVERY_GROUP))
    network.join("dst")
    for _ in range(3):
        seen = network.send("src")
    assert (seen["fl"], seen["rl"], seen["dst"]) == (0, 1, 1)
    assert network["L"].find_tree(network.host("src")) is None


def test_a_way_that_breaks_is_left_for_another() -> None:
    network = Network(SHORTCUT, rp="R")
    network.join("dst")
    for _ in range(3):
        network.send("src")
    network.cut("fl")
    network.run(1)
    assert sum(network.send("src")["dst"] for _ in range(3)) == 3
    # Whoever was behind the broken way could not tell that he left it.
    assert network.send("src") == {"src": 1, "fr": 1, "rl": 1, "dst": 1, "fl": 1}


def test_only_the_designated_router_serves_a_segment() -> None:
    network = Network({"src": "F", "fr": "F R", "up": "R A B", "dst": "A B"}, rp="R")
    network.join("dst")
    for _ in range(4):
        assert network.send("src")["dst"] == 1
    # The other one takes over when it has gone.
    network.configure("B", PimConfig())
    network.send("src")
    assert network.send("src")["dst"] == 1


def test_a_prune_is_overridden_by_who_still_wants_packets() -> None:
    network = Network({"src": "F", "fr": "F R", "up": "R A B", "a": "A", "b": "B"}, rp="R")
    network.join("a")
    network.join("b")
    network.run(30)
    network.join("a", False)
    assert network["R"].find_tree() is not None
    network.run(4)
    assert network.send("src")["b"] == 1
    network.join("b", False)
    network.run(4)
    assert not network["R"].tree().outgoing


def test_a_join_of_one_saves_that_of_another() -> None:
    network = Network({"fr": "F R", "up": "R A B", "a": "A", "b": "B"}, rp="R")
    network.join("a")
    network.join("b")
    network.run(900)
    joins = [message for _, where, message in network.messages if isinstance(message, JoinPrune) and where == "up"]
    assert len(joins) < 24


def test_two_ways_onto_a_segment_are_one_after_an_assert() -> None:
    """A and B both have joins on the segment: of C for the shared tree, of D for that of the source."""
    network = Network({"src": "F", "fa": "F A", "fb": "F B", "ra": "R A", "lan": "A B C D", "c": "C", "d": "D"}, rp="R")
    network.join("c")
    network.join("d")
    network.send("src")
    network.run(5)
    seen = [network.send("src") for _ in range(3)][-1]
    assert (seen["lan"], seen["c"], seen["d"]) == (1, 1, 1)


def test_source_rp_and_members_behind_routers_of_one_segment() -> None:
    network = Network({"lan": "R F L", "rp": "R", "src": "F", "dst": "L"}, rp="R")
    network.join("dst")
    network.run(100)
    seen = [network.send("src") for _ in range(5)][-1]
    assert seen == {"src": 1, "lan": 1, "dst": 1}
    # It stays so: asserts, joins and the probes of the source's router.
    for _ in range(40):
        network.run(20)
        assert network.send("src") == {"src": 1, "lan": 1, "dst": 1}
    assert sum(isinstance(item, Register) and not item.null for _, _, item in network.messages) <= 3


def test_joins_for_another_rp_are_refused() -> None:
    network = Network(CHAIN, rp="R")
    other = StaticRp(network["R"].address("rl"))
    network.configure("L", replace(network["L"].config, rps=(other,)))
    network.join("dst")
    refused = InvalidRpJoin(GROUP, network["L"].address("rl"), other.address)
    assert refused in network["R"].events
    assert network["R"].find_tree() is None


def test_without_an_rp_packets_reach_their_own_router_only() -> None:
    network = Network(CHAIN)
    network.join("dst")
    assert network.send("src") == {"src": 1}
    assert network["L"].tree().rp is None


def test_lists_give_groups_to_rps() -> None:
    network = Network(CHAIN, rp="R")
    inside, outside = IPv4Address("239.1.9.9"), IPv4Address("239.2.9.9")
    listed = StaticRp(IPv4Address("10.0.9.9"), ((True, int(IPv4Address("239.1.0.0")), 0xFFFF),), named=True)
    config = network["L"].config
    network.configure("L", replace(config, rps=(*config.rps, listed)))
    assert network["L"].engine.rp_of(inside) == listed.address
    assert network["L"].engine.rp_of(outside) == config.rps[0].address


def test_an_rp_that_has_forgotten_a_source_takes_what_comes() -> None:
    network = Network(CHAIN, rp="R")
    network.join("dst")
    for _ in range(3):
        network.send("src")
    network["R"].engine.clear(None, network.now)
    network.run(61)
    assert network.send("src")["dst"] == 1


def test_cleared_trees_come_back() -> None:
    network = Network(CHAIN, rp="R")
    network.join("dst")
    for _ in range(3):
        network.send("src")
    for name in "FRL":
        network[name].engine.clear(None, network.now)
    network.settle()
    network.run(60)
    assert network.send("src")["dst"] == 1
    assert network.send("src")["dst"] == 1
