"""Frames by batches: through a pair of sockets, and one that is full or gone."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from random import Random

import pytest

from iosemu.fastpath.pure import Engine
from iosemu.ports.batches import Channel
from iosemu.ports.device import BATCH, LARGEST

Making = Callable[[int], Channel]
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def made(engine: Callable[[], Engine]) -> Making:
    return engine().channel


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for end in (left, right):
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    with left, right:
        yield left, right


def test_what_is_sent_arrives_in_order(made: Making, pair: Pair) -> None:
    sender, receiver = (made(end.fileno()) for end in pair)
    frames = [Random(size).randbytes(size) for size in (1, 60, 1514, 65000, LARGEST, 77)]
    assert sender.send(frames) == []
    assert receiver.receive() == frames
    assert receiver.receive() == []


def test_more_than_a_batch(made: Making, pair: Pair) -> None:
    sender, receiver = (made(end.fileno()) for end in pair)
    frames = [bytes((number,)) for number in range(BATCH + 40)]
    received: list[bytes] = []
    lost = sender.send(frames)
    while got := receiver.receive():
        assert len(got) <= BATCH
        received += got
    assert received == frames[: len(frames) - len(lost)]
    # A queue that is full loses the rest, in one piece.
    assert lost == list(range(len(frames) - len(lost), len(frames)))


def test_frame_that_the_kernel_refuses_does_not_stop_the_others(made: Making) -> None:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        left.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        assert made(left.fileno()).send([b"a", bytes(60000), b"b"]) == [1]
        assert made(right.fileno()).receive() == [b"a", b"b"]


def test_device_that_is_gone_says_so(made: Making, pair: Pair) -> None:
    gone = made(pair[0].fileno())
    spare = os.dup(pair[1].fileno())
    descriptor = pair[0].fileno()
    os.close(os.dup(descriptor))
    pair[0].close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        gone.receive()
    assert gone.send([b"x", b"y"]) == [0, 1]
    os.close(spare)


def test_pipe_stands_for_a_device_of_files(made: Making) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    assert made(writing).send([b"frame"]) == []
    assert made(reading).receive() == [b"frame"]
    assert made(reading).receive() == []
    assert made(reading).send([b"frame"]) == [0]
    os.close(reading)
    os.close(writing)
