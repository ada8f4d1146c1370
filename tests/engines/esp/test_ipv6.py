"""IPv6 under a group's policy: what goes out, what is let in, and what another implementation makes of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import pytest

from iosemu.crypto.esp_transforms import EspTransform, from_words
from iosemu.engines.acl import ANY_WILDCARD6, AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sa import Counters
from iosemu.engines.esp.tunnel import plaintext_mtu
from iosemu.engines.esp.verdict import (
    BAD_ICV,
    NOT_IPSEC,
    REPLAYED,
    STALE,
    UNKNOWN_SPI,
    WRONG_SELECTORS,
    Outcome,
    ends_of,
    flow6_of,
    flow_of,
)
from iosemu.engines.gdoi.acl import from_selectors, pack_acl, parse_acl, selectors_of
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import PseudoClock, Replay, ReplayMethod
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.policy import Selector
from iosemu.wire.ipv4 import ESP, TCP, UDP
from iosemu.wire.ipv6 import DESTINATION_OPTIONS, HEADER, ICMPV6, Extension, Packet6
from iosemu.wire.isakmp_payloads import IdType
from iosemu.wire.udp import UdpDatagram
from tests.engines.esp.planes import INSIDE, TRANSFORMS, plane, tek
from tests.engines.gdoi.network import AES, GCM

A, B = IPv6Address("2001:db8:12:1::10"), IPv6Address("2001:db8:12:2::10")


def entry6(
    permit: bool,
    source: str = "::/0",
    destination: str = "::/0",
    protocol: int = 0,
    source_port: int = 0,
    port: int = 0,
) -> AclEntry:
    ends = []
    for text in (source, destination):
        network = IPv6Network(text)
        ends.append((int(network.network_address), int(network.hostmask)))
    return AclEntry(permit, protocol, *ends[0], source_port, *ends[1], port, True)


PERMIT = entry6(True, "2001:db8:12::/48", "2001:db8:12::/48")
ACL = (entry6(False, protocol=UDP, source_port=848, port=848), entry6(False, "fe80::/10", protocol=ICMPV6), PERMIT)


def udp6(
    size: int = 100, *, source: IPv6Address = A, destination: IPv6Address = B, port: int = 5000, **more: Any
) -> bytes:
    datagram = UdpDatagram(port, port, bytes(size)).pack(source, destination)
    return Packet6(source, destination, UDP, datagram, **more).pack()


def tek6(transform: EspTransform = AES, replay: Replay | None = None, **more: Any) -> Tek:
    made = tek(transform, entries=(PERMIT,), **more)
    return made if replay is None else replace(made, replay=replay)


def plane6(*teks: Tek, sid: int | None = 5, seed: int = 9, clock: PseudoClock | None = None) -> GroupDataPlane:
    made = GroupDataPlane(Random(seed).randbytes)
    made.update(GroupPolicy((), ACL, tuple(teks), () if sid is None else (sid,), 24, clock))
    return made


@pytest.mark.parametrize("words", TRANSFORMS, ids=" ".join)
def test_every_transform_there_and_back(words: tuple[str, ...]) -> None:
    transform = from_words(words)
    sender, receiver = plane6(tek6(transform)), plane6(tek6(transform), sid=6)
    for size in range(70):
        packet = udp6(size, hop_limit=63, traffic_class=0xB9, flow_label=0x12345)
        sent = sender.outbound(packet, 0.0)
        assert sent.outcome is Outcome.PROTECTED
        outer = Packet6.parse(sent.packet)
        assert (outer.source, outer.destination, outer.protocol) == (A, B, ESP)
        # RFC 4301 section 5.1.2.2: the traffic class is copied, the flow label is not, the hop limit is the tunnel's.
        assert (outer.traffic_class, outer.flow_label, outer.hop_limit) == (0xB9, 0, 255)
        assert receiver.inbound(sent.packet, 0.0).packet == packet
    assert sender.totals.encapsulated == receiver.totals.decapsulated == 70


def test_what_is_protected_and_what_is_not() -> None:
    member = plane6(tek6())
    assert member.outbound(udp6(port=848), 0.0).outcome is Outcome.CLEAR
    assert member.outbound(udp6(destination=IPv6Address("3000::1")), 0.0).outcome is Outcome.CLEAR
    assert member.inbound(udp6(), 0.0).reason == NOT_IPSEC
    assert plane6().inbound(udp6(), 0.0).reason == NOT_IPSEC
    # Extension headers do not hide what is behind them.
    chain = (Extension(DESTINATION_OPTIONS, bytes((0, 1, 4, 0, 0, 0, 0))),)
    hidden = Packet6(A, B, UDP, UdpDatagram(848, 848, b"").pack(A, B), extensions=chain).pack()
    assert member.outbound(hidden, 0.0).outcome is Outcome.CLEAR
    assert flow_of(hidden) == flow6_of(hidden) == (UDP, int(A), 848, int(B), 848)
    assert ends_of(hidden) == (A, B)


def test_nothing_is_split_before_encryption() -> None:
    """The source alone may do that: it is told what fits, but never less than every link carries."""
    member = plane6(tek6())
    told = member.outbound(udp6(3000), 0.0, 1500)
    assert (told.outcome, told.mtu) == (Outcome.TOO_BIG, plaintext_mtu(AES, 1500, header=HEADER))
    assert member.outbound(udp6(3000), 0.0, 1300).mtu == 1280
    assert len(member.outbound(udp6(1280 - HEADER - 8), 0.0, 1300).packets) == 1
    assert member.totals.encapsulated == 1


def test_the_largest_packet_that_fits() -> None:
    for transform in (AES, GCM):
        limit = plaintext_mtu(transform, 1500, header=HEADER)
        for size, fits in ((limit, True), (limit + 1, False)):
            sent = plane6(tek6(transform)).outbound(udp6(size - HEADER - 8), 0.0, 1500)
            assert (sent.outcome is Outcome.PROTECTED and len(sent.packet) <= 1500) is fits


def test_counters_are_checked() -> None:
    replay = Replay(ReplayMethod.COUNTER, 64)
    for transform in (AES, GCM):
        sender, receiver = plane6(tek6(transform, replay)), plane6(tek6(transform, replay), sid=6)
        first, second = (sender.outbound(udp6(), 0.0).packet for _ in range(2))
        assert receiver.inbound(second, 0.0).outcome is Outcome.PROTECTED
        assert receiver.inbound(first, 0.0).outcome is Outcome.PROTECTED
        assert receiver.inbound(first, 0.0).reason == REPLAYED
        # Another host's packets have a window of their own, unless the nonces tell senders apart.
        other = plane6(tek6(transform, replay), sid=7, seed=3)
        theirs = other.outbound(udp6(source=IPv6Address("2001:db8:12:3::1")), 0.0).packet
        assert receiver.inbound(theirs, 0.0).outcome is Outcome.PROTECTED


def test_time_stamps_are_checked() -> None:
    replay = Replay(ReplayMethod.TIME, 5)
    clock = PseudoClock(1000.0)
    sender, receiver = plane6(tek6(AES, replay), clock=clock), plane6(tek6(AES, replay), clock=clock)
    sent = sender.outbound(udp6(), 0.0).packet
    assert receiver.inbound(sent, 4.0).packet == udp6()
    assert receiver.inbound(sent, 6.0).reason == STALE
    assert (receiver.time.history[-1].source, receiver.time.history[-1].destination) == (A, B)


def test_what_is_forged_is_refused() -> None:
    sent = plane6(tek6()).outbound(udp6(), 0.0).packet
    receiver = plane6(tek6())
    moved = sent[:8] + IPv6Address("2001:db8:12:1::66").packed + sent[24:]
    assert receiver.inbound(moved, 0.0).reason == "inner and outer addresses differ"
    assert receiver.inbound(sent[:-1] + bytes((sent[-1] ^ 1,)), 0.0).reason == BAD_ICV
    assert receiver.inbound(sent[:40] + b"\x00\x00\x99\x99" + sent[44:], 0.0).reason == UNKNOWN_SPI
    other = plane6(replace(tek6(), entries=(entry6(True, "2001:db8:77::/48"),)))
    assert other.inbound(sent, 0.0).reason == WRONG_SELECTORS
    # A packet of the other family inside is no packet of this group.
    inside4 = plane(tek()).outbound(INSIDE, 0.0).packet
    crossed = Packet6(A, B, ESP, inside4[20:]).pack()
    assert receiver.inbound(crossed, 0.0).reason == "next header 4"
    assert receiver.drops[BAD_ICV] == 1
    assert receiver.totals == Counters(receive_errors=3, bad_icv=1)


def test_random_damage_never_gets_through() -> None:
    rng = Random(4)
    sent = plane6(tek6(GCM)).outbound(udp6(), 0.0).packet
    receiver = plane6(tek6(GCM), sid=6)
    for _ in range(2000):
        data = bytearray(sent)
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(40, len(data))] ^= rng.randrange(1, 256)
        assert receiver.inbound(bytes(data), 0.0).outcome is Outcome.DROPPED


def test_an_entry_travels_as_selectors_and_in_the_private_list() -> None:
    host = entry6(True, f"{A}/128", "::/0", TCP, 0, 443)
    for entry in (PERMIT, host, entry6(True)):
        source, destination = selectors_of(entry)
        assert from_selectors(entry.protocol, source, destination) == entry
    assert [item.kind for item in selectors_of(host)] == [IdType.IPV6_ADDR, IdType.IPV6_ADDR_SUBNET]
    assert selectors_of(host)[0].data == A.packed
    assert selectors_of(PERMIT)[0].data == IPv6Network("2001:db8:12::/48").network_address.packed + b"\xff" * 6 + bytes(
        10
    )
    assert parse_acl(pack_acl((*ACL, host))) == (*ACL, host)
    assert host.mirrored().mirrored() == host
    assert entry6(True).source_wildcard == ANY_WILDCARD6
    four = Selector(IdType.IPV4_ADDR, 0, bytes(4))
    with pytest.raises(WireError):
        from_selectors(0, four, selectors_of(host)[0])
    with pytest.raises(WireError):
        from_selectors(0, selectors_of(host)[0], four)
    with pytest.raises(WireError):
        from_selectors(0, Selector(IdType.FQDN, 0, b"x"), four)
    with pytest.raises(WireError):
        parse_acl(pack_acl(ACL)[:-1])


@pytest.mark.parametrize(
    ("words", "cipher", "integrity"),
    [
        (("esp-aes", "256", "esp-sha256-hmac"), "AES-CBC", "SHA2-256-128"),
        (("esp-3des", "esp-md5-hmac"), "3DES", "HMAC-MD5-96"),
        (("esp-gcm", "256"), "AES-GCM", "NULL"),
    ],
)
def test_scapy_reads_and_writes_the_same(words: tuple[str, ...], cipher: str, integrity: str) -> None:
    scapy_ipsec = pytest.importorskip("scapy.layers.ipsec")
    inet6 = pytest.importorskip("scapy.layers.inet6")
    key = tek6(from_words(words))
    association = scapy_ipsec.SecurityAssociation(
        scapy_ipsec.ESP,
        spi=0x1234,
        crypt_algo=cipher,
        crypt_key=key.encryption_key + key.salt,
        auth_algo=integrity,
        auth_key=key.integrity_key or None,
        tunnel_header=inet6.IPv6(src=str(A), dst=str(B)),
    )
    sent = plane6(key).outbound(udp6(), 0.0).packet
    assert bytes(association.decrypt(inet6.IPv6(sent))) == udp6()
    theirs = bytes(association.encrypt(inet6.IPv6(udp6())))
    assert plane6(key).inbound(theirs, 0.0).packet == udp6()
