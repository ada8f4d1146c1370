"""What all data planes of a router know of an SA in common, in memory that they share: the numbers that were sent, and
those that were received."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from mmap import mmap
from types import TracebackType

from iosemu.engines.esp.replay_window import ReplayWindow, SenderWindows
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.sequence import NonceExhaustedError

# The last number and when it was used; the floor of the windows and how many there are.
_NUMBER, _TIME, _FLOOR, _COUNT = (struct.Struct(form) for form in "QdQQ")
_TIME_AT, _FLOOR_AT, _COUNT_AT, _TABLE_AT = 8, 16, 24, 64
# A sender, one more than the highest number in its window (0 where there is no sender), and then a bit for each number.
_SENDER = 16
_HIGHEST = struct.Struct("Q")


class SharedMemory:
    """Memory for one SA. It lives as long as a process uses it; as a context, nobody else changes it meanwhile.

    The lock is a record lock (fcntl(2)): it goes with its process, however that ends.
    """

    __slots__ = ("descriptor", "octets")

    def __init__(self, descriptor: int) -> None:
        """Use what another process has made; the descriptor belongs to this one from now on. Raises OSError."""
        self.descriptor = descriptor
        self.octets = mmap(descriptor, os.fstat(descriptor).st_size)

    @classmethod
    def of_size(cls, octets: int) -> SharedMemory:
        """Memory full of zeros, which takes no room where nobody has written."""
        descriptor = os.memfd_create("iosemu-sa", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, octets)
        return cls(descriptor)

    def __del__(self) -> None:
        os.close(self.descriptor)

    def __enter__(self) -> None:
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX)

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        fcntl.lockf(self.descriptor, fcntl.LOCK_UN)


class SharedNumbers:
    """Sequence numbers that several processes draw on (see `Numbers`)."""

    __slots__ = ("memory",)

    def __init__(self, memory: SharedMemory) -> None:
        self.memory = memory

    @property
    def last(self) -> int:
        number: int = _NUMBER.unpack_from(self.memory.octets)[0]
        return number

    @property
    def used_at(self) -> float:
        used_at: float = _TIME.unpack_from(self.memory.octets, _TIME_AT)[0]
        return used_at

    @used_at.setter
    def used_at(self, now: float) -> None:
        _TIME.pack_into(self.memory.octets, _TIME_AT, now)

    def take(self, count: int, largest: int, reason: str) -> int:
        with self.memory:
            last = self.last
            if last + count > largest:
                raise NonceExhaustedError(reason)
            _NUMBER.pack_into(self.memory.octets, 0, last + count)
        return last + 1

    def leap(self, last: int) -> None:
        with self.memory:
            _NUMBER.pack_into(self.memory.octets, 0, max(self.last, last))


class SharedStore:
    """Replay windows that several processes look at (see `WindowStore`): a hash table with open addressing, of twice as
    many places as there may be senders."""

    __slots__ = ("_entry", "_memory", "_places", "_window")

    def __init__(self, memory: SharedMemory, window: int) -> None:
        self._memory, self._window = memory, window
        self._entry = _entry_octets(window)
        self._places = (len(memory.octets) - _TABLE_AT) // self._entry

    @property
    def limit(self) -> int:
        """How many senders may be in it."""
        return self._places // 2

    def __len__(self) -> int:
        count: int = _COUNT.unpack_from(self._memory.octets, _COUNT_AT)[0]
        return count

    @property
    def floor(self) -> int:
        floor: int = _FLOOR.unpack_from(self._memory.octets, _FLOOR_AT)[0]
        return floor

    @floor.setter
    def floor(self, floor: int) -> None:
        _FLOOR.pack_into(self._memory.octets, _FLOOR_AT, floor)

    def get(self, sender: int) -> ReplayWindow | None:
        return self._window_at(self._place(self._memory.octets, sender.to_bytes(_SENDER, "big")))

    def put(self, sender: int, window: ReplayWindow) -> None:
        octets, name = self._memory.octets, sender.to_bytes(_SENDER, "big")
        at = self._place(octets, name)
        if not _HIGHEST.unpack_from(octets, at + _SENDER)[0]:
            _COUNT.pack_into(octets, _COUNT_AT, len(self) + 1)
        octets[at : at + self._entry] = self._packed(name, window)

    def items(self) -> Iterator[tuple[int, ReplayWindow]]:
        octets = self._memory.octets
        for at in range(_TABLE_AT, _TABLE_AT + self._places * self._entry, self._entry):
            window = self._window_at(at)
            if window is not None:
                yield int.from_bytes(octets[at : at + _SENDER], "big"), window

    def replace(self, windows: Mapping[int, ReplayWindow]) -> None:
        table = bytearray(_TABLE_AT + self._places * self._entry)
        for sender, window in windows.items():
            name = sender.to_bytes(_SENDER, "big")
            at = self._place(table, name)
            table[at : at + self._entry] = self._packed(name, window)
        self._memory.octets[_TABLE_AT : len(table)] = table[_TABLE_AT:]
        _COUNT.pack_into(self._memory.octets, _COUNT_AT, len(windows))

    def alone(self) -> AbstractContextManager[object]:
        return self._memory

    def _place(self, octets: mmap | bytearray, name: bytes) -> int:
        """Where a sender's entry is, or would be."""
        number = int.from_bytes(name[-8:], "big") * 0x9E3779B97F4A7C15 >> 16
        while True:
            at = _TABLE_AT + number % self._places * self._entry
            if octets[at : at + _SENDER] == name or not _HIGHEST.unpack_from(octets, at + _SENDER)[0]:
                return at
            number += 1

    def _window_at(self, at: int) -> ReplayWindow | None:
        octets, bits = self._memory.octets, at + _SENDER + _HIGHEST.size
        (highest,) = _HIGHEST.unpack_from(octets, at + _SENDER)
        if not highest:
            return None
        return ReplayWindow(self._window, highest - 1, int.from_bytes(octets[bits : at + self._entry], "little"))

    def _packed(self, name: bytes, window: ReplayWindow) -> bytes:
        seen = window.seen.to_bytes(self._entry - _SENDER - _HIGHEST.size, "little")
        return name + _HIGHEST.pack(window.highest + 1) + seen


def _entry_octets(window: int) -> int:
    return _SENDER + _HIGHEST.size + -(-window // 8)


def share(sa: EspSa) -> SharedMemory:
    """Move what an SA knows of numbers into memory that other processes can use, if it is not there yet."""
    if isinstance(sa.numbers, SharedNumbers):
        return sa.numbers.memory
    windows = sa.windows
    table = 2 * windows.limit * _entry_octets(windows.size) if windows is not None else 0
    memory = SharedMemory.of_size(_TABLE_AT + table)
    numbers = SharedNumbers(memory)
    numbers.leap(sa.numbers.last)
    numbers.used_at = sa.numbers.used_at
    sa.numbers = numbers
    if windows is not None:
        store = SharedStore(memory, windows.size)
        store.floor = windows.store.floor
        for sender, window in windows.store.items():
            store.put(sender, window)
        windows.store = store
    return memory


def shared_windows(memory: SharedMemory, size: int) -> SenderWindows:
    """The windows that `share` has moved to some memory."""
    store = SharedStore(memory, size)
    return SenderWindows(size, store.limit, store)
