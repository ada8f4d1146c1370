"""Many frames by one system call: recvmmsg(2) and sendmmsg(2) on packet sockets. TUN and TAP take them singly."""

from __future__ import annotations

import errno
import os
import stat
from functools import cache
from typing import Any, Protocol

from iosemu.ports.device import BATCH, LARGEST

_DECLARATIONS = """
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr { void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen; void *msg_control;
    size_t msg_controllen; int msg_flags; };
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
int recvmmsg(int, struct mmsghdr *, unsigned int, int, void *);
int sendmmsg(int, struct mmsghdr *, unsigned int, int);
"""
_DONT_WAIT = 0x40
# A slot begins where a cache line does.
_SLOT = -(-LARGEST // 64) * 64
# What means that there is no room for more, rather than that something is wrong with a frame.
_FULL = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM)


class Channel(Protocol):
    """The frames of an open device, each behind an offload header."""

    def receive(self) -> list[bytes]:
        """At most BATCH frames, without waiting; raises OSError where there never will be any more."""

    def send(self, frames: list[bytes]) -> list[int]:
        """Send frames without waiting; the numbers of those that did not go."""


def channel(descriptor: int) -> Channel:
    """What suits a device."""
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return SocketChannel(descriptor)
    return FileChannel(descriptor)


class FileChannel:
    """A TUN or TAP device."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = bytearray(LARGEST)
        self._view = memoryview(self._buffer)

    def receive(self) -> list[bytes]:
        frames: list[bytes] = []
        buffers, view, descriptor, read = (self._buffer,), self._view, self._descriptor, os.readv
        try:
            while len(frames) < BATCH:
                frames.append(bytes(view[: read(descriptor, buffers)]))
        except BlockingIOError:
            pass
        except OSError:
            if not frames:
                raise
        return frames

    def send(self, frames: list[bytes]) -> list[int]:
        lost, descriptor, write = [], self._descriptor, os.write
        for number, frame in enumerate(frames):
            try:
                write(descriptor, frame)
            except OSError:
                lost.append(number)
        return lost


@cache
def _library() -> tuple[Any, Any]:
    import cffi

    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    return ffi, ffi.dlopen(None)


class _Slots:
    """Room for BATCH frames, and the kernel's description of it. `sizes` are those of the buffers, by every second
    number; `lengths` of what was received, by every sixteenth."""

    def __init__(self) -> None:
        ffi, _ = _library()
        self.memory = bytearray(_SLOT * BATCH)
        base = ffi.from_buffer(self.memory)
        self._vectors = ffi.new("struct iovec[]", BATCH)
        self.messages = ffi.new("struct mmsghdr[]", BATCH)
        for number in range(BATCH):
            self._vectors[number].iov_base, self._vectors[number].iov_len = base + number * _SLOT, _SLOT
            self.messages[number].msg_hdr.msg_iov = self._vectors + number
            self.messages[number].msg_hdr.msg_iovlen = 1
        view = memoryview(self.memory)
        self.views = [view[number * _SLOT : (number + 1) * _SLOT] for number in range(BATCH)]
        self.sizes = memoryview(ffi.buffer(self._vectors)).cast("Q")
        stride = ffi.sizeof("struct mmsghdr") // 4
        offset = ffi.offsetof("struct mmsghdr", "msg_len") // 4
        self.lengths = memoryview(ffi.buffer(self.messages)).cast("B").cast("I")[offset::stride]


class SocketChannel:
    """A packet socket, or any other of datagrams."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._in, self._out = _Slots(), _Slots()
        self._ffi, self._library = _library()

    def receive(self) -> list[bytes]:
        slots = self._in
        count = self._library.recvmmsg(self._descriptor, slots.messages, BATCH, _DONT_WAIT, self._ffi.NULL)
        if count < 0:
            if self._ffi.errno in (errno.EAGAIN, errno.EINTR):
                return []
            raise OSError(self._ffi.errno, os.strerror(self._ffi.errno))
        return [bytes(view[:length]) for view, length in zip(slots.views, slots.lengths[:count].tolist(), strict=False)]

    def send(self, frames: list[bytes]) -> list[int]:
        lost: list[int] = []
        for first in range(0, len(frames), BATCH):
            part = frames[first : first + BATCH]
            self._fill(part)
            done = 0
            while done < len(part):
                sent = self._library.sendmmsg(self._descriptor, self._out.messages + done, len(part) - done, _DONT_WAIT)
                if sent < 0:
                    if self._ffi.errno in _FULL:
                        lost.extend(range(first + done, len(frames)))
                        return lost
                    # The first of them is what the kernel did not want.
                    lost.append(first + done)
                    sent = 1
                done += sent
        return lost

    def _fill(self, frames: list[bytes]) -> None:
        sizes = self._out.sizes
        at = 1
        for view, frame in zip(self._out.views, frames, strict=False):
            length = len(frame)
            view[:length] = frame
            sizes[at] = length
            at += 2
