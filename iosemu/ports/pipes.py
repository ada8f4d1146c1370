"""Messages between processes: Python objects, with open descriptors where they are needed (unix(7), SCM_RIGHTS)."""

from __future__ import annotations

import array
import os
import pickle
import select
import socket
import struct
from collections import deque
from collections.abc import Sequence
from typing import Any

# How long a message is, and how many descriptors come with it.
_HEAD = struct.Struct("!IH")
_CHUNK = 1 << 18
# The most descriptors that the kernel takes at a time.
_MOST = 253

Message = tuple[Any, list[int]]


class Pipe:
    """One end. Nothing waits here: what the other side does not take yet stays until `flush`."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._out: deque[tuple[bytes, list[int]]] = deque()
        self._in = bytearray()
        self._descriptors: list[int] = []

    @classmethod
    def inherited(cls, descriptor: int) -> Pipe:
        """The end that another process has left open for this one."""
        return cls(socket.socket(fileno=descriptor))

    @classmethod
    def pair(cls) -> tuple[Pipe, Pipe]:
        """Both ends."""
        one, other = socket.socketpair()
        return cls(one), cls(other)

    def fileno(self) -> int:
        """To wait for."""
        return self._socket.fileno()

    @property
    def pending(self) -> bool:
        """Whether something is to be flushed."""
        return bool(self._out)

    def send(self, message: object, descriptors: Sequence[int] = ()) -> None:
        """Send a message, if there is anybody still; the descriptors stay the caller's."""
        octets = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        head = _HEAD.pack(len(octets), len(descriptors))
        self._out.append((head + octets, [os.dup(descriptor) for descriptor in descriptors]))
        self.flush()

    def flush(self) -> None:
        """Send what has waited, as far as the other side takes it."""
        while self._out:
            octets, descriptors = self._out[0]
            try:
                if descriptors:
                    sent = socket.send_fds(self._socket, [octets[:1]], descriptors[:_MOST])
                else:
                    sent = self._socket.send(octets)
            except BlockingIOError:
                return
            except ConnectionError:
                # `receive` will say so.
                self._forget()
                return
            for descriptor in descriptors[:_MOST]:
                os.close(descriptor)
            if sent == len(octets):
                self._out.popleft()
            else:
                self._out[0] = octets[sent:], descriptors[_MOST:]

    def drain(self, seconds: float) -> None:
        """Wait until what was sent is the other side's, or nobody takes it any more."""
        while self._out and select.select([], [self._socket], [], seconds)[1]:
            self.flush()

    def receive(self) -> list[Message]:
        """What has come, each with its descriptors, which are the caller's; raises EOFError when no more will."""
        try:
            octets, ancillary, _, _ = self._socket.recvmsg(
                _CHUNK, socket.CMSG_SPACE(_MOST * 4), socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            return []
        except ConnectionError as error:
            raise EOFError from error
        if not octets:
            raise EOFError
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._descriptors += array.array("i", data[: len(data) // 4 * 4])
        self._in += octets
        return self._whole()

    def close(self) -> None:
        """Leave the other side alone."""
        self._forget()
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []
        self._socket.close()

    def _whole(self) -> list[Message]:
        """The messages that are there as a whole."""
        found: list[Message] = []
        at = 0
        while len(self._in) - at >= _HEAD.size:
            length, count = _HEAD.unpack_from(self._in, at)
            begin = at + _HEAD.size
            if len(self._in) < begin + length:
                break
            at = begin + length
            found.append((pickle.loads(memoryview(self._in)[begin:at]), self._descriptors[:count]))
            del self._descriptors[:count]
        del self._in[:at]
        return found

    def _forget(self) -> None:
        for _, descriptors in self._out:
            for descriptor in descriptors:
                os.close(descriptor)
        self._out.clear()
