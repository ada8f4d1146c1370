"""Hub and spokes back to back: registration, resolution, redirects, purges."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from iosemu.engines.nhrp.cache import Kind, Mark, host_of
from iosemu.engines.nhrp.config import StaticMap
from iosemu.engines.nhrp.events import (
    AddressTaken,
    ClientDown,
    ClientUp,
    Dropped,
    ErrorReceived,
    RegistrationRefused,
    ResolutionFailed,
    ServerDown,
    ServerUp,
    ShortcutsChanged,
)
from iosemu.engines.nhrp.states import ServerState
from iosemu.wire.nhrp import ErrorCode, Operation
from iosemu.wire.nhrp_parts import Code, ExtensionType
from tests.engines.nhrp.cloud import Cloud, above, below, lan


def operations(cloud: Cloud) -> list[tuple[int, Operation]]:
    return [(number, packet.operation) for number, packet, _ in cloud.sent]


def test_spokes_register_and_stay() -> None:
    cloud = Cloud()
    cloud.run(1)
    assert [(event.client, event.nbma) for event in cloud.of(1, ClientUp)] == [
        (above(2), below(2)),
        (above(3), below(3)),
    ]
    entry = cloud.stations[1].cache.host(above(2))
    assert entry is not None
    assert (entry.kind, entry.marks, entry.expires) == (Kind.DYNAMIC, Mark.REGISTERED | Mark.UNIQUE, 7200.0)
    assert cloud.of(2, ServerUp) == [ServerUp(above(1), below(1))]
    registration = cloud.stations[2].registrations.by_server[above(1)]
    assert registration.state is ServerState.RESPONDING
    cloud.run(20000)
    # Every third of the holding time.
    assert len([item for item in operations(cloud) if item == (2, Operation.REGISTRATION_REQUEST)]) == 9
    assert not cloud.of(1, ClientDown)
    assert cloud.stations[1].lookup(above(3), cloud.now) == [below(3)]


def test_multicast_goes_to_who_registered() -> None:
    cloud = Cloud()
    cloud.run(1)
    group = IPv4Network("224.0.0.10/32").network_address
    assert cloud.stations[1].lookup(group, 1) == [below(2), below(3)]
    assert cloud.stations[2].lookup(group, 1) == [below(1)]


def test_a_silent_server_is_lost_and_found() -> None:
    cloud = Cloud(1)
    cloud.run(1)
    cloud.deaf.add(1)
    cloud.run(2500)
    assert cloud.of(2, ServerDown) == [ServerDown(above(1), below(1))]
    assert cloud.stations[2].registrations.by_server[above(1)].state is ServerState.EXPECTING
    assert cloud.stations[2].lookup(above(9), cloud.now) == []
    cloud.run(7200)
    assert cloud.of(1, ClientDown)[0].client == above(2)
    cloud.deaf.clear()
    cloud.run(70)
    assert len(cloud.of(2, ServerUp)) == 2
    assert len(cloud.of(1, ClientUp)) == 2


def test_a_unique_address_cannot_be_taken() -> None:
    cloud = Cloud(1)
    cloud.run(1)
    moved = replace(cloud.config(2), nbma=below(9))
    cloud.stations[2].configure(moved, cloud.now)
    cloud.run(10)
    assert cloud.of(2, RegistrationRefused)[0].code == Code.ALREADY_REGISTERED
    assert cloud.of(2, ServerDown)
    assert cloud.of(1, AddressTaken)[0].nbma == below(9)
    cloud.run(7300)
    # The old registration has ended.
    assert cloud.stations[1].lookup(above(2), cloud.now) == [below(9)]


def test_without_unique_a_client_may_move() -> None:
    cloud = Cloud(1, lambda _, config: replace(config, unique=False))
    cloud.run(1)
    cloud.stations[2].configure(replace(cloud.stations[2].config, nbma=below(9)), cloud.now)
    cloud.run(1)
    assert not cloud.of(2, RegistrationRefused)
    assert cloud.stations[1].lookup(above(2), cloud.now) == [below(9)]


def test_the_hub_keeps_its_own_address() -> None:
    cloud = Cloud(1, lambda number, config: replace(config, address=above(1)) if number == 2 else config)
    cloud.run(1)
    assert cloud.of(2, RegistrationRefused)[0].code == Code.ADMINISTRATIVELY_PROHIBITED
    assert cloud.of(1, AddressTaken)


def test_authentication_differs() -> None:
    cloud = Cloud(1, lambda number, config: replace(config, authentication="OTHER") if number == 2 else config)
    cloud.run(5)
    assert cloud.of(1, Dropped)[0].reason == "authentication failure"
    assert cloud.of(2, ErrorReceived)[0].code == ErrorCode.AUTHENTICATION_FAILURE
    assert not cloud.of(2, ServerUp)


def test_redirect_and_shortcut() -> None:
    cloud = Cloud()
    cloud.run(1)
    cloud.sent.clear()
    cloud.through_hub(2, lan(3)[10])
    assert operations(cloud) == [
        (1, Operation.TRAFFIC_INDICATION),
        (2, Operation.RESOLUTION_REQUEST),
        (1, Operation.RESOLUTION_REQUEST),
        (3, Operation.RESOLUTION_REPLY),
    ]
    request = cloud.sent[2][1]
    transit = next(item for item in request.extensions if item.kind == ExtensionType.FORWARD_TRANSIT)
    assert [entry.protocol for entry in transit.entries] == [above(1)]
    assert request.hops == 254
    reply = cloud.sent[3]
    assert reply[2] == below(2)
    responder = next(item for item in reply[1].extensions if item.kind == ExtensionType.RESPONDER_ADDRESS)
    assert responder.entries[0].nbma == below(3)
    assert [(item.target, item.next_hop, item.nbma) for item in cloud.stations[2].shortcuts] == [
        (lan(3), above(3), below(3))
    ]
    assert cloud.stations[2].lookup(above(3), cloud.now) == [below(3)]
    # The other side knows who asked, and what it told.
    asked = cloud.stations[3].cache.host(above(2))
    assert asked is not None
    assert asked.marks == Mark.ROUTER | Mark.IMPLICIT
    local = cloud.stations[3].cache.get(lan(3))
    assert local is not None
    assert local.told == {below(2): (above(2), request.request)}
    # Another redirect within its time is not sent, and one that comes changes nothing.
    cloud.sent.clear()
    cloud.through_hub(2, lan(3)[10])
    assert operations(cloud) == []
    cloud.now += 9
    cloud.through_hub(2, lan(3)[10])
    assert operations(cloud) == [(1, Operation.TRAFFIC_INDICATION)]


def test_redirects_need_both_sides() -> None:
    deaf = Cloud(2, lambda number, config: replace(config, shortcut=False))
    deaf.run(1)
    deaf.through_hub(2, lan(3)[10])
    assert deaf.of(2, Dropped)[-1].reason == "redirect without shortcuts"
    dumb = Cloud(2, lambda number, config: replace(config, redirect=False))
    dumb.run(1)
    dumb.sent.clear()
    dumb.through_hub(2, lan(3)[10])
    assert dumb.sent == []
    # Back to where it came from is no shorter way, and a packet for the hub has arrived.
    cloud = Cloud()
    cloud.run(1)
    cloud.sent.clear()
    cloud.through_hub(2, lan(2)[10])
    cloud.through_hub(2, lan(1)[10])
    assert cloud.sent == []


def test_a_spoke_asks_for_a_next_hop_that_it_does_not_know() -> None:
    cloud = Cloud()
    cloud.run(1)
    assert cloud.stations[2].lookup(above(3), cloud.now) == [below(1)]
    cloud.settle()
    assert cloud.stations[2].lookup(above(3), cloud.now) == [below(3)]
    entry = cloud.stations[2].cache.host(above(3))
    assert entry is not None
    assert entry.marks == Mark.ROUTER | Mark.NEXT_HOP
    assert cloud.stations[2].shortcuts == []


def test_nobody_knows_an_address() -> None:
    cloud = Cloud()
    cloud.run(1)
    assert cloud.stations[2].lookup(above(77), cloud.now) == [below(1)]
    cloud.settle()
    assert cloud.of(2, ResolutionFailed)[0].target == host_of(above(77))
    count = len(cloud.sent)
    cloud.stations[2].lookup(above(77), cloud.now)
    cloud.settle()
    assert len(cloud.sent) == count
    cloud.run(181)
    assert cloud.stations[2].cache.host(above(77)) is None
    cloud.deaf.add(1)
    cloud.stations[2].lookup(above(78), cloud.now)
    entry = cloud.stations[2].cache.host(above(78))
    assert entry is not None
    assert entry.kind is Kind.INCOMPLETE
    cloud.run(16)
    assert len(cloud.of(2, ResolutionFailed)) == 2


def test_a_shortcut_in_use_is_renewed_and_one_that_is_not_ends() -> None:
    cloud = Cloud(2, lambda _, config: replace(config, holding=600))
    cloud.run(1)
    cloud.through_hub(2, lan(3)[10])
    for _ in range(40):
        cloud.run(60)
        assert cloud.stations[2].lookup(above(3), cloud.now) == [below(3)]
        assert len(cloud.stations[2].shortcuts) == 1
    cloud.events[2].clear()
    cloud.run(720)
    assert cloud.stations[2].shortcuts == []
    assert cloud.of(2, ShortcutsChanged)


def test_what_was_told_is_taken_back() -> None:
    cloud = Cloud()
    cloud.run(1)
    cloud.through_hub(2, lan(3)[10])
    del cloud.routes[3][lan(3)]
    cloud.sent.clear()
    cloud.stations[3].routes_changed()
    cloud.settle()
    assert operations(cloud) == [(3, Operation.PURGE_REQUEST), (2, Operation.PURGE_REPLY)]
    assert cloud.stations[2].shortcuts == []
    # Others cannot take it back.
    cloud.routes[3][lan(3)] = None
    cloud.now += 10
    cloud.through_hub(2, lan(3)[10])
    assert len(cloud.stations[2].shortcuts) == 1
    purge = next(packet for _, packet, _ in cloud.sent if packet.operation is Operation.PURGE_REQUEST)
    cloud.stations[2].receive(replace(purge, nbma=below(1), source=above(1)).pack(), below(1), cloud.now)
    assert len(cloud.stations[2].shortcuts) == 1


def test_clear() -> None:
    cloud = Cloud()
    cloud.run(1)
    cloud.through_hub(2, lan(3)[10])
    assert cloud.stations[2].clear(IPv4Network("10.13.9.0/24")) == 0
    assert cloud.stations[2].clear() == 2
    assert cloud.stations[2].shortcuts == []
    assert cloud.stations[2].lookup(above(1), cloud.now) == [below(1)]


def test_configuration_is_followed() -> None:
    cloud = Cloud(1)
    cloud.run(1)
    station = cloud.stations[2]
    elsewhere = (StaticMap(host_of(above(1)), below(8)),)
    station.configure(replace(station.config, maps=elsewhere), cloud.now)
    assert station.lookup(above(1), cloud.now) == [below(8)]
    station.configure(replace(station.config, maps=(), servers=()), cloud.now)
    assert station.lookup(above(1), cloud.now) == []
    assert station.registrations.by_server == {}


@pytest.mark.parametrize("hops", [1, 255])
def test_loops_end(hops: int) -> None:
    """Two stations that each take the other for the way to an address."""
    cloud = Cloud(3, lambda number, config: config)
    cloud.run(1)
    for number, other in ((1, 2), (2, 3), (3, 1)):
        cloud.routes[number][lan(9)] = above(other)
    cloud.stations[2].lookup(above(3), cloud.now)
    cloud.stations[3].lookup(above(1), cloud.now)
    cloud.settle()
    cloud.sent.clear()
    request = cloud.stations[4]._station
    number = request.next_request()
    asked = request.request(Operation.RESOLUTION_REQUEST, lan(9)[1], number, 0, request.own_entry())
    request.send(replace(asked, hops=hops), below(1))
    cloud.settle()
    codes = [event.code for event in cloud.of(4, ErrorReceived)]
    assert codes == [ErrorCode.HOP_COUNT_EXCEEDED if hops == 1 else ErrorCode.LOOP_DETECTED]
