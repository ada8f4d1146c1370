"""Messages between key servers: whole ones survive the wire, damaged ones raise WireError and nothing else."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from ipaddress import IPv4Address
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.wire.coop import CoopFlag, CoopMessage, CoopRole, Fingerprint, Kind, PrimaryReport
from iosemu.wire.coop_ids import HandedNumbers, ServerIds
from iosemu.wire.coop_keys import KekRecord, KeySet, PolicyRecord, SaNumbers, TekRecord
from iosemu.wire.coop_members import DatabaseForm, DatabasePart, MemberRecord
from iosemu.wire.errors import WireError

u8, u16, u31 = (st.integers(0, limit) for limit in (255, 65535, (1 << 31) - 1))
u64 = st.integers(0, (1 << 64) - 1)
octets = st.binary(max_size=70)
addresses = st.integers(0, (1 << 32) - 1).map(IPv4Address)
versions = st.tuples(u8, u8, u8)
numbers = st.builds(SaNumbers, u16, u8, u16, u16, u8, u16, st.booleans(), u31)
four, sixteen, digest = (st.binary(min_size=size, max_size=size) for size in (4, 16, 8))
keks = st.builds(KekRecord, sixteen, u8, u16, u8, u31, u31, u31, u31, octets, octets, octets)
teks = st.builds(TekRecord, numbers, four, u31, u31, octets, octets, octets, octets)
key_sets = st.builds(
    KeySet,
    u31,
    u31,
    st.booleans(),
    st.none() | keks,
    st.lists(teks, max_size=4).map(tuple),
    st.lists(st.builds(PolicyRecord, numbers, octets), max_size=3).map(tuple),
    st.lists(four | sixteen, max_size=5).map(tuple),
    u64,
    st.booleans(),
)
records = st.lists(st.builds(MemberRecord, addresses, addresses, u31, versions, st.booleans()), max_size=20).map(tuple)
kssid = st.integers(0, 511)
kssids = st.lists(kssid, max_size=8).map(tuple)
databases = st.builds(DatabasePart, st.sampled_from(DatabaseForm), u64, u31, u31, u31, st.booleans(), records)
messages = st.builds(
    CoopMessage,
    st.tuples(u8, four),
    addresses,
    u8,
    st.sampled_from(CoopRole),
    u64,
    u31,
    st.sampled_from(Kind),
    st.integers(0, 15).map(CoopFlag),
    u31,
    versions,
    versions,
    st.none() | st.integers(0, 1 << 40).map(lambda value: value / 1000),
    st.none() | st.builds(PrimaryReport, addresses, u8, u64, u31),
    st.none() | st.builds(Fingerprint, digest, digest, digest, digest, digest),
    st.none() | key_sets,
    st.none() | databases,
    st.none() | st.builds(ServerIds, u8, u8, st.none() | kssid, kssids, kssids, u31),
    kssids,
    st.none() | st.builds(HandedNumbers, u64, u31, u64, st.frozensets(kssid)),
)


def ordered(message: CoopMessage) -> CoopMessage:
    """The optimized form groups records; their order means nothing."""
    if message.database is None:
        return message
    records = tuple(sorted(message.database.records, key=repr))
    return replace(message, database=replace(message.database, records=records))


@given(messages)
@settings(max_examples=150)
def test_round_trip(message: CoopMessage) -> None:
    assert ordered(CoopMessage.parse(message.pack())) == ordered(message)


def sample() -> CoopMessage:
    """A message with everything in it."""
    sa = SaNumbers(10, 12, 256, 5, 2, 5, False, 3600)
    keys = KeySet(
        1,
        2,
        True,
        KekRecord(bytes(16), 3, 256, 2, 86400, 5000, 7, 0, b"key" * 90, bytes(16), bytes(32)),
        (TekRecord(sa, b"\1\2\3\4", 1000, 2000, bytes(23), bytes(32), bytes(32), b""),),
        (PolicyRecord(sa, bytes(45)),),
        (b"\5\6\7\10", bytes(16)),
    )
    members = tuple(MemberRecord(IPv4Address(number), IPv4Address("192.0.2.1"), number) for number in range(1, 30))
    return CoopMessage(
        (0, bytes(4)),
        IPv4Address("192.0.2.1"),
        100,
        CoopRole.PRIMARY,
        1 << 60,
        5,
        pseudotime=12.5,
        primary=PrimaryReport(IPv4Address("192.0.2.2"), 1, 2, 3),
        fingerprint=Fingerprint(),
        keys=keys,
        database=DatabasePart(DatabaseForm.OPTIMIZE, 1, 2, 3, 4, True, members),
        server_ids=ServerIds(24, 24, 1, (1, 2, 3), (1,)),
        handed=HandedNumbers(1 << 60, 1, 1 << 61, frozenset((2, 511))),
    )


@pytest.mark.parametrize("seed", range(4))
def test_damaged_messages(seed: int) -> None:
    random, whole = Random(seed), sample().pack()
    for _ in range(3000):
        damaged = bytearray(whole)
        for _ in range(random.randrange(1, 5)):
            damaged[random.randrange(len(damaged))] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
        if random.random() < 0.3:
            del damaged[random.randrange(len(damaged)) :]
        with contextlib.suppress(WireError):
            CoopMessage.parse(bytes(damaged))


def test_claims_that_would_cost_memory() -> None:
    """A count is believed only as far as octets follow."""
    head = sample().pack()[:52]
    for section, body in ((3, bytes(18) + b"\0" + b"\xff\xff"), (4, b"\1" + bytes(21) + b"\x7f\xff\xff\xff")):
        with pytest.raises(WireError):
            CoopMessage.parse(head + bytes((section,)) + len(body).to_bytes(4, "big") + body)


def test_unknown_sections_are_skipped_and_other_formats_refused() -> None:
    whole = sample().pack()
    assert CoopMessage.parse(whole + b"\x63\0\0\0\4what") == CoopMessage.parse(whole)
    with pytest.raises(WireError, match="format 1"):
        CoopMessage.parse(b"\1" + whole[1:])


def test_keys_are_not_shown() -> None:
    assert "iv=" not in repr(sample().keys)
    assert "keys=" not in repr(sample())
