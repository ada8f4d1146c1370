"""Anti-replay by sequence numbers (RFC 4303 section 3.4.3): a window, and one for each sender of a group.

All members of a group send under one SPI and each counts for itself, so that one window would drop everybody but the
one who has sent most. `EspSa.sender_of` says who a sender is (docs/private-formats.md, section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

MAXIMUM_SENDERS = 16384


@dataclass(slots=True)
class ReplayWindow:
    """The last `size` sequence numbers of one sender. Bit 0 of the map `seen` stands for the highest one."""

    size: int
    highest: int = 0
    seen: int = 0

    @classmethod
    def above(cls, size: int, floor: int) -> ReplayWindow:
        """A window that takes nothing up to a number."""
        return cls(size, floor, (1 << size) - 1)

    def allows(self, sequence: int) -> bool:
        """Whether a packet may be fresh; asked before its ICV is verified."""
        if sequence > self.highest:
            return True
        behind = self.highest - sequence
        return sequence > 0 and behind < self.size and not self.seen >> behind & 1

    def take(self, sequence: int) -> None:
        """Mark the number of a packet that was verified."""
        ahead = sequence - self.highest
        if ahead > 0:
            self.seen = (self.seen << ahead | 1) & (1 << self.size) - 1 if ahead < self.size else 1
            self.highest = sequence
        else:
            self.seen |= 1 << -ahead


class WindowStore(Protocol):
    """Where the windows of an SA's senders are kept. Whoever has no window must be above `floor`."""

    floor: int

    def __len__(self) -> int: ...

    def get(self, sender: int) -> ReplayWindow | None:
        """That of a sender; changes to it count when it is put back."""

    def put(self, sender: int, window: ReplayWindow) -> None:
        """Keep a window."""

    def items(self) -> Iterable[tuple[int, ReplayWindow]]:
        """All of them."""

    def replace(self, windows: Mapping[int, ReplayWindow]) -> None:
        """Keep these, and no others."""

    def alone(self) -> AbstractContextManager[object]:
        """While nobody else may change anything."""


class OwnStore:
    """The windows of an SA that one data plane uses."""

    __slots__ = ("_windows", "floor")

    def __init__(self) -> None:
        self.floor = 0
        self._windows: dict[int, ReplayWindow] = {}

    def __len__(self) -> int:
        return len(self._windows)

    def get(self, sender: int) -> ReplayWindow | None:
        return self._windows.get(sender)

    def put(self, sender: int, window: ReplayWindow) -> None:
        self._windows[sender] = window

    def items(self) -> Iterable[tuple[int, ReplayWindow]]:
        return self._windows.items()

    def replace(self, windows: Mapping[int, ReplayWindow]) -> None:
        self._windows = dict(windows)

    def alone(self) -> AbstractContextManager[object]:
        return nullcontext()


@dataclass(slots=True)
class SenderWindows:
    """The windows of an SA's senders, for as long as the SA lives; `size` is in packets.

    At most `limit` senders have one. When there are more, those that have counted least lose theirs, and from then on
    whoever has none must be above all that was forgotten: nothing is ever let in twice.
    """

    size: int
    limit: int = MAXIMUM_SENDERS
    store: WindowStore = field(default_factory=OwnStore, repr=False)

    def __len__(self) -> int:
        return len(self.store)

    def is_fresh(self, sender: int, sequence: int) -> bool:
        """Whether a sequence number was not had from a sender and is not too old to know; asked before the packet is
        verified."""
        window = self.store.get(sender)
        return sequence > self.store.floor if window is None else window.allows(sequence)

    def accept(self, sender: int, sequence: int) -> bool:
        """Note the number of an authentic packet; False where somebody else has taken it meanwhile."""
        return self.accept_runs([[(sender, sequence)]])[0]

    def accept_runs(self, runs: Sequence[Sequence[tuple[int, int]]]) -> list[bool]:
        """Note senders and numbers of authentic packets, those of a run if all of them come for the first time; whether
        they do."""
        with self.store.alone():
            windows = self._windows_of({sender for run in runs for sender, _ in run})
            verdicts = [_taken(run, windows) for run in runs]
            for sender in {sender for run, taken in zip(runs, verdicts, strict=True) if taken for sender, _ in run}:
                self.store.put(sender, windows[sender])
        return verdicts

    def _windows_of(self, senders: set[int]) -> dict[int, ReplayWindow]:
        """The windows of some senders; there is room for those that have none yet."""
        found = {sender: self.store.get(sender) for sender in senders}
        fresh = sum(window is None for window in found.values())
        if fresh and len(self.store) + fresh > self.limit:
            self._forget_lowest()
            found = {sender: self.store.get(sender) for sender in senders}
        floor = self.store.floor
        return {sender: window or ReplayWindow.above(self.size, floor) for sender, window in found.items()}

    def _forget_lowest(self) -> None:
        """Make room for as many senders again."""
        by_height = sorted(self.store.items(), key=lambda item: (item[1].highest, item[0]))
        half = (len(by_height) + 1) // 2
        self.store.floor = by_height[half - 1][1].highest
        self.store.replace(dict(by_height[half:]))


def _taken(run: Sequence[tuple[int, int]], windows: Mapping[int, ReplayWindow]) -> bool:
    """Whether all packets of a run are fresh and none is there twice; then they are noted."""
    if len(set(run)) < len(run) or not all(windows[sender].allows(sequence) for sender, sequence in run):
        return False
    # The lowest first: a higher one may move a window beyond it.
    for sender, sequence in sorted(run):
        windows[sender].take(sequence)
    return True
