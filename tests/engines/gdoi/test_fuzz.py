"""Whatever a peer sends, nothing is raised; fixed seeds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from iosemu.engines.common import Datagram
from iosemu.engines.gdoi import push
from iosemu.engines.gdoi.authentication import PullMessages
from iosemu.engines.gdoi.kek_payloads import kek_packet, sa_kek
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.gdoi.tek_payloads import sa_teks, tek_packet
from iosemu.wire.attributes import Attribute
from iosemu.wire.gdoi.key_download import KeyDownload, pack_sequence
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import ExchangeType, Header, Payload, PayloadType
from tests.engines.gdoi.network import GCM, SERVER, Network, exchange_of, keeping, server_config, signing_key


def mutations(data: bytes, random: Random, count: int) -> list[bytes]:
    """Truncated, extended, flipped, overwritten and length-corrected copies."""
    made = [data[:end] for end in range(0, len(data), max(1, len(data) // 40))] + [data + bytes(5), b""]
    for _ in range(count):
        mutant = bytearray(data)
        for _ in range(random.randrange(1, 4)):
            mutant[random.randrange(len(mutant))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        if random.random() < 0.3:
            del mutant[random.randrange(len(mutant)) :]
        made.append(bytes(mutant))
    return made


def with_true_length(data: bytes) -> bytes:
    return data[:24] + len(data).to_bytes(4, "big") + data[28:] if len(data) >= 28 else data


@pytest.mark.parametrize("exchange", [ExchangeType.GROUPKEY_PULL, ExchangeType.GROUPKEY_PUSH, 35])
def test_mutated_datagrams(exchange: int) -> None:
    network = Network(server_config(GCM))
    network.join(1)
    network.server.rekey(0.0)
    network.settle()
    samples = [datagram for datagram in network.log if exchange_of(datagram) == exchange]
    assert samples
    random = Random(exchange)
    for sample in samples:
        for mutant in mutations(sample.data, random, 300):
            network.deliver(replace(sample, data=mutant))
            network.deliver(replace(sample, data=with_true_length(mutant)))
            network.settle()
    assert len(network.server.members) == 1


def test_mutated_first_messages_that_authenticate() -> None:
    """An authenticated but hostile member: the payloads are nonsense, the HASH is right."""
    network = Network(server_config(GCM))
    node = network.join(1)
    first = next(datagram for datagram in network.log if exchange_of(datagram) == 32)
    header = Header.parse(first.data)
    ours, theirs = (network.sas[header.cookies, side] for side in (True, False))
    payloads, octets = ours.exchange_cipher(header.message_id).open(header, first.data)
    body = octets[4 + len(payloads[0].body) :]
    random = Random(2)
    for number, mutant in enumerate(mutations(body, random, 300), start=1):
        message = _seal_octets(PullMessages(ours, number), mutant, PayloadType.NONCE)
        network.pulls.receive(theirs, Header.parse(message), message, 0.0)
        network.settle()
    assert node.member.state is MemberState.REGISTERED


def _seal_octets(messages: PullMessages, octets: bytes, first: int) -> bytes:
    digest = messages._hash(octets)
    plaintext = bytes((first, 0)) + (len(digest) + 4).to_bytes(2, "big") + digest + octets
    cipher = messages.sa.cipher
    ciphertext = cipher.encrypt(messages.sa.key, messages._cipher.iv, cipher.pad(plaintext))
    cookies = messages.sa.cookies
    header = Header(cookies[:8], cookies[8:], PayloadType.HASH, 32, 1, messages.message_id, 28 + len(ciphertext))
    return header.pack() + ciphertext


def test_mutated_policies_and_keys_that_authenticate() -> None:
    """A hostile key server: SA and KD payloads are nonsense, HASH(2) and HASH(4) are right."""
    random = Random(3)
    for part in ("sa", "kd"):
        reference = Network(server_config(GCM))
        reference.join(1)
        server = reference.server
        assert server.kek is not None
        end = reference.server.members[reference.nodes[next(iter(reference.nodes))].member.config.local]
        sa = GroupSa(
            sa_kek(server.kek, server.config.kek, end.local, end.remote, 0.0, True),
            None,
            tuple(item for tek in server.teks for item in sa_teks(tek, 0.0)),
        ).pack()
        kd = KeyDownload((kek_packet(server.kek), *map(tek_packet, server.teks))).pack()
        for mutant in mutations(sa if part == "sa" else kd, random, 250):
            policy, keys = (mutant, kd) if part == "sa" else (sa, mutant)
            _pull_from_hostile_server(policy, keys, random)


def _pull_from_hostile_server(policy: bytes, keys: bytes, random: Random) -> None:
    network = Network(server_config(), seed=random.randrange(1 << 30))
    held: list[Datagram] = []
    network.lose = keeping(held, lambda _: True)
    node = network.join(1)
    first = Header.parse(held[0].data)
    messages = PullMessages(network.sas[first.cookies, False], first.message_id)
    payloads = messages.open(first, held[0].data)
    messages.nonces = payloads[0].body
    second = messages.seal([Payload(PayloadType.NONCE, bytes(20)), Payload(PayloadType.SA, policy)])
    network.deliver(Datagram(second, held[0].destination, held[0].source))
    network.settle()
    if node.member.state is not MemberState.PULL or len(held) < 2:
        return
    messages.nonces += bytes(20)
    messages.open(Header.parse(held[1].data), held[1].data)
    fourth = messages.seal([Payload(PayloadType.SEQ, bytes(4)), Payload(PayloadType.KD, keys)])
    network.deliver(Datagram(fourth, held[0].destination, held[0].source))
    network.settle()
    assert node.member.next_timer() is not None
    node.member.handle_timer(node.member.next_timer() or 0.0)


@pytest.mark.parametrize("size", [2, 4, 8, 200, 2000])
def test_lifetimes_of_absurd_length(size: int) -> None:
    network = Network(server_config())
    network.join(1)
    server = network.server
    assert server.kek is not None
    state = next(iter(server.members.values()))
    kek = sa_kek(server.kek, server.config.kek, state.local, state.remote, 0.0, True)
    kd = KeyDownload((kek_packet(server.kek), *map(tek_packet, server.teks))).pack()
    endless = b"\xff" * size
    teks = [replace(item, attributes=_with(item.attributes, 2, endless)) for item in sa_teks(server.teks[0], 0.0)]
    for sa in (
        GroupSa(replace(kek, attributes=_with(kek.attributes, 4, endless)), None, tuple(sa_teks(server.teks[0], 0.0))),
        GroupSa(kek, None, tuple(teks)),
        GroupSa(kek, (Attribute(2, endless),), tuple(sa_teks(server.teks[0], 0.0))),
    ):
        _pull_from_hostile_server(sa.pack(), kd, network.random)


def _with(attributes: tuple[Attribute, ...], kind: int, value: bytes) -> tuple[Attribute, ...]:
    return tuple(Attribute(kind, value) if item.kind == kind else item for item in attributes)


def test_mutated_pushes_with_a_good_signature() -> None:
    """The rekey is signed and numbered as it should be, and its contents are nonsense."""
    network = Network(server_config(GCM))
    node = network.join(1)
    server = network.server
    assert server.kek is not None
    random = Random(4)
    sa = GroupSa(None, None, tuple(item for tek in server.teks for item in sa_teks(tek, 0.0))).pack()
    kd = KeyDownload(tuple(map(tek_packet, server.teks))).pack()

    sequence = 0
    for which in (0, 1, 2):
        for mutant in mutations((sa, kd, bytes.fromhex("00000002010400010000000c"))[which], random, 150):
            sequence += 1
            parts = [sa, kd, b""]
            parts[which] = mutant
            kek = node.member.kek or server.kek
            payloads = [
                Payload(PayloadType.SEQ, pack_sequence(sequence)),
                *([Payload(PayloadType.DELETE, mutant)] if which == 2 else []),
                Payload(PayloadType.SA, parts[0]),
                Payload(PayloadType.KD, parts[1]),
            ]
            data = push.seal(kek, signing_key(), payloads)
            member = node.member
            if member.owns(kek.spi):
                member.receive_push(
                    Header.parse(data),
                    Datagram(data, server.members[member.config.local].local, member.config.endpoint),
                    0.0,
                )
            network.settle()
    assert SERVER in node.member.config.servers
