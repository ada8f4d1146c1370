"""Pushes and acknowledgements that must not be taken: damaged, old, forged."""

from __future__ import annotations

from dataclasses import replace

from iosemu.engines.common import Datagram
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.group_policy import group_sa
from iosemu.engines.gdoi.kek_payloads import kek_packet
from iosemu.engines.gdoi.member_events import KekUpdated, RekeyOutOfSequence, RekeyRefused, SignatureKeyDropped
from iosemu.engines.gdoi.server_events import UnsolicitedAcknowledgement
from iosemu.engines.gdoi.tek_payloads import tek_packet
from iosemu.wire.gdoi.key_download import KeyDownload
from tests.engines.gdoi.network import SERVER, Network, Node, lose_pushes, of_type, pushes, server_config, signing_key


class TestRefusal:
    """Pushes that must not be taken."""

    def setup_method(self) -> None:
        self.network = Network(server_config())
        self.node = self.network.join(1)
        self.network.lose = lose_pushes
        self.network.server.rekey(self.network.now)
        self.network.settle()
        self.message = pushes(self.network)[0]
        self.network.lose = lambda _: False

    def receive(self, data: bytes) -> Node:
        self.network.deliver(replace(self.message, data=data))
        self.network.settle()
        return self.node

    def test_genuine_one_is_taken_once(self) -> None:
        assert self.receive(self.message.data).member.rekeys.received == 1
        assert self.receive(self.message.data).member.rekeys.received == 1

    def test_every_flipped_octet_is_refused(self) -> None:
        for index in range(len(self.message.data)):
            data = bytearray(self.message.data)
            data[index] ^= 0x10
            self.receive(bytes(data))
        assert self.node.member.rekeys.received == 0
        assert len(self.node.member.teks) == 1
        assert of_type(self.node.events, RekeyRefused)
        assert self.receive(self.message.data).member.rekeys.received == 1

    def test_replay_of_an_older_one(self) -> None:
        self.receive(self.message.data)
        self.network.server.rekey(self.network.now)
        self.network.settle()
        assert self.node.member.rekeys.received == 2
        self.receive(self.message.data)
        assert self.node.member.rekeys.received == 2
        assert of_type(self.node.events, RekeyOutOfSequence) == [RekeyOutOfSequence("GETVPN", 1, 2)]

    def test_a_key_for_signatures_without_a_rekey_sa(self) -> None:
        server, kek = self.network.server, self.network.server.kek
        assert kek is not None
        sa = group_sa(server, server.teks, self.network.now, None, True, None, False)
        keys = KeyDownload((kek_packet(kek), *(tek_packet(tek) for tek in server.teks)))
        node = self.receive(push.build(kek, signing_key(), 9, [], sa, keys))
        assert of_type(node.events, SignatureKeyDropped) == [SignatureKeyDropped("GETVPN")]
        assert (node.member.rekeys.received, node.member.kek and node.member.kek.public_key) == (1, kek.public_key)
        assert not of_type(node.events, KekUpdated)[1:]

    def test_another_signing_key(self) -> None:
        kek = self.network.server.kek
        assert kek is not None
        other = type(signing_key()).generate(1024)
        forged = push.build(kek, other, 9, [], None, None)
        self.receive(forged)
        assert self.node.member.rekeys.received == 0
        assert self.node.member.kek is not None
        assert self.node.member.kek.sequence == 0

    def test_acknowledgements_are_checked(self) -> None:
        server, kek = self.network.server, self.network.server.kek
        assert kek is not None
        state = server.members[self.node.member.config.local]
        good = acknowledgement.build(kek, 1, self.node.member.config.local)
        stranger = acknowledgement.build(kek, 1, SERVER)
        old = acknowledgement.build(kek, 0, self.node.member.config.local)
        forged = good[:40] + bytes((good[40] ^ 1,)) + good[41:]
        for data in (forged, stranger, old):
            self.network.deliver(Datagram(data, self.node.member.config.endpoint, state.local))
        self.network.settle()
        assert state.acks_received == 0
        assert len(of_type(self.network.events, UnsolicitedAcknowledgement)) == 3
        self.network.deliver(Datagram(good, self.node.member.config.endpoint, state.local))
        assert state.acks_received == 1
