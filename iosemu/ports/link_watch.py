"""Whether a network device of the host is up, by rtnetlink (RFC 3549)."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator

_MESSAGE = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
NEW_LINK, DELETED_LINK, GET_LINK = 16, 17, 18
REQUEST = 1
LINK_GROUP = 1
UP, RUNNING = 0x1, 0x40
BUFFER = 65536


class LinkWatch:
    """Follows one device of the network namespace that the process is in, and tells of every change."""

    def __init__(self, name: str, changed: Callable[[], None]) -> None:
        self._index = socket.if_nametoindex(name)
        self._changed = changed
        self.up = self.gone = False
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.bind((0, LINK_GROUP))
        length = _MESSAGE.size + _LINK.size
        self._socket.send(_MESSAGE.pack(length, GET_LINK, REQUEST, 1, 0) + _LINK.pack(0, 0, self._index, 0, 0))
        self._take(self._socket.recv(BUFFER))
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    def close(self) -> None:
        """Stop."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _readable(self) -> None:
        before = self.up, self.gone
        try:
            self._take(self._socket.recv(BUFFER))
        except OSError:
            return
        if (self.up, self.gone) != before:
            self._changed()

    def _take(self, data: bytes) -> None:
        for kind, body in _messages(data):
            if kind not in (NEW_LINK, DELETED_LINK) or len(body) < _LINK.size:
                continue
            _, _, index, flags, _ = _LINK.unpack_from(body)
            if index == self._index:
                self.gone = kind == DELETED_LINK
                self.up = not self.gone and flags & (UP | RUNNING) == UP | RUNNING


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + _MESSAGE.size <= len(data):
        length, kind, *_ = _MESSAGE.unpack_from(data, offset)
        if length < _MESSAGE.size:
            return
        yield kind, data[offset + _MESSAGE.size : offset + length]
        offset += length + -length % 4
