"""Dense mode: packets go everywhere, until somebody does not want them."""

from __future__ import annotations

from iosemu.engines.pim.config import Mode
from iosemu.wire.pim import Assert, JoinPrune, PimType
from tests.engines.pim.network import GROUP, Network

# Members may be behind L; nobody is behind X.
TREE = {"src": "F", "fm": "F M", "ml": "M L", "mx": "M X", "dst": "L", "nobody": "X"}


def kinds(network: Network, kind: PimType) -> int:
    """How many messages that look like joins are of a kind."""
    return sum(isinstance(item, JoinPrune) and item.kind is kind for _, _, item in network.messages)


def test_flood_and_prune() -> None:
    network = Network(TREE, mode=Mode.DENSE)
    network.join("dst")
    assert network.send("src") == {"src": 1, "fm": 1, "ml": 1, "mx": 1, "dst": 1}
    assert network.send("src") == {"src": 1, "fm": 1, "ml": 1, "dst": 1}
    # A prune lapses, and is sent again.
    for _ in range(20):
        network.run(15)
        assert network.send("src")["dst"] == 1
    assert kinds(network, PimType.JOIN_PRUNE) == 2


def test_a_new_member_is_grafted() -> None:
    network = Network(TREE, mode=Mode.DENSE)
    network.send("src")
    network.run(1)
    assert network.send("src") == {"src": 1}
    network.join("dst")
    assert kinds(network, PimType.GRAFT) == kinds(network, PimType.GRAFT_ACK) == 2
    assert network.send("src") == {"src": 1, "fm": 1, "ml": 1, "dst": 1}
    network.join("dst", False)
    network.run(1)
    assert network.send("src") == {"src": 1}


def test_a_lost_graft_is_repeated() -> None:
    network = Network(TREE, mode=Mode.DENSE)
    network.send("src")
    network.run(1)
    network.down.add("ml")
    network.join("dst")
    network.run(1)
    network.down.clear()
    network.run(3)
    assert network.send("src")["dst"] == 1


def test_of_two_routers_on_a_segment_one_forwards() -> None:
    network = Network({"src": "F", "fa": "F A", "fb": "F B", "lan": "A B L", "dst": "L"}, mode=Mode.DENSE)
    network.join("dst")
    assert network.send("src")["lan"] == 2
    assert any(isinstance(item, Assert) for _, _, item in network.messages)
    network.run(5)
    for _ in range(3):
        seen = network.send("src")
        assert (seen["lan"], seen["dst"]) == (1, 1)
    # The winner is where the downstream router sends its joins and grafts.
    tree = network["L"].tree(network.host("src"))
    assert tree.asserts["lan"].address == network["B"].address("lan")


def test_a_prune_on_a_segment_is_overridden() -> None:
    network = Network({"src": "F", "fa": "F A", "lan": "A L X", "dst": "L", "nobody": "X"}, mode=Mode.DENSE)
    network.join("dst")
    network.send("src")
    network.run(4)
    for _ in range(10):
        assert network.send("src")["dst"] == 1
        network.run(40)


def test_groups_with_an_rp_are_sparse_in_sparse_dense_mode() -> None:
    network = Network({"src": "F", "fr": "F R", "rl": "R L", "rx": "R X", "dst": "L"}, rp="R", mode=Mode.SPARSE_DENSE)
    network.join("dst")
    seen = [network.send("src") for _ in range(2)][-1]
    assert seen == {"src": 1, "fr": 1, "rl": 1, "dst": 1}
    assert not network["R"].tree(None, GROUP).dense
