"""The HTTP server and client of a router."""

from __future__ import annotations

from iosemu.features.http.client import HttpClient
from iosemu.features.http.config import HttpConfig
from iosemu.features.http.pages import Pages
from iosemu.features.http.server import HttpServer
from iosemu.router.router import Router


class HttpService:
    """HTTP of one router, in both roles. `server` is where features register what they serve, `client` what they fetch
    with."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.server = HttpServer(router, Pages(router).answer)
        self.client = HttpClient(router, lambda: router.model.block(HttpConfig).source)
        self._port: int | None = None

    def reconcile(self) -> None:
        """Listen where the configuration says."""
        config = self._router.model.block(HttpConfig)
        self.server.limit = config.connections
        wanted = config.port if config.server else None
        if wanted == self._port:
            return
        if self._port is not None:
            self._router.tcp.unlisten(self._port)
        if wanted is not None:
            self._router.tcp.listen(wanted, self.server.accept, service="HTTP CORE")
        self._port = wanted

    def stop(self) -> None:
        """The host forgets its listeners by itself."""
