"""A bounds-checked reader: an inner length can never read past its payload."""

from __future__ import annotations

from iosemu.wire.errors import WireError


class Reader:
    """Reads big-endian fields from the front of some octets."""

    __slots__ = ("_data", "_offset")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0

    @property
    def offset(self) -> int:
        """Octets read so far."""
        return self._offset

    @property
    def remaining(self) -> int:
        """Octets left."""
        return len(self._data) - self._offset

    def take(self, count: int) -> bytes:
        """The next `count` octets."""
        if count < 0 or count > self.remaining:
            raise WireError(f"{count} octets wanted, {self.remaining} left")
        start = self._offset
        self._offset += count
        return self._data[start : self._offset]

    def u8(self) -> int:
        """An unsigned octet."""
        return self.take(1)[0]

    def u16(self) -> int:
        """An unsigned 16-bit number."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """An unsigned 32-bit number."""
        return int.from_bytes(self.take(4), "big")

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.remaining)

    def sub(self, count: int) -> Reader:
        """A reader that is confined to the next `count` octets."""
        return Reader(self.take(count))
