"""Hypothesis strategies for every type of `iosemu.wire`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

from hypothesis import strategies as st

from iosemu.wire.arp import ArpPacket
from iosemu.wire.attributes import Attribute
from iosemu.wire.esp import EspPacket
from iosemu.wire.ethernet import Frame
from iosemu.wire.gdoi.key_download import KeyDownload, KeyPacket
from iosemu.wire.gdoi.policy import GroupSa, SaKek, SaTek, Selector
from iosemu.wire.gdoi.profile import GDOID_2005, GDOID_LITTLE_ENDIAN, RFC6407
from iosemu.wire.gre import GrePacket
from iosemu.wire.icmp import IcmpMessage
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.ipv4 import Packet
from iosemu.wire.ipv6 import DESTINATION_OPTIONS, EXTENSIONS, HOP_BY_HOP, ROUTING, Extension, Fragment, Packet6
from iosemu.wire.isakmp import Header, Payload
from iosemu.wire.isakmp_payloads import Delete, Identity, IdType, Notification, Proposal, SecurityAssociation, Transform
from iosemu.wire.neighbor import NeighborMessage, Prefix, RouterAdvertisement, RouterSolicitation
from iosemu.wire.nhrp import INDICATIONS, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry
from iosemu.wire.nhrp_parts import Extension as NhrpExtension
from iosemu.wire.tcp import Segment
from iosemu.wire.udp import UdpDatagram

octet = st.integers(0, 0xFF)
short = st.integers(0, 0xFFFF)
word = st.integers(0, 0xFFFFFFFF)
some_bytes = st.binary(max_size=60)


def exactly(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


address = st.builds(IPv4Address, word)
profiles = st.sampled_from((RFC6407, GDOID_LITTLE_ENDIAN, GDOID_2005))

frames = st.builds(Frame, exactly(6), exactly(6), exactly(2), some_bytes)
arp_packets = st.builds(ArpPacket, short, exactly(6), address, exactly(6), address)
ipv4_packets = st.builds(
    Packet,
    address,
    address,
    octet,
    some_bytes,
    octet,
    octet,
    short,
    st.booleans(),
    st.booleans(),
    st.integers(0, 0x1FFF).map(lambda units: units * 8),
    st.integers(0, 10).flatmap(lambda words: exactly(4 * words)),
)
address6 = st.builds(IPv6Address, st.integers(0, (1 << 128) - 1))
extension_bodies = st.integers(0, 3).flatmap(
    lambda units: exactly(units * 8 + 6).map(lambda body: bytes((units,)) + body)
)
extensions = st.tuples(
    st.lists(st.builds(Extension, st.just(HOP_BY_HOP), extension_bodies), max_size=1),
    st.lists(st.builds(Extension, st.sampled_from((ROUTING, DESTINATION_OPTIONS)), extension_bodies), max_size=3),
).map(lambda found: (*found[0], *found[1]))
ipv6_fragments = st.builds(Fragment, st.integers(0, 0x1FFF).map(lambda units: units * 8), st.booleans(), word)
ipv6_packets = st.builds(
    Packet6,
    address6,
    address6,
    octet.filter(lambda protocol: protocol not in EXTENSIONS),
    st.integers(0, 8).flatmap(lambda units: exactly(units * 8)),
    octet,
    octet,
    st.integers(0, 0xFFFFF),
    extensions,
    st.none() | ipv6_fragments,
)
icmp6_messages = st.builds(Icmp6Message, octet, octet, word, some_bytes)
mac = exactly(6)
unicast6 = address6.filter(lambda address: not address.is_multicast)
neighbor_messages = st.builds(NeighborMessage, unicast6, st.none() | mac) | st.builds(
    NeighborMessage, unicast6, st.none() | mac, st.just(True), st.booleans(), st.booleans(), st.booleans()
)
router_solicitations = st.builds(RouterSolicitation, st.none() | mac)
networks6 = st.builds(
    lambda address, length: IPv6Network((address, length), strict=False), address6, st.integers(0, 128)
)
prefixes = st.builds(Prefix, networks6, st.booleans(), st.booleans(), word, word)
router_advertisements = st.builds(
    RouterAdvertisement,
    octet,
    st.booleans(),
    st.booleans(),
    st.integers(0, 3),
    short,
    word,
    word,
    st.none() | mac,
    st.none() | word,
    st.lists(prefixes, max_size=3).map(tuple),
)
udp_datagrams = st.builds(UdpDatagram, short, short, some_bytes)
segments = st.builds(
    Segment,
    short,
    short,
    word,
    word,
    st.integers(0, 0x3F),
    short,
    some_bytes,
    short,
    st.none() | short,
    st.none() | octet,
    st.booleans(),
)
icmp_messages = st.builds(IcmpMessage, octet, octet, word, some_bytes)
gre_packets = st.builds(GrePacket, short, some_bytes, st.none() | word, st.none() | word, st.booleans())
client_entries = st.builds(ClientEntry, octet, octet, short, short, st.none() | address, st.none() | address, octet)
nhrp_extensions = st.lists(st.builds(NhrpExtension, st.integers(1, 0x3FFF), some_bytes, st.booleans()), max_size=4).map(
    tuple
)
nhrp_packets = st.builds(
    NhrpPacket,
    st.sampled_from([kind for kind in Operation if kind not in INDICATIONS]),
    address,
    address,
    address,
    word,
    short,
    st.lists(client_entries, max_size=3).map(tuple),
    nhrp_extensions,
    octet,
)
nhrp_indications = st.builds(
    NhrpPacket,
    st.sampled_from(INDICATIONS),
    address,
    address,
    address,
    extensions=nhrp_extensions,
    hops=octet,
    error=short,
    offset=short,
    quoted=some_bytes,
)
esp_packets = st.builds(EspPacket, word, word, some_bytes)

# Attribute type 0 does not exist: its octets are what tells the zeros in an SA KEK from its attributes.
attributes = st.builds(Attribute, st.integers(1, 0x7FFF), short | some_bytes)
attribute_lists = st.lists(attributes, max_size=5).map(tuple)
headers = st.builds(Header, exactly(8), exactly(8), octet, octet, octet, word, st.just(28), st.just(0x10))
payloads = st.builds(Payload, st.integers(1, 255), some_bytes)
transforms = st.builds(Transform, octet, octet, attribute_lists)
proposals = st.builds(Proposal, octet, octet, st.binary(max_size=16), st.lists(transforms, max_size=3).map(tuple))
associations = st.builds(SecurityAssociation, word, exactly(4), st.lists(proposals, min_size=1, max_size=2).map(tuple))
identities = st.builds(Identity, st.integers(2, 255), some_bytes, octet, short) | st.builds(
    Identity, st.just(int(IdType.IPV4_ADDR)), exactly(4), octet, short
)
notifications = st.builds(Notification, word, octet, short, st.binary(max_size=16), some_bytes)
deletes = st.integers(1, 16).flatmap(
    lambda size: st.builds(Delete, word, octet, st.lists(exactly(size), max_size=5).map(tuple))
)

selectors = st.one_of(
    st.builds(Selector, st.just(int(IdType.IPV4_ADDR)), short, exactly(4)),
    st.builds(Selector, st.just(int(IdType.IPV4_ADDR_SUBNET)), short, exactly(8)),
    st.builds(Selector, st.just(int(IdType.IPV6_ADDR)), short, exactly(16)),
    st.builds(Selector, st.just(int(IdType.IPV6_ADDR_SUBNET)), short, exactly(32)),
)
sa_keks = st.builds(SaKek, selectors, selectors, exactly(16), attribute_lists, octet)
sa_teks = st.builds(SaTek, selectors, selectors, octet, exactly(4), attribute_lists, st.sampled_from((1, 2)), octet)
private_payloads = st.builds(Payload, st.integers(128, 255), some_bytes)
group_sas = st.builds(
    GroupSa,
    st.none() | sa_keks,
    st.none() | attribute_lists,
    st.lists(sa_teks, max_size=3).map(tuple),
    st.lists(private_payloads, max_size=2).map(tuple),
    st.just(2),
    word,
)
key_packets = st.builds(KeyPacket, octet, st.binary(max_size=16), attribute_lists)
key_downloads = st.builds(KeyDownload, st.lists(key_packets, max_size=4).map(tuple))
