"""One request on one connection: IOS answers once and closes (`ip http timeout-policy ... requests 1`)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import h11

from iosemu.engines.tcp.events import Failure
from iosemu.features.http.messages import Request, Response, plain, status_line
from iosemu.router.clock import Timer
from iosemu.router.router import Router
from iosemu.router.tcp_socket import TcpSocket

MAXIMUM_BODY = 65536
MAXIMUM_HEAD = 8192
IDLE_TIMEOUT = 180.0


class Serving:
    """Reads a request, has it answered, writes the answer."""

    def __init__(
        self,
        router: Router,
        socket: TcpSocket,
        answer: Callable[[Request], Response],
        finished: Callable[[], None],
    ) -> None:
        self._router = router
        self._socket = socket
        self._answer = answer
        self._finished: Callable[[], None] | None = finished
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAXIMUM_HEAD)
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._unsent = 0
        self._timer: Timer = router.clock.call_later(IDLE_TIMEOUT, self._timed_out)
        socket.data = self._received
        socket.peer_closed = self._peer_closed
        socket.closed = self._over
        socket.failed = self._failed

    def _received(self, data: bytes) -> None:
        if self._http.our_state is not h11.IDLE and self._http.our_state is not h11.SEND_RESPONSE:
            return
        self._wait()
        try:
            self._http.receive_data(data)
            self._events()
        except h11.RemoteProtocolError as error:
            self._respond(plain(error.error_status_hint or 400))

    def _events(self) -> None:
        while True:
            if self._http.they_are_waiting_for_100_continue:
                self._socket.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAXIMUM_BODY:
                    self._respond(plain(413))
                    return
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                self._respond(self._answer(self._request(self._head)))
                return
            else:
                return

    def _request(self, head: h11.Request) -> Request:
        path, _, query = head.target.decode("latin-1").partition("?")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
        socket = self._socket
        return Request(
            head.method.decode("ascii"),
            unquote(path),
            query,
            headers,
            bytes(self._body),
            socket.remote,
            socket.local,
            socket.vrf,
        )

    def _respond(self, response: Response) -> None:
        head = self._head
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            wall = self._router.calendar.utc()
            headers = [
                ("Date", f"{wall:%a, %d %b %Y %H:%M:%S} GMT"),
                ("Server", "cisco-IOS"),
                ("Connection", "close"),
                ("Accept-Ranges", "none"),
                *response.headers,
                ("Content-Type", response.content_type),
                ("Content-Length", str(len(response.body))),
            ]
            _, _, reason = status_line(response.status).partition(" ")
            try:
                message = h11.Response(status_code=response.status, headers=headers, reason=reason.encode())
                self._socket.write(self._http.send(message) or b"")
                if head is None or head.method != b"HEAD":
                    self._socket.write(response.body)
            except h11.LocalProtocolError:
                # Such as an error found before the request was known.
                self._socket.abort()
                self._over()
                return
        self._wait()
        self._socket.close()

    def _wait(self) -> None:
        """Begin to wait anew; a slow reader is waited for while it reads."""
        self._timer.cancel()
        self._unsent = self._socket.unsent
        self._timer = self._router.clock.call_later(IDLE_TIMEOUT, self._timed_out)

    def _timed_out(self) -> None:
        if 0 < self._socket.unsent < self._unsent:
            self._wait()
            return
        self._socket.abort()
        self._over()

    def _peer_closed(self) -> None:
        if self._socket.writable:
            self._socket.close()

    def _failed(self, _: Failure) -> None:
        self._over()

    def _over(self) -> None:
        self._timer.cancel()
        finished, self._finished = self._finished, None
        if finished is not None:
            finished()
