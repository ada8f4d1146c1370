"""A TCP socket that waits for clients."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

BACKLOG = 128


class ListenError(Exception):
    """The address cannot be listened on; the text says why in one line."""


def parse_address(text: str) -> tuple[str, int]:
    """Address and port of `ADDR:PORT`; raises ListenError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ListenError(f"{text!r} is not of the form ADDR:PORT")
    return host.strip("[]"), int(port)


class Listener:
    """Hands each connection to `serve`. Nothing runs while nobody comes."""

    def __init__(self, address: str, port: int, serve: Callable[[socket.socket], Awaitable[None]]) -> None:
        self._serve = serve
        self._tasks: set[asyncio.Task[None]] = set()
        try:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            self._socket = socket.create_server((address, port), family=family, backlog=BACKLOG)
        except (OSError, OverflowError) as error:
            # Python adds the address to the reason.
            reason = (getattr(error, "strerror", None) or str(error)).partition(" (while ")[0]
            raise ListenError(f"{address}:{port}: {reason}") from error
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._accept)

    @property
    def port(self) -> int:
        """The port, also where any was asked for."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Listen no longer, and end what is being served."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        for task in self._tasks:
            task.cancel()

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._attended(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attended(self, connection: socket.socket) -> None:
        await self._serve(connection)
