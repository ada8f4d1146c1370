"""Arrays of keys of a logical key hierarchy (RFC 6407 section 5.6.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

VERSION = 1
_HEAD = struct.Struct("!BHB")
_NODE = struct.Struct("!HHI")
_KEY = struct.Struct("!HBBIII")


@dataclass(frozen=True, slots=True)
class LkhKey:
    """A key of the tree; `handle` tells its versions apart. Times are Unix seconds, 0 for no limit.

    `data` is IV and key, in an update array encrypted; its size follows from the algorithm of the KEK.
    """

    node: int
    handle: int
    algorithm: int
    data: bytes = field(repr=False)
    created: int = 0
    expires: int = 0

    def pack(self) -> bytes:
        """The key as it stands in an array."""
        return _KEY.pack(self.node, self.algorithm, 0, self.created, self.expires, self.handle) + self.data


@dataclass(frozen=True, slots=True)
class DownloadArray:
    """The keys of one member, from its leaf up to the root."""

    keys: tuple[LkhKey, ...]

    def pack(self) -> bytes:
        """The value of LKH_DOWNLOAD_ARRAY."""
        return _HEAD.pack(VERSION, len(self.keys), 0) + b"".join(key.pack() for key in self.keys)

    @classmethod
    def parse(cls, data: bytes, size: int) -> DownloadArray:
        """Read a value; keys have `size` octets."""
        reader = Reader(data)
        return cls(_pull_keys(reader, _pull_count(reader), size))


@dataclass(frozen=True, slots=True)
class UpdateArray:
    """New keys from somewhere in the tree up to the root, each encrypted with the one in front of it, the first with
    the key of `node` in its version `handle`."""

    node: int
    handle: int
    keys: tuple[LkhKey, ...]

    def pack(self) -> bytes:
        """The value of LKH_UPDATE_ARRAY."""
        head = _HEAD.pack(VERSION, len(self.keys), 0) + _NODE.pack(self.node, 0, self.handle)
        return head + b"".join(key.pack() for key in self.keys)

    @classmethod
    def parse(cls, data: bytes, size: int) -> UpdateArray:
        """Read a value; encrypted keys have `size` octets."""
        reader = Reader(data)
        count = _pull_count(reader)
        node, _, handle = _NODE.unpack(reader.take(_NODE.size))
        return cls(node, handle, _pull_keys(reader, count, size))


def _pull_count(reader: Reader) -> int:
    version, count, _ = _HEAD.unpack(reader.take(_HEAD.size))
    if version != VERSION:
        raise WireError(f"LKH array of version {version}")
    if count == 0:
        raise WireError("LKH array without keys")
    return int(count)


def _pull_keys(reader: Reader, count: int, size: int) -> tuple[LkhKey, ...]:
    found = []
    for _ in range(count):
        node, algorithm, _reserved, created, expires, handle = _KEY.unpack(reader.take(_KEY.size))
        found.append(LkhKey(node, handle, algorithm, reader.take(size), created, expires))
    if reader.remaining:
        raise WireError("octets behind the last key of an LKH array")
    return tuple(found)
