"""What is flipped, cut off or repeated in a registration, a rekey or ESP: refused and reported, and nothing changes.

Every bit of the headers and a sample of all others; fixed seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random

import pytest

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.engines.common import Datagram, Event, Refusal
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.verdict import BAD_ICV, DUMMY, REPLAYED, UNKNOWN_SPI, Outcome
from iosemu.engines.gdoi import push
from iosemu.engines.gdoi.events import PullRefused
from iosemu.engines.gdoi.member_events import RekeyOutOfSequence, RekeyRefused
from iosemu.engines.gdoi.replay import Replay, ReplayMethod
from iosemu.engines.gdoi.server_events import UnsolicitedAcknowledgement
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.gdoi.tek_payloads import sa_teks, tek_packet
from iosemu.wire.gdoi.key_download import KeyDownload
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType
from tests.engines.gdoi.network import (
    AES,
    GCM,
    Network,
    Node,
    exchange_of,
    of_type,
    server_config,
    signing_key,
    udp_packet,
)

INSIDE = udp_packet("10.1.0.1", "10.2.0.1")
SAMPLE = 300
KINDS: dict[str, tuple[int, int]] = {
    "first": (ExchangeType.GROUPKEY_PULL, 0),
    "policy": (ExchangeType.GROUPKEY_PULL, 1),
    "proof": (ExchangeType.GROUPKEY_PULL, 2),
    "keys": (ExchangeType.GROUPKEY_PULL, 3),
    "push": (ExchangeType.GROUPKEY_PUSH, 0),
    "acknowledgement": (ExchangeType.GROUPKEY_PUSH_ACK, 0),
}


def flips(data: bytes, start: int, random: Random) -> Iterator[bytes]:
    """Copies with one bit flipped: all bits up to `start`, then a sample."""
    bits = [*range(start * 8), *sorted(random.sample(range(start * 8, len(data) * 8), SAMPLE))]
    for bit in bits:
        place = bit // 8
        yield data[:place] + bytes((data[place] ^ 1 << bit % 8,)) + data[place + 1 :]


def cuts(data: bytes) -> Iterator[bytes]:
    """The message cut off, as it is and with a header that says so; and with more behind it."""
    for end in range(len(data)):
        yield data[:end]
        if end >= HEADER_LENGTH:
            yield data[:24] + end.to_bytes(4, "big") + data[28:end]
    yield data + bytes(16)
    yield data[:24] + (len(data) + 16).to_bytes(4, "big") + data[28:] + bytes(16)


def state(network: Network) -> object:
    """All that a refused message must leave alone."""
    server = network.server
    found: list[object] = [server.kek, server.teks, server.members, server.sender_ids.last, server.next_timer()]
    found.append(server.pushes.rounds.last)
    for node in network.nodes.values():
        member = node.member
        found += [
            member.state,
            member.kek,
            member.held.old_kek,
            member.teks,
            member.acl,
            member.held.sids,
            member.registration.successes,
        ]
        found += [
            member.rekeys.received,
            member.rekeys.acks_sent,
            member.next_timer(),
            member.registration.registered_with,
            member.held.time,
        ]
    return deepcopy(found)


def attacked(kind: str, attack: Callable[[Network, Datagram], None]) -> Network:
    """A registration, a rekey and its acknowledgement; before one of the messages arrives, `attack` has its way."""
    network = Network(server_config(GCM))
    network.join(2)
    wanted, place = KINDS[kind]
    seen: list[Datagram] = []

    def before(datagram: Datagram) -> bool:
        if exchange_of(datagram) == wanted:
            seen.append(datagram)
            if len(seen) == place + 1:
                network.lose = lambda _: False
                attack(network, datagram)
        return False

    network.lose = before
    node = network.join(1)
    network.server.rekey(network.now)
    network.settle()
    assert len(seen) == place + 1
    assert node.member.state is MemberState.REGISTERED
    assert node.member.rekeys.received == 1
    assert [tek.spi for tek in node.member.teks] == [tek.spi for tek in network.server.teks]
    assert all(member.acks_received == 1 for member in network.server.members.values())
    return network


def refusals(network: Network) -> list[Event]:
    """What was reported, wherever."""
    fresh = network.server.take_events() + network.pulls.take_events()
    for node in network.nodes.values():
        fresh += node.member.take_events()
    return [event for event in fresh if isinstance(event, Refusal)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_flipped_bit_is_refused_and_changes_nothing(kind: str) -> None:
    def attack(network: Network, genuine: Datagram) -> None:
        before = state(network)
        refusals(network)
        for number, forged in enumerate(flips(genuine.data, HEADER_LENGTH, Random(kind))):
            network.deliver(replace(genuine, data=forged))
            # A header that says something else may be for nobody; behind it each octet counts.
            reported = refusals(network)
            assert len(reported) == 1 or (number < HEADER_LENGTH * 8 and not reported)
            assert state(network) == before
            assert not network.server.take_datagrams()

    attacked(kind, attack)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_cut_off_or_added_is_refused_and_changes_nothing(kind: str) -> None:
    def attack(network: Network, genuine: Datagram) -> None:
        before = state(network)
        for forged in cuts(genuine.data):
            network.deliver(replace(genuine, data=forged))
            assert state(network) == before
        assert len(refusals(network)) >= len(genuine.data) - HEADER_LENGTH

    attacked(kind, attack)


def test_messages_of_a_registration_that_are_replayed() -> None:
    network = Network(server_config(GCM))
    node = network.join(1)
    messages = [item for item in network.log if exchange_of(item) == ExchangeType.GROUPKEY_PULL]
    assert len(messages) == 4
    before = state(network)
    for message in messages:
        network.deliver(message)
    # The last request may have been sent again because the answer was lost: the same answer.
    assert [item.data for item in network.log[-1:]] == [messages[3].data]
    assert state(network) == before
    assert [event.reason for event in of_type(refusals(network), PullRefused)] == ["the exchange is complete"]
    network.now += 3000.0
    sent = len(network.log)
    for message in messages:
        network.deliver(message)
    assert len(network.log) == sent
    reasons = [event.reason for event in of_type(refusals(network), PullRefused)]
    assert reasons == ["message ID is zero or was used before"] * 2
    assert node.member.registration.successes == len(network.server.members) == 1


def rekeyed() -> tuple[Network, Node, list[Datagram]]:
    """A member that has taken two rekeys, and these."""
    network = Network(server_config())
    node = network.join(1)
    for _ in range(2):
        network.now += 100.0
        network.server.rekey(network.now)
        network.settle()
    pushes = [item for item in network.log if exchange_of(item) == ExchangeType.GROUPKEY_PUSH]
    assert len(pushes) == 2
    return network, node, pushes


def test_rekeys_that_are_replayed() -> None:
    network, node, pushes = rekeyed()
    kept = node.member.kek, list(node.member.teks), node.member.rekeys.received, node.member.rekeys.last_at
    network.now += 10.0
    for _ in range(3):
        network.deliver(pushes[0])
    refused = refusals(network)
    assert [(event.sequence, event.last) for event in of_type(refused, RekeyOutOfSequence)] == [(1, 2)] * 3
    assert len(refused) == 3
    # The last one is acknowledged again, as when the acknowledgement was lost, and that is all.
    network.deliver(pushes[1])
    assert len(node.member.take_datagrams()) == 1
    assert (node.member.kek, node.member.teks, node.member.rekeys.received, node.member.rekeys.last_at) == kept
    # Under the next KEK the numbers begin anew, and still.
    network.server.rekey(network.now, new_kek=True)
    network.settle()
    node.member.take_events()
    for old in pushes:
        network.deliver(old)
    assert [type(event) for event in refusals(network)] == [RekeyOutOfSequence] * 2


@pytest.mark.parametrize("forgery", ["signature", "key", "vector"])
def test_rekeys_that_are_forged(forgery: str) -> None:
    network, node, _ = rekeyed()
    server, kek = network.server, network.server.kek
    assert kek is not None
    policy = GroupSa(None, None, tuple(item for tek in server.teks for item in sa_teks(tek, network.now)))
    keys = KeyDownload(tuple(map(tek_packet, server.teks)))
    key = signing_key()
    if forgery == "signature":
        # Somebody who has the KEK, as every member has.
        key = type(key).generate(1024, Random(99).randbytes)
    elif forgery == "key":
        kek = replace(kek, key=bytes(16))
    else:
        kek = replace(kek, iv=bytes(16))
    data = push.build(kek, key, 3, [], policy, keys)
    before = state(network)
    network.deliver(Datagram(data, server.members[node.member.config.local].local, node.member.config.endpoint))
    assert [type(event) for event in refusals(network)] == [RekeyRefused]
    assert state(network) == before


def test_acknowledgements_that_are_replayed_or_forged() -> None:
    network, node, _ = rekeyed()
    acknowledgements = [item for item in network.log if exchange_of(item) == ExchangeType.GROUPKEY_PUSH_ACK]
    before = state(network)
    for item in acknowledgements:
        network.deliver(item)
    # The last one is a duplicate, the first one is of nothing that is open.
    assert [type(event) for event in refusals(network)] == [UnsolicitedAcknowledgement]
    assert state(network) == before
    network.add(9)
    stranger = replace(acknowledgements[1], data=acknowledgements[1].data[:-1] + b"\x09")
    network.deliver(stranger)
    assert [type(event) for event in refusals(network)] == [UnsolicitedAcknowledgement]
    assert node.member.config.local in network.server.members


def members(transform: EspTransform) -> tuple[Network, Node, Node]:
    replay = Replay(ReplayMethod.COUNTER, 64)
    config = server_config(transform)
    network = Network(replace(config, teks=(replace(config.teks[0], replay=replay),)))
    return network, network.join(1), network.join(2)


def windows(plane: GroupDataPlane) -> object:
    return deepcopy([dict(item.windows.store.items()) for item in plane.sas.values() if item.windows is not None])


@pytest.mark.parametrize("transform", [AES, GCM], ids=["cbc", "gcm"])
def test_every_flipped_bit_of_esp_is_refused_and_changes_nothing(transform: EspTransform) -> None:
    network, one, other = members(transform)
    esp = one.plane.outbound(INSIDE, network.now).packet
    before, received = windows(other.plane), 0
    for forged in (item[:20] + rest for item in (esp,) for rest in flips(esp[20:], 8, Random(1))):
        verdict = other.plane.inbound(forged, network.now)
        received += 1
        assert verdict.outcome is Outcome.DROPPED
        # Number 0 is never sent.
        assert verdict.reason == REPLAYED if forged[24:28] == bytes(4) else verdict.reason in (UNKNOWN_SPI, BAD_ICV)
        assert windows(other.plane) == before
    assert sum(other.plane.drops.values()) == received
    assert other.plane.drops[UNKNOWN_SPI] == 32
    assert other.plane.totals.receive_errors == received - 32
    assert other.plane.inbound(esp, network.now).packets == (INSIDE,)
    assert other.plane.inbound(esp, network.now).reason == REPLAYED
    assert other.plane.totals.decapsulated == 1


@pytest.mark.parametrize("transform", [AES, GCM], ids=["cbc", "gcm"])
def test_esp_that_is_cut_off_is_refused_and_changes_nothing(transform: EspTransform) -> None:
    network, one, other = members(transform)
    esp = one.plane.outbound(INSIDE, network.now).packet
    before = windows(other.plane)
    for end in range(20, len(esp)):
        short = esp[:2] + end.to_bytes(2, "big") + esp[4:end]
        for packet in (short, esp[:end]):
            assert other.plane.inbound(packet, network.now).outcome is Outcome.DROPPED
    assert windows(other.plane) == before
    assert DUMMY not in other.plane.drops
    assert sum(other.plane.drops.values()) == 2 * (len(esp) - 20)
    assert other.plane.inbound(esp, network.now).packets == (INSIDE,)
