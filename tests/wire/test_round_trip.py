"""parse(pack(x)) == x for every type, and nothing but WireError comes out of a parser."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.wire import attributes, isakmp
from iosemu.wire.arp import ArpPacket
from iosemu.wire.errors import WireError
from iosemu.wire.esp import EspPacket, add_trailer, remove_trailer
from iosemu.wire.ethernet import Frame
from iosemu.wire.gdoi.key_download import KeyDownload, pack_sequence, parse_sequence
from iosemu.wire.gdoi.policy import GroupSa, SaKek, SaTek
from iosemu.wire.gdoi.profile import GDOID_LITTLE_ENDIAN, Profile
from iosemu.wire.gre import GrePacket
from iosemu.wire.icmp import IcmpMessage
from iosemu.wire.ipv4 import Packet
from iosemu.wire.ipv6 import Packet6
from iosemu.wire.isakmp import Header, Payload
from iosemu.wire.isakmp_payloads import Delete, Identity, Notification, Proposal, SecurityAssociation, Transform
from iosemu.wire.nhrp import NhrpPacket
from iosemu.wire.tcp import Segment
from iosemu.wire.udp import UdpDatagram
from tests.wire import strategies as made

A, B = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.2")

PLAIN: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Frame, made.frames),
    (ArpPacket, made.arp_packets),
    (Packet, made.ipv4_packets),
    (Packet6, made.ipv6_packets),
    (IcmpMessage, made.icmp_messages),
    (EspPacket, made.esp_packets),
    (GrePacket, made.gre_packets),
    (NhrpPacket, made.nhrp_packets),
    (NhrpPacket, made.nhrp_indications),
    (Header, made.headers),
    (Transform, made.transforms),
    (Proposal, made.proposals),
    (SecurityAssociation, made.associations),
    (Identity, made.identities),
    (Notification, made.notifications),
    (Delete, made.deletes),
    (KeyDownload, made.key_downloads),
    (SaKek, made.sa_keks),
    (SaTek, made.sa_teks),
    (GroupSa, made.group_sas),
]


@pytest.mark.parametrize(("kind", "strategy"), PLAIN, ids=lambda value: getattr(value, "__name__", ""))
@settings(max_examples=60)
@given(data=st.data())
def test_round_trip(kind: Any, strategy: st.SearchStrategy[Any], data: st.DataObject) -> None:
    value = data.draw(strategy)
    assert kind.parse(value.pack()) == value


@settings(max_examples=60)
@given(made.group_sas, made.profiles)
def test_group_sa_of_every_peer(sa: GroupSa, profile: Profile) -> None:
    assert GroupSa.parse(sa.pack(profile), profile) == sa


@given(made.udp_datagrams, made.address, made.address)
def test_udp(datagram: UdpDatagram, source: IPv4Address, destination: IPv4Address) -> None:
    octets = datagram.pack(source, destination)
    assert UdpDatagram.parse(octets, source, destination) == datagram
    assert octets[6:8] != b"\x00\x00"


@given(made.segments, made.address, made.address)
def test_tcp(segment: Segment, source: IPv4Address, destination: IPv4Address) -> None:
    octets = segment.pack(source, destination)
    assert Segment.parse(octets, source, destination) == segment
    assert octets[12] >> 2 == len(octets) - len(segment.payload)


@given(made.attribute_lists)
def test_attributes(items: tuple[attributes.Attribute, ...]) -> None:
    assert attributes.parse_attributes(attributes.pack_attributes(items)) == items


@given(st.lists(made.payloads, max_size=6), st.binary(max_size=15))
def test_payload_chain_with_padding(payloads: list[Payload], padding: bytes) -> None:
    octets = isakmp.pack_payloads(payloads)
    first = payloads[0].kind if payloads else 0
    assert isakmp.parse_chain(first, octets + padding) == (tuple(payloads), len(octets))


@given(st.integers(0, 0xFFFFFFFF))
def test_sequence(number: int) -> None:
    assert parse_sequence(pack_sequence(number)) == number


@given(st.binary(max_size=70), st.integers(0, 255), st.sampled_from((1, 4, 8, 16)))
def test_esp_trailer(payload: bytes, next_header: int, block: int) -> None:
    plaintext = add_trailer(payload, next_header, block)
    assert len(plaintext) % max(block, 4) == 0
    assert remove_trailer(plaintext) == (payload, next_header)


PARSERS: dict[str, Callable[[bytes], object]] = {
    **{kind.__name__: kind.parse for kind, _ in PLAIN},
    "UdpDatagram": lambda data: UdpDatagram.parse(data, A, B),
    "UdpDatagram unfinished": lambda data: UdpDatagram.parse(data, A, B, unfinished=True),
    "Segment": lambda data: Segment.parse(data, A, B),
    "Segment unfinished": lambda data: Segment.parse(data[:12] + b"\x80" + data[13:], A, B, unfinished=True),
    "attributes": attributes.parse_attributes,
    "payloads": lambda data: isakmp.parse_payloads(data[0] if data else 1, data[1:]),
    "sequence": parse_sequence,
    "trailer": remove_trailer,
    "GroupSa of gdoid": lambda data: GroupSa.parse(data, GDOID_LITTLE_ENDIAN),
}


@pytest.mark.parametrize("parser", PARSERS.values(), ids=PARSERS.keys())
@settings(max_examples=150)
@given(data=st.binary(max_size=120))
def test_noise_raises_nothing_but_wire_errors(parser: Callable[[bytes], object], data: bytes) -> None:
    with contextlib.suppress(WireError):
        parser(data)


@pytest.mark.parametrize(("kind", "strategy"), PLAIN, ids=lambda value: getattr(value, "__name__", ""))
@settings(max_examples=60)
@given(data=st.data())
def test_damage_raises_nothing_but_wire_errors(
    kind: Any, strategy: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    octets = bytearray(data.draw(strategy).pack())
    if octets:
        octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    end = data.draw(st.integers(0, len(octets)))
    for damaged in (bytes(octets), bytes(octets[:end])):
        try:
            kind.parse(damaged)
        except WireError:
            continue
