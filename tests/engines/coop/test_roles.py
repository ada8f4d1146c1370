"""Discovery, election, failover, split and merge, one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.engines.coop import events
from iosemu.engines.coop.config import CoopTimers
from iosemu.engines.coop.peers import Contact, Status
from iosemu.engines.gdoi.events import GroupEvent
from iosemu.wire.coop import CoopMessage, CoopRole, Fingerprint, Kind
from iosemu.wire.coop_keys import KeySet
from iosemu.wire.coop_members import DatabaseForm
from tests.engines.coop.pairs import KS1, KS2, KS3, KS4, Room

GM = IPv4Address("10.0.0.1")


def test_the_highest_priority_wins() -> None:
    room = Room(100, 140, 75)
    room.start()
    assert room.primaries == [KS2]
    for address in (KS1, KS3):
        primary = room.servers[address].primary
        assert primary is not None
        assert primary.address == KS2
    (changed,) = room.of(KS1, events.PrimaryChanged)
    assert changed == events.PrimaryChanged("GETVPN", KS2, None)


def test_the_highest_address_wins_a_tie() -> None:
    room = Room(100, 100, 100)
    room.start()
    assert room.primaries == [KS3]


def test_one_alone_is_primary_after_the_discovery() -> None:
    room = Room(100, 50)
    room.start(KS2)
    room.run(60)
    assert room.primaries == [KS2]


def test_members_wait_during_discovery() -> None:
    room = Room(100, 50)
    room.configs = {a: replace(c, peers=(KS1, KS2, KS3)) for a, c in room.configs.items()}
    room.start(KS2)
    room.servers[KS2].peers[KS3].contact = Contact.IN_PROGRESS
    assert room.servers[KS2].blocked or room.primaries
    room.run(60)
    assert not room.servers[KS2].blocked


def test_no_preemption() -> None:
    room = Room(50, 200)
    room.start(KS1)
    room.run(60)
    room.start(KS2)
    room.run(300)
    assert room.primaries == [KS1]
    assert room.servers[KS2].role is CoopRole.SECONDARY


def test_a_priority_counts_from_the_next_election_on() -> None:
    room = Room(100, 50)
    room.start()
    room.servers[KS2].update_config(replace(room.configs[KS2], priority=200), room.now)
    room.run(100)
    assert room.primaries == [KS1]
    room.servers[KS2].clear_role(room.now)
    room.run(30)
    assert room.primaries == [KS2]


def test_secondaries_take_the_primary_s_keys() -> None:
    room = Room(100, 50, 20)
    room.start()
    room.run(5)
    assert room.keys[KS1].kek is not None
    assert {room.keys[a].kek for a in room.addresses} == {room.keys[KS1].kek}
    room.run(2000)
    assert len({room.keys[a].kek for a in room.addresses}) == 1
    assert len({frozenset(room.keys[a].teks) for a in room.addresses}) == 1


def test_failover_keeps_keys_and_members() -> None:
    room = Room(100, 50, 20)
    room.start()
    for number, server in enumerate(room.servers.values()):
        server.member_registered(GM + number, (1, 0, 17), room.now)
    room.run(30)
    assert all(len(server.database) == 3 for server in room.servers.values())
    kek, teks, sequence = room.keys[KS2].kek, dict(room.keys[KS2].teks), room.keys[KS2].sequence
    room.kill(KS1)
    room.run(75)
    assert room.primaries == [KS2]
    assert (room.keys[KS2].kek, set(room.keys[KS2].teks)) == (kek, set(teks))
    assert room.keys[KS2].sequence > sequence
    assert room.keys[KS2].members >= {int(GM), int(GM + 2)}
    assert room.of(KS2, events.PeerUnreachable)
    assert events.ElectionStarted("GETVPN", KS1) in room.events[KS2]
    assert events.PrimaryChanged("GETVPN", KS2, KS1) in room.events[KS3]


def test_dead_peer_detection_is_faster() -> None:
    room = Room(100, 50)
    room.start()
    room.kill(KS1)
    room.run(15)
    room.servers[KS2].contact_lost(KS1, Contact.NONE, True, room.now)
    room.run(9)
    assert room.primaries == [KS2]


def test_who_was_just_heard_is_not_dead() -> None:
    """Of two phase 1 SAs one may end while the other is in use."""
    room = Room(100, 50)
    room.start()
    room.servers[KS2].contact_lost(KS1, Contact.NONE, True, room.now)
    room.run(60)
    assert room.primaries == [KS1]
    assert not room.of(KS2, events.PeerUnreachable)


def test_the_primary_s_answer_is_a_sign_of_life() -> None:
    room = Room(100, 50)
    room.configs[KS1] = replace(room.configs[KS1], timers=CoopTimers(refresh=600.0))
    room.start()
    room.run(590)
    assert room.primaries == [KS1]
    assert not room.of(KS2, events.ElectionStarted)[1:]


def test_the_returning_primary_does_not_preempt() -> None:
    room = Room(100, 50)
    room.start()
    kek = room.keys[KS1].kek
    room.kill(KS1)
    room.run(80)
    room.start(KS1)
    room.run(120)
    assert room.primaries == [KS2]
    assert room.keys[KS1].kek == kek


def test_split_and_merge() -> None:
    room = Room(100, 75, 50, 25)
    room.start()
    room.run(5)
    room.separate(KS1, KS3)
    room.run(120)
    assert room.primaries == [KS1, KS2]
    room.run(400)
    teks = set(room.keys[KS1].teks) | set(room.keys[KS2].teks)
    assert not set(room.keys[KS1].teks) & set(room.keys[KS2].teks)
    room.mend()
    room.run(70)
    assert room.primaries == [KS1]
    assert all(room.keys[address].kek == room.keys[KS1].kek for address in room.addresses)
    assert all(set(room.keys[address].teks) >= teks for address in room.addresses)
    assert room.of(KS1, events.KeysUnited)
    assert not any(server.diverged for server in room.servers.values())
    assert events.PeerReachable("GETVPN", KS2) in room.events[KS1]


def test_who_cannot_hear_the_primary_follows_it_through_another() -> None:
    room = Room(100, 75, 50)
    room.start()
    room.cut = {(KS1, KS3), (KS3, KS1)}
    room.run(900)
    assert room.primaries == [KS1]
    assert room.keys[KS3].kek == room.keys[KS1].kek
    assert room.keys[KS3].newest == room.keys[KS1].newest
    assert not room.of(KS3, events.ElectionStarted)[1:]


def test_no_dead_primary_lives_on_in_reports() -> None:
    room = Room(100, 75, 50, 25)
    room.start()
    room.kill(KS1)
    room.run(120)
    assert room.primaries == [KS2]


def test_roles_are_cleared_everywhere() -> None:
    room = Room(100, 75, 50)
    room.start(KS2, KS3)
    room.run(60)
    room.start(KS1)
    room.run(60)
    kek = room.keys[KS2].kek
    assert room.primaries == [KS2]
    room.servers[KS3].clear_role(room.now)
    room.run(30)
    assert room.primaries == [KS1]
    assert room.keys[KS1].kek == kek
    assert Kind.ELECTION in {message.kind for _, message in room.messages}


def test_strangers_are_reported_once_a_minute() -> None:
    room = Room(100, 50)
    room.configs[KS2] = replace(room.configs[KS2], peers=())
    room.start()
    room.run(50)
    assert events.PeerUnauthorized("GETVPN", KS1, KS2) in room.events[KS2]
    assert len(room.of(KS2, events.PeerUnauthorized)) == 1
    assert room.primaries == [KS1, KS2]


@pytest.mark.parametrize(
    ("field", "value", "event"),
    [
        ("tek", b"X" * 8, events.ConfigMismatch("GETVPN", KS1, "TEK policy")),
        ("kek", b"X" * 8, events.ConfigMismatch("GETVPN", KS1, "KEK policy")),
        ("transport", b"X" * 8, events.ConfigMismatch("GETVPN", KS1, "rekey transport")),
        ("replay", b"\0" + b"X" * 7, events.ConfigMismatch("GETVPN", KS1, "anti-replay")),
        ("replay", b"\1" + b"X" * 7, events.ReplayMismatch("GETVPN", KS1)),
        ("signing_key", b"X" * 8, events.ConfigMismatch("GETVPN", KS1, "rekey RSA key")),
    ],
)
def test_differing_configurations(field: str, value: bytes, event: GroupEvent) -> None:
    room = Room(100, 50)
    fingerprint = replace(Fingerprint(), **{field: value})
    room.configs[KS2] = replace(room.configs[KS2], fingerprint=fingerprint)
    room.start()
    room.run(100)
    found = [item for item in room.events[KS2] if isinstance(item, (events.ConfigMismatch, events.ReplayMismatch))]
    assert found == [event]
    assert not [item for item in room.events[KS1] if isinstance(item, events.ConfigMismatch)]


@pytest.mark.parametrize(
    ("version", "major", "older"), [((2, 0, 0), True, False), ((0, 9, 0), True, True), ((1, 1, 0), False, False)]
)
def test_other_versions(version: tuple[int, int, int], major: bool, older: bool) -> None:
    room = Room(100, 50)
    room.configs[KS1] = replace(room.configs[KS1], coop_version=version)
    room.start()
    room.run(60)
    found = room.of(KS2, events.VersionMismatch)
    assert found[0] == events.VersionMismatch("GETVPN", KS1, ".".join(map(str, version)), major, older)
    assert room.primaries == ([KS1, KS2] if major else [KS1])


def test_pseudotime_follows_the_larger_one() -> None:
    room = Room(100, 50)
    room.start(KS2)
    room.run(500)
    room.kill(KS2)
    room.start(KS1)
    room.run(60)
    room.start(KS2)
    room.run(5)
    assert room.keys[KS1].pseudotime(room.now) == pytest.approx(room.keys[KS2].pseudotime(room.now), abs=0.01)
    room.keys[KS2].set_pseudotime(9000.0, room.now)
    room.run(25)
    assert room.of(KS2, events.PseudotimeBehind)
    assert room.of(KS1, events.PseudotimeAhead)
    assert room.keys[KS1].pseudotime(room.now) == pytest.approx(room.keys[KS2].pseudotime(room.now), abs=0.01)


def test_only_the_primary_s_pseudotime_is_followed() -> None:
    room = Room(100, 50, 25)
    room.start()
    room.cut = {(KS1, KS3), (KS3, KS1)}
    room.run(300)
    room.keys[KS3].set_pseudotime(9000.0, room.now)
    mine = room.keys[KS2].pseudotime(room.now)
    assert mine is not None
    for member in range(3):
        room.servers[KS3].member_registered(GM + member, (1, 0, 17), room.now)
        room.run(40)
    (ignored,) = room.of(KS2, events.PseudotimeIgnored)
    assert isinstance(ignored, events.PseudotimeIgnored)
    assert ignored.theirs - ignored.mine > 8000
    assert room.keys[KS2].pseudotime(room.now) == pytest.approx(mine + 120, abs=0.1)


def test_too_large_announcements_are_dropped() -> None:
    room = Room(100, 50, pdu=150)
    room.start()
    room.run(60)
    assert room.of(KS1, events.AnnouncementTooLarge)
    assert room.servers[KS1].peers[KS2].counters.sent_drops > 0
    assert room.primaries == [KS1, KS2]


@pytest.mark.parametrize(("form", "members"), [(DatabaseForm.BASE, 4000), (DatabaseForm.OPTIMIZE, 8000)])
def test_large_tables_are_told_in_pages(form: DatabaseForm, members: int) -> None:
    room = Room(100, 50, form=form)
    room.start()
    for number in range(members):
        room.servers[KS2].member_registered(GM + number, (1, 0, 17), room.now)
    room.run(30)
    assert len(room.servers[KS1].database) == members
    assert max(room.sizes) <= room.configs[KS1].pdu
    before = len(room.messages)
    room.run(100)
    assert max(room.sizes[before:]) < 1000
    room.servers[KS2].member_registered(GM + members, (1, 0, 17), room.now)
    room.run(100)
    assert len(room.servers[KS1].database) == members
    assert room.of(KS2, events.LimitReached)


def test_eight_key_servers() -> None:
    room = Room(*range(10, 90, 10))
    room.start()
    room.run(100)
    assert room.primaries == [KS1 + 7]
    assert all(peer.status is Status.ALIVE for peer in room.servers[KS1 + 7].peers.values())
    assert room.servers[KS1 + 7].all_reachable


def test_a_quiet_secondary_only_answers() -> None:
    room = Room(100, 50)
    room.start()
    room.run(20 * 60)
    primary, secondary = room.servers[KS1].peers[KS2].counters, room.servers[KS2].peers[KS1].counters
    assert primary.sent + primary.sent_with_request > 55
    assert secondary.sent + secondary.sent_with_request < 25


@pytest.mark.parametrize("field", ["sequence", "beat"])
def test_absurd_numbers_are_refused(field: str) -> None:
    room = Room(100, 50)
    room.start()
    message = next(message for sender, message in reversed(room.messages) if sender == KS1)
    later = replace(message, sequence=message.sequence + 5)
    absurd = replace(later, sequence=0xFFFFFFFF) if field == "sequence" else replace(later, beat=0xFFFFFFFF)
    room.servers[KS2].receive(KS1, absurd, 0, room.now)
    room.settle()
    assert room.of(KS2, events.AnnouncementRefused)
    generation = replace(message, sequence=message.sequence + 6, keys=KeySet(0, 0xFFFFFFFF))
    room.servers[KS2].receive(KS1, generation, 0, room.now)
    assert room.servers[KS2].keys.generation < 100


def test_whatever_a_peer_says_nothing_is_raised() -> None:
    """An authenticated peer that lies in every field."""
    room = Room(100, 50, 20)
    room.start()
    samples = [message for sender, message in room.messages if sender == KS1]
    for number in range(3000):
        sample = room.random.choice(samples).pack()
        damaged = bytearray(sample)
        for _ in range(room.random.randrange(1, 6)):
            damaged[room.random.randrange(8, len(damaged))] = room.random.choice(
                (0, 1, 0xFF, room.random.randrange(256))
            )
        try:
            message = CoopMessage.parse(bytes(damaged))
        except ValueError:
            continue
        message = replace(message, sender=KS1, sequence=1000 + number)
        room.servers[KS2].receive(KS1, message, len(damaged), room.now)
        room.now += room.random.random()
        room.settle()


def test_a_changed_list_of_peers() -> None:
    room = Room(100, 50, 25, 10)
    room.start()
    room.servers[KS1].update_config(replace(room.configs[KS1], peers=(KS2, KS3)), room.now)
    room.settle()
    assert events.PeerRemoved("GETVPN", KS4) in room.events[KS1]
    room.servers[KS1].update_config(room.configs[KS1], room.now)
    room.settle()
    assert room.of(KS1, events.PeerAdded)[-1] == events.PeerAdded("GETVPN", KS4)
    assert room.servers[KS1].peers[KS4].status is Status.ALIVE
