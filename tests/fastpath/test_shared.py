"""What processes know of an SA in common: no number is given twice, and none is let in twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from random import Random

import pytest

from iosemu.engines.esp.replay_window import SenderWindows
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.sequence import NonceExhaustedError
from iosemu.engines.gdoi.replay import Replay, ReplayMethod
from iosemu.fastpath.shared import SharedMemory, SharedNumbers, SharedStore, share, shared_windows
from tests.engines.esp.planes import tek
from tests.engines.gdoi.network import GCM

FORK = multiprocessing.get_context("fork")
Work = Callable[[SharedMemory, Connection], None]
PROCESSES, TURNS = 3, 2_000


def taking(memory: SharedMemory, pipe: Connection) -> None:
    numbers, random = SharedNumbers(memory), Random(os.getpid())
    found: list[int] = []
    for _ in range(TURNS):
        count = random.randrange(1, 5)
        first = numbers.take(count, 10**9, "")
        found += range(first, first + count)
    pipe.send(found)


def accepting(memory: SharedMemory, pipe: Connection) -> None:
    windows = shared_windows(memory, 64)
    pipe.send([number for number in range(1, TURNS) if windows.accept(number % 7, number)])


def own(window: int = 64) -> EspSa:
    key = tek(GCM)
    key.replay = Replay(ReplayMethod.COUNTER, window)
    return EspSa(key, 5, 24)


@pytest.mark.parametrize("work", [taking, accepting])
def test_processes_side_by_side_never_have_the_same_number(work: Work) -> None:
    memory, found, workers = share(own()), [], []
    for _ in range(PROCESSES):
        ours, theirs = FORK.Pipe(duplex=False)
        workers.append((FORK.Process(target=work, args=(memory, theirs)), ours))
    for process, _ in workers:
        process.start()
    for process, pipe in workers:
        found += pipe.recv()
        process.join()
    assert len(found) == len(set(found))
    # None is lost either, but those that came when the window had moved on.
    assert len(found) > TURNS / 2
    if work is taking:
        assert sorted(found) == list(range(1, SharedNumbers(memory).last + 1))


def test_process_that_dies_takes_its_lock_along() -> None:
    memory = share(own())
    ours, theirs = FORK.Pipe(duplex=False)

    def hold() -> None:
        with memory:
            theirs.send("held")
            signal.pause()

    process = FORK.Process(target=hold)
    process.start()
    assert ours.recv() == "held"
    process.kill()
    process.join()
    assert SharedNumbers(memory).take(1, 10, "") == 1


def test_numbers_end_where_they_would_end_alone() -> None:
    numbers = SharedNumbers(share(own()))
    numbers.leap(7)
    numbers.leap(3)
    assert numbers.take(2, 10, "no more") == 8
    with pytest.raises(NonceExhaustedError, match="no more"):
        numbers.take(2, 10, "no more")
    assert numbers.take(1, 10, "no more") == 10


@pytest.mark.parametrize("window", [64, 100, 1024])
@pytest.mark.parametrize("seed", range(5))
def test_shared_windows_answer_as_those_of_one_alone(window: int, seed: int) -> None:
    random, limit = Random(seed), 8
    alone = SenderWindows(window, limit)
    first = own(window)
    assert first.windows is not None
    first.windows.limit = limit
    memory = share(first)
    views = first.windows, shared_windows(memory, window), SenderWindows(window, limit, SharedStore(memory, window))
    senders = [random.choice((random.getrandbits(24), random.getrandbits(128), 0)) for _ in range(20)]
    base = 1
    for _ in range(3_000):
        base += random.randrange(3)
        packets = [
            (random.choice(senders), max(0, base - random.randrange(-5, 2 * window)))
            for _ in range(random.choice((1, 1, 2, 3)))
        ]
        view = random.choice(views)
        assert [view.is_fresh(*packet) for packet in packets] == [alone.is_fresh(*packet) for packet in packets]
        runs = packets[:1], packets[1:], packets[:1]
        assert view.accept_runs(runs) == alone.accept_runs(runs)
    assert len(views[1]) == len(alone)
    assert dict(views[2].store.items()) == dict(alone.store.items())


def test_sa_goes_on_where_it_was_when_it_is_shared() -> None:
    sa = own()
    assert sa.windows is not None
    assert sa.take_numbers(10) == 1
    assert sa.windows.accept(5, 100)
    sa.numbers.used_at = 4.5
    memory = share(sa)
    assert share(sa) is memory
    assert (sa.take_numbers(1), sa.numbers.used_at) == (11, 4.5)
    assert not sa.windows.accept(5, 100)
    assert shared_windows(memory, 64).accept(5, 101)
    assert not sa.windows.accept(5, 101)
    again = EspSa(sa.tek, 5, 24)
    again.resume(sa)
    assert again.take_numbers(1) == 12
