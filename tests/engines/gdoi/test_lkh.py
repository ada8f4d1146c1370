"""A hierarchy of keys: whoever is left out cannot read the next KEK, not even together with others; the rest can."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.crypto.suites import block_cipher
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Datagram
from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.gdoi.config import KekPolicy
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.lkh import Path, download_packet, read_packet, unseal, update_packet
from iosemu.engines.gdoi.lkh_tree import DEEPEST, LkhTree, TreeFullError
from iosemu.engines.gdoi.member_events import RekeyRefused
from iosemu.engines.gdoi.server_events import MemberExcluded
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, KeyPacket
from iosemu.wire.gdoi.lkh import DownloadArray, LkhKey, UpdateArray
from iosemu.wire.gdoi.numbers import LkhAttribute
from iosemu.wire.isakmp import ExchangeType
from tests.engines.gdoi.network import Network, Node, entry, exchange_of, of_type, server_config, udp_packet

CIPHER = block_cipher("aes", 256)
PACKET = udp_packet("10.1.1.10", "10.2.1.10")
FIRST = IPv4Address("10.0.0.1")


def kek(material: bytes, bits: int = 256) -> Kek:
    return Kek(bytes(16), "aes", bits, material[:16], material[16:], "sha256", 1, 1.0, b"public", lkh=True)


@dataclass
class Group:
    """A key server's tree and what members, present and former ones, hold."""

    random: Random
    size: int = 48
    present: dict[IPv4Address, Path] = field(default_factory=dict)
    former: list[Path] = field(default_factory=list)
    arrays: list[UpdateArray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.random.randbytes(self.size)
        self.tree = LkhTree(self.root, self.size, self.random.randbytes)
        self.cipher = block_cipher("aes", (self.size - 16) * 8)

    def join(self, number: int) -> None:
        packet = download_packet(kek(self.root, (self.size - 16) * 8), self.tree.join(FIRST + number))
        material, self.present[FIRST + number] = read_packet(self.cipher, packet, {})
        assert material == self.root

    def leave(self, number: int) -> None:
        self.tree.leave(FIRST + number)
        if FIRST + number in self.present:
            self.former.append(self.present.pop(FIRST + number))

    def update(self) -> KeyPacket:
        self.root = self.random.randbytes(self.size)
        packet = update_packet(kek(self.root, (self.size - 16) * 8), self.tree.update(self.root))
        self.arrays = [
            UpdateArray.parse(item.as_bytes(), -(-self.size // 16) * 16)
            for item in packet.attributes
            if item.kind == LkhAttribute.UPDATE_ARRAY
        ]
        for address, path in self.present.items():
            material, self.present[address] = read_packet(self.cipher, packet, path)
            assert material == self.root
        return packet

    def collude(self) -> set[bytes]:
        """All keys that those who left can get at together."""
        known = {key.data for path in self.former for key in path.values()}
        for array in self.arrays:
            for data in list(known):
                for key in array.keys:
                    data = unseal(self.cipher, data, key.data)
                    known.add(data)
        return known


STEPS = st.lists(st.tuples(st.sampled_from(["join", "leave", "update"]), st.integers(0, 40)), max_size=80)


@settings(max_examples=60)
@given(st.integers(0, 1000), STEPS)
def test_random_joins_and_leaves(seed: int, steps: list[tuple[str, int]]) -> None:
    group = Group(Random(seed))
    for what, number in steps:
        if what == "join":
            group.join(number)
        elif what == "leave":
            group.leave(number)
        else:
            group.update()
            assert group.root not in group.collude()


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_sizes_of_keys(bits: int) -> None:
    group = Group(Random(1), 16 + bits // 8)
    for number in range(5):
        group.join(number)
    group.leave(2)
    group.update()
    assert group.root not in group.collude()


@pytest.mark.parametrize("count", [2, 3, 16, 17, 64, 1000])
def test_the_cost_of_leaving_is_logarithmic(count: int) -> None:
    group = Group(Random(count))
    for number in range(count):
        group.join(number)
    group.update()
    group.leave(count // 3)
    group.update()
    assert len(group.arrays) <= max(1, (count - 1).bit_length())
    group.leave(count // 2)
    packet = group.update()
    keys = sum(len(array.keys) for array in group.arrays)
    depth = max(1, (count - 1).bit_length())
    assert keys <= depth * (depth + 1) // 2
    assert len(KeyDownload((packet,)).pack()) < 200 + 64 * keys + 16 * len(group.arrays)


def test_a_leaf_is_used_again_only_when_all_above_it_is_new() -> None:
    group = Group(Random(5))
    for number in range(4):
        group.join(number)
    group.leave(1)
    group.join(7)
    assert group.tree.height == 3
    group.update()
    group.join(8)
    assert group.tree.height == 3
    assert len(group.tree) == 5
    assert group.root not in group.collude()


def test_a_full_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DEEPEST == 15
    monkeypatch.setattr("iosemu.engines.gdoi.lkh_tree.DEEPEST", 2)
    group = Group(Random(1))
    for number in range(4):
        group.join(number)
    with pytest.raises(TreeFullError):
        group.join(4)
    group.join(3)


# On the wire


KEYS = st.builds(
    LkhKey, st.integers(0, 65535), st.integers(0, 2**32 - 1), st.just(3), st.binary(min_size=48, max_size=48)
)


@given(st.lists(KEYS, min_size=1, max_size=20))
def test_arrays_come_back(keys: list[LkhKey]) -> None:
    down = DownloadArray(tuple(keys))
    assert DownloadArray.parse(down.pack(), 48) == down
    update = UpdateArray(5, 77, tuple(keys))
    assert UpdateArray.parse(update.pack(), 48) == update


@given(st.sampled_from([1, 2, 3, 9]), st.binary(max_size=200))
def test_noise_raises_nothing_but_wire_errors(kind: int, data: bytes) -> None:
    packet = KeyPacket(3, bytes(16), (Attribute(kind, data),))
    held = {1: LkhKey(1, 0, 3, bytes(48))}
    try:
        read_packet(CIPHER, packet, held)
    except WireError:
        return


# In a group


def hierarchy(count: int) -> tuple[Network, list[Node]]:
    network = Network(server_config(lkh=True, kek=KekPolicy("aes", 256, 7200)))
    return network, [network.join(number) for number in range(1, count + 1)]


def test_one_member_is_shut_out_and_the_others_lose_nothing() -> None:
    network, nodes = hierarchy(6)
    out, others = nodes[2], [*nodes[:2], *nodes[3:]]
    admitted: tuple[AclEntry, ...] = tuple(entry(True, f"{node.member.config.local}/32") for node in others)
    network.server.update_config(replace(network.server.config, authorized=admitted))
    network.run_until(100.0)
    before = network.server.kek
    assert network.server.exclude(out.member.config.local, network.now)
    network.settle()
    assert len(of_type(network.events, MemberExcluded)) == 1
    for second in range(100, 400):
        network.run_until(float(second))
        assert network.send(others[0], others[1], PACKET).outcome is Outcome.PROTECTED
    assert network.server.kek is not before
    for node in others:
        assert node.member.kek is not None
        assert network.server.kek is not None
        assert (node.member.kek.spi, node.member.kek.key) == (network.server.kek.spi, network.server.kek.key)
        assert node.member.registration.successes == 1
    assert out.member.kek is not None
    assert before is not None
    assert out.member.kek.spi == before.spi
    assert {tek.spi for tek in out.member.teks}.isdisjoint(tek.spi for tek in network.server.teks)
    sealed = others[0].plane.outbound(PACKET, network.now).packet
    assert sealed is not None
    assert out.plane.inbound(sealed, network.now).outcome is not Outcome.PROTECTED
    # For hours after that, and with the next KEKs.
    network.run_until(6 * 3600.0)
    assert all(node.member.registration.successes == 1 for node in others)
    assert out.member.teks == []


def test_the_member_that_is_shut_out_gets_the_message_and_cannot_use_it() -> None:
    network, nodes = hierarchy(3)
    sent: list[Datagram] = []

    def listen(datagram: Datagram) -> bool:
        if exchange_of(datagram) == ExchangeType.GROUPKEY_PUSH:
            sent.append(datagram)
        return False

    network.lose = listen
    network.server.exclude(nodes[1].member.config.local, network.now)
    network.settle()
    push = replace(sent[0], destination=nodes[1].member.config.endpoint)
    network.deliver(push)
    network.settle()
    refusals = [event.reason for event in of_type(nodes[1].events, RekeyRefused)]
    assert refusals == ["the key hierarchy has no key for this member"]


def test_keks_are_renewed_by_the_hierarchy_and_members_come_and_go() -> None:
    network, nodes = hierarchy(5)
    for round_ in range(6):
        network.run_until((round_ + 1) * 5000.0)
        nodes.append(network.join(20 + round_))
        network.settle()
        gone = nodes.pop(0)
        assert network.server.exclude(gone.member.config.local, network.now)
        del network.nodes[gone.member.config.local]
    network.run_until(40_000.0)
    assert all(node.member.registration.successes == 1 for node in nodes)
    assert len(network.server.members) == len(nodes) == 5
    assert len({node.member.kek.spi for node in nodes if node.member.kek}) == 1


def test_lost_messages_are_sent_again_before_the_teks_change() -> None:
    network, nodes = hierarchy(4)
    lost: set[bytes] = set()

    def lose(datagram: Datagram) -> bool:
        key = datagram.data + datagram.destination.address.packed
        if exchange_of(datagram) != ExchangeType.GROUPKEY_PUSH or key in lost:
            return False
        lost.add(key)
        return True

    network.lose = lose
    network.server.exclude(nodes[0].member.config.local, network.now)
    network.run_until(100.0)
    for node in nodes[1:]:
        assert {tek.spi for tek in network.server.teks} == {tek.spi for tek in node.member.teks}
        assert node.member.registration.successes == 1


def test_without_a_hierarchy_nobody_is_shut_out() -> None:
    network = Network(server_config())
    node = network.join(1)
    assert not network.server.exclude(node.member.config.local, network.now)
    network, nodes = hierarchy(2)
    assert not network.server.exclude(FIRST, network.now)
    assert len(network.server.members) == len(nodes)
