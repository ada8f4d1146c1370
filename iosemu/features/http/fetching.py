"""One request of ours on one connection."""

from __future__ import annotations

import h11

from iosemu.engines.tcp.events import Failure
from iosemu.features.http.messages import HttpFailure, Response
from iosemu.features.http.transfer import OnDone, Options, Outcome, Target
from iosemu.router.clock import Clock
from iosemu.router.tcp_socket import TcpSocket

_FAILURES = {
    Failure.REFUSED: HttpFailure.REFUSED,
    Failure.RESET: HttpFailure.RESET,
    Failure.ABORTED: HttpFailure.RESET,
    Failure.TIMED_OUT: HttpFailure.TIMED_OUT,
    Failure.UNREACHABLE: HttpFailure.UNREACHABLE,
}


class Fetching:
    """Writes the request, reads the answer, tells the outcome once."""

    def __init__(
        self,
        clock: Clock,
        socket: TcpSocket,
        target: Target,
        method: str,
        body: bytes,
        content_type: str,
        on_done: OnDone,
        options: Options,
    ) -> None:
        self._clock = clock
        self._socket = socket
        self._on_done: OnDone | None = on_done
        self._options = options
        self._http = h11.Connection(h11.CLIENT)
        self._response: h11.Response | None = None
        self._body = bytearray()
        self._timer = clock.call_later(options.timeout, self._timed_out)
        socket.data = self._received
        socket.peer_closed = lambda: self._received(b"")
        socket.failed = self._failed
        headers = [("Host", target.host), ("User-Agent", "cisco-IOS"), ("Accept", "*/*"), ("Connection", "close")]
        if target.authorization:
            headers.append(("Authorization", target.authorization))
        if body or method == "POST":
            headers += [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        request = h11.Request(method=method, target=target.path, headers=headers)
        socket.write((self._http.send(request) or b"") + (self._http.send(h11.Data(data=body)) or b""))
        self._http.send(h11.EndOfMessage())

    def cancel(self) -> None:
        """Give it up; nothing is told any more."""
        self._on_done = None
        self._timer.cancel()
        self._socket.abort()

    def _received(self, data: bytes) -> None:
        """Octets, or none at the end of the connection."""
        if self._on_done is None:
            return
        self._timer.cancel()
        self._timer = self._clock.call_later(self._options.timeout, self._timed_out)
        try:
            self._http.receive_data(data)
            self._events()
        except h11.RemoteProtocolError:
            self._finish(HttpFailure.PROTOCOL)

    def _events(self) -> None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Response):
                self._response = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                self._options.progress(len(event.data))
                if len(self._body) > self._options.maximum:
                    self._finish(HttpFailure.TOO_LARGE)
                    return
            elif isinstance(event, h11.EndOfMessage) and self._response is not None:
                self._finish(self._answer(self._response))
                return
            elif isinstance(event, h11.ConnectionClosed):
                self._finish(HttpFailure.PROTOCOL)
                return
            elif not isinstance(event, h11.InformationalResponse):
                return

    def _answer(self, head: h11.Response) -> Response:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
        answer = Response(head.status_code, bytes(self._body), headers=headers)
        return Response(answer.status, answer.body, answer.header("content-type") or "", headers)

    def _failed(self, reason: Failure) -> None:
        self._finish(_FAILURES[reason])

    def _timed_out(self) -> None:
        self._finish(HttpFailure.TIMED_OUT)

    def _finish(self, outcome: Outcome) -> None:
        on_done, self._on_done = self._on_done, None
        self._timer.cancel()
        if isinstance(outcome, Response):
            self._socket.close()
        else:
            self._socket.abort()
        if on_done is not None:
            on_done(outcome)
