"""Numbers in sender IDs go from key server to key server and are in one place at a time."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import count
from random import Random

import pytest

from iosemu.engines.gdoi.number_pool import Stay
from iosemu.engines.gdoi.sender_ids import SenderIds

KS = [IPv4Address("192.0.2.1") + number for number in range(4)]
SERIES = 7
lives = count(1)


class Holder:
    """A key server's sender IDs; `restart` begins its next life."""

    def __init__(self, place: int, numbers: range, founds: bool = False) -> None:
        self.place, self.numbers = place, numbers
        self.restart()
        if founds:
            self.ids.series = SERIES

    def restart(self) -> None:
        self.life = next(lives)
        self.ids = SenderIds(12, self.numbers)
        self.ids.share(True)

    @property
    def stay(self) -> Stay:
        return self.life, self.ids.left

    def join(self) -> None:
        """Take the keys of the series."""
        if self.ids.series != SERIES:
            self.ids = self.ids.successor(12, self.numbers, SERIES)

    def tell(self, other: Holder) -> frozenset[int]:
        """Hand over to another one what is due to it."""
        self.ids.hear(KS[other.place], other.ids.assigned)
        return self.ids.hand(KS[other.place], other.stay)

    def take(self, other: Holder, numbers: frozenset[int]) -> None:
        self.ids.pool.receive(KS[other.place], other.stay, numbers)

    def meet(self, other: Holder) -> None:
        """Each hands over to the other."""
        self.ids.hear(KS[other.place], other.ids.assigned)
        self.join()
        for one, two in ((other, self), (self, other)):
            two.take(one, one.tell(two))


def group(*sizes: int) -> list[Holder]:
    """Key servers with so many numbers each; the first has made the keys."""
    found = [Holder(place, range(16 * place, 16 * place + size), not place) for place, size in enumerate(sizes)]
    for holder in found:
        for other in found:
            if holder is not other:
                holder.ids.hear(KS[other.place], other.ids.assigned)
    for holder in found[1:]:
        holder.meet(found[0])
    return found


def given(holder: Holder) -> Iterator[int]:
    while (sids := holder.ids.take(1)) is not None:
        yield sids[0]


def test_most_of_its_numbers_are_a_key_server_s_own() -> None:
    first, second = group(16, 16)
    assert first.ids.available == [0, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]
    assert second.ids.available == [16, 18, 19, 20, 22, 23, 24, 26, 27, 28, 30, 31]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_who_has_few_numbers_can_use_one(size: int) -> None:
    for holder in group(size, size, size, size):
        assert holder.ids.remaining >= 31


def test_the_next_life_has_other_numbers() -> None:
    first, second = group(16, 16)
    before = set(given(first)) | set(given(second))
    for _ in range(2):
        first.restart()
        first.meet(second)
        fresh = set(given(first))
        assert fresh
        assert not fresh & before
        before |= fresh


def test_a_single_number_serves_one_life() -> None:
    first, second = group(1, 1)
    assert first.ids.take(1) == (1,)
    first.restart()
    first.meet(second)
    assert first.ids.remaining == 0
    assert first.ids.wanting


def test_what_is_told_again_or_too_late_changes_nothing() -> None:
    first, second = group(16, 16)
    told = first.tell(second)
    before = set(given(second))
    second.take(first, told)
    assert second.ids.take(1) is None
    # It leaves the keys and comes back: what it had before is told with its former stay.
    former = second.stay
    second.ids = second.ids.successor(12, second.numbers)
    second.ids.series = SERIES + 1
    second.join()
    assert second.stay != former
    second.take(first, first.tell(second))
    assert not set(given(second)) & before


@pytest.mark.parametrize("seed", range(40))
def test_no_sender_id_is_given_out_twice(seed: int) -> None:
    """Whatever is lost, repeated, restarted or configured otherwise."""
    random = Random(seed)
    holders = group(*(random.choice((1, 3, 8, 16)) for _ in range(random.choice((2, 3, 4)))))
    seen = set(holders[0].ids.take(1) or ())
    # Who said what to whom in which life of the latter.
    messages: list[tuple[Holder, Stay, Holder, Stay, frozenset[int]]] = []
    for _ in range(400):
        one, two = random.sample(holders, 2)
        event = random.choice(("tell", "tell", "arrive", "arrive", "give", "restart", "join", "change places"))
        if event == "tell" and one.ids.series == SERIES:
            messages.append((one, one.stay, two, two.stay, one.tell(two)))
        elif event == "arrive" and messages:
            source, stay, target, wanted, numbers = random.choice(messages)
            if target.stay == wanted and target.ids.series == SERIES:
                target.ids.pool.receive(KS[source.place], stay, numbers)
        elif event == "give" and one.ids.series == SERIES:
            for sid in one.ids.take(1) or ():
                assert sid not in seen
                seen.add(sid)
        elif event == "restart" and random.random() < 0.2 and any(h.ids.series for h in holders if h is not one):
            one.restart()
        elif event == "join":
            one.join()
        elif event == "change places":
            one.numbers, two.numbers = two.numbers, one.numbers
            for holder in (one, two):
                holder.ids.reassign(12, holder.numbers)


def test_the_length_of_numbers_stays_while_others_have_some() -> None:
    first, _ = group(16, 16)
    first.ids.reassign(32, (300,))
    assert (first.ids.bits, first.ids.assigned) == (12, tuple(range(16)))
    first.ids.reassign(24, range(8))
    assert (first.ids.bits, first.ids.assigned) == (24, tuple(range(8)))
    alone = SenderIds(12, (1,))
    alone.reassign(32, (300,))
    assert alone.bits == 32
