"""Whatever comes out of the tunnel, a station neither raises nor grows without bounds."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.engines.nhrp.cache import LIMIT
from iosemu.engines.nhrp.events import Dropped
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.nhrp import NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Extension, ExtensionType, authentication
from tests.engines.nhrp.cloud import Cloud, above, below, lan
from tests.wire import strategies as made


def quiet(edit: bool = True) -> Cloud:
    """A cloud that has settled, without a string of authentication."""
    cloud = Cloud(2, lambda _, config: replace(config, authentication=None) if edit else config)
    cloud.run(1)
    return cloud


@settings(max_examples=300)
@given(made.nhrp_packets | made.nhrp_indications, st.integers(1, 3))
def test_any_packet(packet: NhrpPacket, number: int) -> None:
    cloud = quiet()
    cloud.stations[number].receive(packet.pack(), below(7), cloud.now)
    cloud.run(100)


@settings(max_examples=150)
@given(st.binary(max_size=120), st.integers(1, 3))
def test_noise(data: bytes, number: int) -> None:
    cloud = quiet()
    cloud.stations[number].receive(data, below(7), cloud.now)
    assert cloud.stations[number].take()[1]
    cloud.stations[number].transit(data, below(2), cloud.now)


def test_real_packets_with_changes() -> None:
    """Each packet of a shortcut with octets changed and the checksum put right, as somebody who knows the string."""
    random = Random(5)
    cloud = quiet(edit=False)
    cloud.through_hub(2, lan(3)[10])
    originals = [packet.pack() for _, packet, _ in cloud.sent]
    for _ in range(1500):
        data = bytearray(random.choice(originals))
        for _ in range(random.randrange(1, 4)):
            data[random.randrange(20, len(data))] = random.randrange(256)
        data[12:14] = bytes(2)
        data[12:14] = internet_checksum(bytes(data)).to_bytes(2, "big")
        for station in cloud.stations.values():
            station.receive(bytes(data), below(random.randrange(1, 5)), cloud.now)
        cloud.settle()
    cloud.run(10000)
    assert cloud.stations[1].lookup(above(2), cloud.now) == [below(2)]


def test_replies_that_nobody_asked_for() -> None:
    cloud = quiet()
    for kind in (Operation.REGISTRATION_REPLY, Operation.RESOLUTION_REPLY):
        for destination in (above(1), above(3)):
            answer = ClientEntry(0, 8, 1500, 600, below(66), above(66))
            forged = NhrpPacket(kind, below(2), above(2), destination, 99, 0, (answer,))
            cloud.stations[2].receive(forged.pack(), below(66), cloud.now)
    cloud.settle()
    assert len(cloud.of(2, Dropped)) == 4
    assert cloud.stations[2].shortcuts == []


def test_the_cache_has_a_limit() -> None:
    cloud = quiet()
    hub = cloud.stations[1]
    addresses = IPv4Network("172.16.0.0/12")
    entries = tuple(ClientEntry(0, 255, 0, 7200, None, addresses[number]) for number in range(60))
    for block in range(LIMIT // 60 + 2):
        some = tuple(replace(entry, protocol=addresses[block * 60 + n]) for n, entry in enumerate(entries))
        packet = NhrpPacket(Operation.REGISTRATION_REQUEST, below(7), above(7), above(1), block, 0, some)
        hub.receive(packet.pack(), below(7), cloud.now)
    assert len(hub.cache) == LIMIT
    assert hub.lookup(above(2), cloud.now) == [below(2)]


def test_a_record_that_is_no_record() -> None:
    cloud = quiet()
    broken = Extension(ExtensionType.FORWARD_TRANSIT, b"\x01\x02")
    packet = NhrpPacket(Operation.RESOLUTION_REQUEST, below(2), above(2), lan(3)[1], 5, 0, (), (broken,))
    cloud.stations[1].receive(packet.pack(), below(2), cloud.now)
    cloud.settle()
    assert cloud.of(1, Dropped)[-1].reason == "malformed transit record"


def test_a_string_where_none_is_expected() -> None:
    cloud = quiet()
    packet = NhrpPacket(Operation.TRAFFIC_INDICATION, below(1), above(1), above(2), extensions=(authentication("X"),))
    cloud.stations[2].receive(packet.pack(), below(1), cloud.now)
    cloud.settle()
    assert cloud.of(2, Dropped)[-1].reason == "authentication failure"
