"""Messages under a phase 1 SA: parts, order, loss, forgeries."""

from __future__ import annotations

import contextlib
from random import Random

import pytest

from iosemu.engines.common import Endpoint
from iosemu.engines.coop.channel import MAXIMUM_OPEN, PART_SIZE, Inbox, seal
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import ExchangeType, Header
from tests.engines.coop.pairs import KS1, KS2
from tests.engines.gdoi.network import sa_pair

ENDS = Endpoint(KS1, 848), Endpoint(KS2, 848)


def test_a_small_message_is_one_datagram() -> None:
    one, other = sa_pair(*ENDS, Random(1))
    (datagram,) = seal(one, 7, b"hello", Random(2).randbytes)
    header = Header.parse(datagram)
    assert int(header.exchange) == int(ExchangeType.COOP) == 240
    assert header.encrypted
    assert b"hello" not in datagram
    assert Inbox().open(other, header, datagram) == b"hello"


@pytest.mark.parametrize("size", [0, 1, PART_SIZE, PART_SIZE + 1, 64000])
def test_large_messages_in_any_order(size: int) -> None:
    random = Random(size)
    one, other = sa_pair(*ENDS, random)
    message = random.randbytes(size)
    datagrams = seal(one, 7, message, random.randbytes)
    assert max(map(len, datagrams)) < 1250
    random.shuffle(datagrams)
    inbox, opened = Inbox(), []
    for datagram in datagrams:
        opened.append(inbox.open(other, Header.parse(datagram), datagram))
    assert opened[-1] == message
    assert not any(opened[:-1])


def test_a_datagram_is_taken_once() -> None:
    one, other = sa_pair(*ENDS, Random(1))
    (datagram,) = seal(one, 7, b"hello", Random(2).randbytes)
    inbox = Inbox()
    inbox.open(other, Header.parse(datagram), datagram)
    with pytest.raises(WireError, match="used before"):
        inbox.open(other, Header.parse(datagram), datagram)


def test_incomplete_messages_give_way() -> None:
    random = Random(3)
    one, other = sa_pair(*ENDS, random)
    inbox = Inbox()
    parts = [seal(one, number, bytes(2 * PART_SIZE), random.randbytes) for number in range(MAXIMUM_OPEN + 1)]
    for first, _ in parts:
        assert inbox.open(other, Header.parse(first), first) is None
    last = parts[-1][1]
    assert inbox.open(other, Header.parse(last), last) == bytes(2 * PART_SIZE)
    oldest = parts[0][1]
    assert inbox.open(other, Header.parse(oldest), oldest) is None


def test_damaged_datagrams() -> None:
    random = Random(4)
    one, other = sa_pair(*ENDS, random)
    inbox = Inbox()
    for number in range(400):
        (datagram,) = seal(one, number, b"hello", random.randbytes)
        damaged = bytearray(datagram)
        damaged[random.randrange(20, len(damaged))] ^= 1 << random.randrange(8)
        with contextlib.suppress(WireError):
            assert inbox.open(other, Header.parse(bytes(damaged)), bytes(damaged)) in (None, b"hello")
