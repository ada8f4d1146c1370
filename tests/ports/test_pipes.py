"""Messages between processes arrive whole, in their order, with the descriptors that belong to them."""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Iterator

import pytest

from iosemu.ports.child import Child
from iosemu.ports.pipes import Message, Pipe

Pair = tuple[Pipe, Pipe]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = Pipe.pair()
    yield one, other
    one.close()
    other.close()


def exchanged(pair: Pair, count: int) -> list[Message]:
    """What the second one receives while the first one flushes."""
    found: list[Message] = []
    while len(found) < count:
        pair[0].flush()
        assert select.select([pair[1]], [], [], 5)[0]
        found += pair[1].receive()
    return found


def opened() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def test_messages_of_all_sizes_come_in_their_order(pair: Pair) -> None:
    sent = [b"", "text", {"key": (1, 2.5)}, bytes(5_000_000), None]
    for message in sent:
        pair[0].send(message)
    assert pair[0].pending
    assert [message for message, _ in exchanged(pair, len(sent))] == sent
    assert not pair[0].pending


def test_descriptors_come_with_their_message(pair: Pair) -> None:
    before, files = opened(), [os.memfd_create(str(number)) for number in range(600)]
    pair[0].send("none")
    pair[0].send("many", files)
    pair[0].send("one", files[:1])
    (_, none), (_, many), (text, one) = exchanged(pair, 3)
    assert (none, len(many), len(one), text) == ([], 600, 1, "one")
    assert [os.fstat(number).st_ino for number in many] == [os.fstat(number).st_ino for number in files]
    for number in (*files, *many, *one):
        os.close(number)
    assert opened() == before


def test_whoever_is_gone_is_missed_and_nothing_stays_open() -> None:
    before = opened()
    one, other = Pipe.pair()
    for _ in range(100):
        one.send(bytes(100_000), [0])
    other.close()
    one.flush()
    assert not one.pending
    one.send("anybody?", [0])
    with pytest.raises(EOFError):
        one.receive()
    one.close()
    assert opened() == before


def test_what_was_sent_at_last_is_drained(pair: Pair) -> None:
    pair[0].send(bytes(1_000_000))
    started = time.monotonic()
    pair[0].drain(0.05)
    assert pair[0].pending
    assert time.monotonic() - started < 5


def test_child_that_ends_by_itself_is_missed() -> None:
    async def body() -> list[str]:
        ended = asyncio.get_running_loop().create_future()
        child = Child("this", lambda _: None, ended.set_result)
        found = [await asyncio.wait_for(ended, 10)]
        # There is nobody to wait for any more.
        child.send("anybody?")
        assert not child.wait_for("answer")
        return found

    assert asyncio.run(body()) == ["exit status 0"]
