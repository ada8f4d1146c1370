"""IGMP and PIM: round trips, noise, damage, and scapy as a second opinion."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError
from iosemu.wire.igmp import GroupRecord, IgmpMessage, IgmpType, Query3, RecordType, Report3, parse_igmp
from iosemu.wire.ipv4 import PIM, Packet
from iosemu.wire.pim import Assert, GroupSet, Hello, JoinPrune, PimType, Register, RegisterStop, parse_pim
from iosemu.wire.pim_addresses import TreeSource
from tests.wire.strategies import address, octet, short, some_bytes, word

A, G = IPv4Address("192.0.2.1"), IPv4Address("239.4.1.1")
group = st.integers(0xE0000000, 0xEFFFFFFF).map(IPv4Address)
addresses = st.lists(address, max_size=4).map(tuple)
# What the floating point form of a number can express.
numbers = st.one_of(
    st.integers(0, 127),
    st.builds(lambda mantissa, exponent: (mantissa | 16) << (exponent + 3), st.integers(0, 15), st.integers(0, 7)),
)
igmp_messages = st.one_of(
    st.builds(IgmpMessage, st.sampled_from((0x11, 0x12, 0x16, 0x17)), address, octet),
    st.builds(Query3, address, numbers, st.booleans(), st.integers(0, 7), numbers, addresses),
    st.builds(Report3, st.lists(st.builds(GroupRecord, octet, address, addresses), max_size=4).map(tuple)),
)
sources = st.lists(st.builds(TreeSource, address, st.booleans(), st.booleans()), max_size=3).map(tuple)
pim_messages = st.one_of(
    st.builds(Hello, short, st.none() | word, st.none() | word, st.none() | st.tuples(st.integers(0, 0x7FFF), short),
              st.none() | octet),
    st.builds(Register, some_bytes, st.booleans()),
    st.builds(RegisterStop, group, address),
    st.builds(JoinPrune, address, st.lists(st.builds(GroupSet, group, sources, sources), max_size=3).map(tuple), short,
              st.sampled_from((PimType.JOIN_PRUNE, PimType.GRAFT, PimType.GRAFT_ACK))),
    st.builds(Assert, group, address, st.booleans(), st.integers(0, 0x7FFFFFFF), word),
)  # fmt: skip
READERS = [(parse_igmp, igmp_messages), (parse_pim, pim_messages)]


@pytest.mark.parametrize(("parse", "messages"), READERS, ids=["igmp", "pim"])
@settings(max_examples=150)
@given(data=st.data())
def test_round_trip_and_damage(parse: Any, messages: st.SearchStrategy[Any], data: st.DataObject) -> None:
    message = data.draw(messages)
    octets = message.pack()
    assert parse(octets) == message
    damaged = bytearray(octets)
    damaged[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    for broken in (bytes(damaged), octets[: data.draw(st.integers(0, len(octets)))]):
        with contextlib.suppress(WireError):
            parse(broken)


@pytest.mark.parametrize("parse", [parse_igmp, parse_pim])
@settings(max_examples=200)
@given(data=st.binary(max_size=80))
def test_noise(parse: Any, data: bytes) -> None:
    with contextlib.suppress(WireError):
        parse(data)


def test_what_is_refused() -> None:
    hello = Hello(105, 1, 7).pack()
    for broken in (b"", hello[:3], bytes((0x10,)) + hello[1:], hello[:-1], hello[:2] + b"\x00\x00" + hello[4:]):
        with pytest.raises(WireError):
            parse_pim(broken)
    unicast_group = RegisterStop(A, A).pack()
    behind = Assert(G, A, False, 1, 2)
    for message in (unicast_group, _with(behind.pack() + b"\x00\x00"), _with(Hello().pack() + b"\x00\x13\x00\x02ab")):
        with pytest.raises(WireError):
            parse_pim(message)
    for broken in (b"", bytes(7), IgmpMessage(0x16, G).pack()[:-1], Query3(sources=(A,)).pack()[:-4]):
        with pytest.raises(WireError):
            parse_igmp(broken)
    assert parse_pim(_with(bytes((0x2C, 0, 0, 0)))) is None


def _with(octets: bytes) -> bytes:
    """A PIM message with its checksum made right."""
    blank = octets[:2] + b"\x00\x00" + octets[4:]
    return blank[:2] + internet_checksum(blank).to_bytes(2, "big") + blank[4:]


def test_a_register_may_have_its_checksum_over_everything() -> None:
    octets = _with(Register(b"some packet!").pack())
    assert parse_pim(octets) == Register(b"some packet!")


def test_long_times_of_version_3_lose_their_last_digits() -> None:
    for seconds in (0, 127, 128, 255, 1000, 31744, 99999):
        found = Query3.parse(Query3(interval=seconds).pack()).interval
        assert found <= seconds
        assert found >= min(seconds, 31744) * 15 / 16


def test_scapy_makes_the_same_igmp() -> None:
    contrib = pytest.importorskip("scapy.contrib.igmp")
    third = pytest.importorskip("scapy.contrib.igmpv3")
    assert bytes(contrib.IGMP(type=0x16, mrcode=0, gaddr=str(G))) == IgmpMessage(IgmpType.REPORT, G).pack()
    assert bytes(contrib.IGMP(type=0x11, mrcode=100)) == IgmpMessage(IgmpType.QUERY, IPv4Address(0), 100).pack()
    record = third.IGMPv3gr(rtype=4, maddr=str(G), srcaddrs=[str(A)])
    theirs = bytes(third.IGMPv3mr(numgrp=1, records=[record]))
    assert parse_igmp(theirs) == Report3((GroupRecord(RecordType.TO_EXCLUDE, G, (A,)),))
    assert parse_igmp(theirs).pack() == theirs


def test_scapy_reads_and_makes_the_same_pim() -> None:
    pim = pytest.importorskip("scapy.contrib.pim")
    inet = pytest.importorskip("scapy.layers.inet")
    options = [pim.PIMv2HelloHoldtime(holdtime=105), pim.PIMv2HelloDRPriority(dr_priority=1)]
    options.append(pim.PIMv2HelloGenerationID(generation_id=7))
    packet = inet.IP(src=str(A), dst="224.0.0.13", proto=PIM, id=0, ttl=1)
    theirs = bytes(packet / pim.PIMv2Hdr(type=0) / pim.PIMv2Hello(option=options))
    ours = Packet(A, IPv4Address("224.0.0.13"), PIM, Hello(105, 1, 7).pack(), ttl=1).pack()
    assert ours == theirs
    shared = TreeSource(A, wildcard=True, rpt=True)
    message = JoinPrune(A, (GroupSet(G, (shared, TreeSource(A)), (TreeSource(A, rpt=True),)),))
    read = inet.IP(Packet(A, IPv4Address("224.0.0.13"), PIM, message.pack(), ttl=1).pack())[pim.PIMv2JoinPrune]
    assert (str(read.up_neighbor_ip), read.holdtime, read.num_group) == (str(A), 210, 1)
    (item,) = read.jp_ips
    assert [(source.src_ip, source.wildcard, source.rpt) for source in item.join_ips] == [
        (str(A), 1, 1),
        (str(A), 0, 0),
    ]
    assert [(source.src_ip, source.wildcard, source.rpt) for source in item.prune_ips] == [(str(A), 0, 1)]
