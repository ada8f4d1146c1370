"""One UDP datagram per Ethernet frame, between processes or hosts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from iosemu.ports.errors import PortError
from iosemu.router.clock import Clock
from iosemu.router.port import Port

LARGEST = 65535


class UdpPort(Port):
    """Bound to a local address; frames come from and go to one remote address only."""

    @property
    def framing(self) -> str:
        """Ethernet frames."""
        return "ethernet"

    @property
    def carrier(self) -> bool:
        """Nobody knows whether somebody listens."""
        return True

    def __init__(self, clock: Clock, local: tuple[str, int], remote: tuple[str, int]) -> None:
        self._clock = clock
        self._receive: Callable[[bytes], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._remote = (socket.gethostbyname(remote[0]), remote[1])
            self._socket.bind(local)
        except OSError as error:
            self._socket.close()
            raise PortError(f"udp port {local[0]}:{local[1]}: {error.strerror or error}") from error
        self._loop.add_reader(self._socket, self._readable)

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        self._receive = receive

    def send(self, frame: bytes) -> bool:
        try:
            self._socket.sendto(frame, self._remote)
        except ConnectionRefusedError:
            return True  # an earlier frame met nobody there: lost, as on a wire
        except OSError:
            return False  # the buffer is full
        return True

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        while True:
            try:
                frame, sender = self._socket.recvfrom(LARGEST)
            except OSError:
                return
            if sender == self._remote:
                self._clock.call_later(0, lambda frame=frame: self._deliver(frame))  # type: ignore[misc]

    def _deliver(self, frame: bytes) -> None:
        if self._receive is not None:
            self._receive(frame)
