"""One end of a TCP connection as features use it: callbacks for what happens, and no bound on what is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from iosemu.engines.common import Endpoint, Event
from iosemu.engines.tcp.connection import Connection
from iosemu.engines.tcp.events import Closed, Established, Failed, Failure, PeerClosed
from iosemu.engines.tcp.states import State


def _ignore(*_: object) -> None:
    """What nobody asked for."""


class TcpSocket:
    """Assign the callbacks that matter. `connected` comes once, then `data` for octets in order; `peer_closed` says
    that no more will come, `closed` that both sides have closed; `failed` ends the connection instead. `octets_in` and
    `octets_out` count what was read and written."""

    def __init__(self, connection: Connection, changed: Callable[[TcpSocket], None], now: float) -> None:
        self.connection = connection
        self.opened_at = now
        self.last_state = connection.state
        self.octets_in = self.octets_out = 0
        self.connected: Callable[[], None] = _ignore
        self.data: Callable[[bytes], None] = _ignore
        self.peer_closed: Callable[[], None] = _ignore
        self.closed: Callable[[], None] = _ignore
        self.failed: Callable[[Failure], None] = _ignore
        self._changed = changed
        self._backlog: deque[memoryview] = deque()
        self._closing = False
        self._paused = False
        # What is told once everything that came before has been read.
        self._later: list[Callable[[], None]] = []

    @property
    def local(self) -> Endpoint:
        """Our address and port."""
        return self.connection.local

    @property
    def remote(self) -> Endpoint:
        """The peer's address and port."""
        return self.connection.remote

    @property
    def vrf(self) -> str:
        """The routing instance."""
        return self.local.vrf

    @property
    def writable(self) -> bool:
        """Whether we have not closed and the connection is not over."""
        return not self._closing and self.connection.state not in (State.CLOSED, State.TIME_WAIT)

    @property
    def unsent(self) -> int:
        """Octets that were written and have not arrived as far as we know."""
        return self.connection.unsent + sum(map(len, self._backlog))

    def write(self, data: bytes) -> None:
        """Send octets, in time; what is written after `close` is lost."""
        if data and self.writable:
            self.octets_out += len(data)
            self._backlog.append(memoryview(data))
            self._changed(self)

    def close(self) -> None:
        """Send what was written, then say that this was all. What the peer still sends is taken."""
        self._closing = True
        self._changed(self)

    def abort(self) -> None:
        """End at once, with a RST; no callback follows."""
        self.connected = self.data = self.peer_closed = self.closed = self.failed = _ignore
        self._backlog.clear()
        self.connection.abort()
        self._changed(self)

    def pause(self) -> None:
        """Take no more data until `resume`: the window closes and the peer waits."""
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        self._paused = False
        self._changed(self)

    # What the host does

    def feed(self, now: float) -> None:
        """Hand what was written to the connection, as far as there is room."""
        while self._backlog:
            taken = self.connection.write(self._backlog[0], now)
            if taken < len(self._backlog[0]):
                self._backlog[0] = self._backlog[0][taken:]
                return
            self._backlog.popleft()
        # A connection that is not there yet would be given up, not closed.
        if self._closing and self.connection.state is not State.SYN_SENT:
            self.connection.close(now)

    def deliver(self, now: float) -> list[Event]:
        """Call back what happened; returns all events, those included that concern the host alone."""
        events = self.connection.take_events()
        for event in events:
            if isinstance(event, Established):
                self.connected()
            elif isinstance(event, PeerClosed):
                self._later.append(lambda: self.peer_closed())
            elif isinstance(event, Closed):
                self._later.append(lambda: self.closed())
            elif isinstance(event, Failed):
                self._later.append(lambda reason=event.reason: self.failed(reason))  # type: ignore[misc]
        if not self._paused:
            data = self.connection.read(now)
            if data:
                self.octets_in += len(data)
                self.data(data)
        if not self._paused:
            later, self._later = self._later, []
            for tell in later:
                tell()
        return events
