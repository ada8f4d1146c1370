"""Capture files: pcapng is written, pcapng and pcap are read."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LINKTYPE_ETHERNET = 1
LINKTYPE_RAW = 101
_SECTION, _INTERFACE, _ENHANCED = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_TSRESOL = 9
NANOSECONDS = 9
SNAPLEN = 262144


class CaptureError(Exception):
    """A capture file cannot be read."""


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A frame with its time in seconds and the type of its link."""

    timestamp: float
    linktype: int
    data: bytes


class PcapngWriter:
    """Writes one interface of Ethernet frames. `epoch` is added to all times (seconds since 1970). Raises OSError when
    the file cannot be made; `failure` tells why it ends too early."""

    def __init__(self, path: Path, name: str, epoch: float) -> None:
        self._path = path
        self._file = path.open("wb")
        self.failure: str | None = None
        self._epoch = epoch
        self._block(_SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1))
        options = _option(2, name.encode()) + _option(_TSRESOL, bytes((NANOSECONDS,))) + bytes(4)
        self._block(_INTERFACE, struct.pack("<HHI", LINKTYPE_ETHERNET, 0, SNAPLEN) + options)

    def write(self, timestamp: float, frame: bytes) -> None:
        """Append a frame."""
        ticks = round((self._epoch + timestamp) * 10**NANOSECONDS)
        head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        # Nothing comes after what the disk did not take: a reader would not find its way.
        if self.failure is None:
            self._attempt(lambda: self._block(_ENHANCED, head + frame + bytes(-len(frame) % 4)))

    def flush(self) -> None:
        """Make what was written visible to readers."""
        self._attempt(self._file.flush)

    def close(self) -> None:
        """Finish the file."""
        self._attempt(self._file.close)

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            self.failure = f"{self._path}: {error.strerror}; later frames are missing"

    def _block(self, kind: int, body: bytes) -> None:
        length = struct.pack("<I", len(body) + 12)
        self._file.write(struct.pack("<I", kind) + length + body + length)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def read_capture(path: Path) -> Iterator[CapturedFrame]:
    """The frames of a file; raises CaptureError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}") from error
    try:
        if data[:4] == struct.pack("<I", _SECTION):
            yield from _pcapng(data)
        else:
            yield from _pcap(data)
    except (struct.error, IndexError) as error:
        raise CaptureError(f"{path}: the file is cut short or damaged") from error
    except CaptureError as error:
        raise CaptureError(f"{path}: {error}") from error


def _pcap(data: bytes) -> Iterator[CapturedFrame]:
    formats = {
        b"\xd4\xc3\xb2\xa1": ("<", 10**6),
        b"\xa1\xb2\xc3\xd4": (">", 10**6),
        b"\x4d\x3c\xb2\xa1": ("<", 10**9),
        b"\xa1\xb2\x3c\x4d": (">", 10**9),
    }
    if data[:4] not in formats:
        raise CaptureError("this is neither pcap nor pcapng")
    order, units = formats[data[:4]]
    linktype = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    offset = 24
    while offset < len(data):
        seconds, fraction, length, _ = struct.unpack_from(order + "IIII", data, offset)
        offset += 16
        yield CapturedFrame(seconds + fraction / units, linktype, data[offset : offset + length])
        offset += length


def _pcapng(data: bytes) -> Iterator[CapturedFrame]:
    offset = 0
    order = "<"
    interfaces: list[tuple[int, int]] = []
    while offset < len(data):
        if data[offset : offset + 4] == struct.pack("<I", _SECTION):
            order = "<" if data[offset + 8 : offset + 12] == struct.pack("<I", _BYTE_ORDER) else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, offset)
        if length < 12 or offset + length > len(data):
            raise CaptureError("the file is cut short or damaged")
        body = data[offset + 8 : offset + length - 4]
        if kind == _INTERFACE:
            interfaces.append((struct.unpack_from(order + "H", body)[0], _units(order, body[8:])))
        elif kind == _ENHANCED:
            index, high, low, captured, _ = struct.unpack_from(order + "IIIII", body)
            linktype, units = interfaces[index]
            yield CapturedFrame((high << 32 | low) / units, linktype, body[20 : 20 + captured])
        offset += length


def _units(order: str, options: bytes) -> int:
    """Ticks per second: microseconds unless the interface says otherwise."""
    offset = 0
    while offset + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, offset)
        if code == 0:
            break
        if code == _TSRESOL:
            value = options[offset + 4]
            return int(2 ** (value & 0x7F) if value & 0x80 else 10**value)
        offset += 4 + length + -length % 4
    return 10**6
