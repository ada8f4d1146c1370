"""The HTTP server: which handler answers which path."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.features.http.messages import Request, Response, plain
from iosemu.router.router import Router
from iosemu.router.tcp_socket import TcpSocket

Handler = Callable[[Request], Response]


class HttpServer:
    """Features register what they serve; it is there while the server is configured to run. `fallback` answers what
    nobody registered. `open_connections` counts who is being served, `served` who ever was."""

    def __init__(self, router: Router, fallback: Handler) -> None:
        self._router = router
        self._fallback = fallback
        self._handlers: dict[str, Handler] = {}
        self.open_connections = 0
        self.served = 0
        self.limit = 5

    @property
    def prefixes(self) -> list[str]:
        """All paths that are registered."""
        return sorted(self._handlers)

    def register(self, prefix: str, handler: Handler) -> None:
        """Answer requests for a path and all below it, without asking who wants to know. The longest prefix wins; a
        handler answers at once and gets GET, HEAD and POST."""
        self._handlers[prefix.rstrip("/")] = handler

    def unregister(self, prefix: str) -> None:
        """Answer for a path no more."""
        self._handlers.pop(prefix.rstrip("/"), None)

    def answer(self, request: Request) -> Response:
        """The answer to a request."""
        if request.method not in ("GET", "HEAD", "POST"):
            return plain(501)
        found = [prefix for prefix in self._handlers if f"{request.path}/".startswith(f"{prefix}/")]
        handler = self._handlers[max(found, key=len)] if found else self._fallback
        return handler(request)

    def accept(self, socket: TcpSocket) -> None:
        """Serve a connection."""
        if self.open_connections >= self.limit:
            socket.abort()
            return
        # Only a router that is asked needs the library.
        from iosemu.features.http.serving import Serving

        self.open_connections += 1
        self.served += 1
        Serving(self._router, socket, self.answer, self._finished)

    def _finished(self) -> None:
        self.open_connections -= 1
