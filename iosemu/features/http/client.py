"""The HTTP client: from a URL to an answer, or to the reason why there is none."""

from __future__ import annotations

import base64
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import quote, unquote, urlsplit

from iosemu.features.dns.config import resolve
from iosemu.features.http.messages import HttpFailure
from iosemu.features.http.transfer import OnDone, Options, Target, Transfer
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router

DEFAULT_PORT = 80


class HttpClient:
    """Fetches and posts over the router's own TCP. `source` is the interface of `ip http client source-interface`."""

    def __init__(self, router: Router, source: Callable[[], InterfaceName | None]) -> None:
        self._router = router
        self._source = source

    def get(self, url: str, on_done: OnDone, options: Options | None = None) -> Transfer:
        """Fetch a URL; `on_done` is called once, later, with the answer whatever its status, or with a failure."""
        return self._begin("GET", url, b"", "", on_done, options or Options())

    def post(
        self, url: str, body: bytes, content_type: str, on_done: OnDone, options: Options | None = None
    ) -> Transfer:
        """The same with something to bring along."""
        return self._begin("POST", url, body, content_type, on_done, options or Options())

    def _begin(
        self, method: str, url: str, body: bytes, content_type: str, on_done: OnDone, options: Options
    ) -> Transfer:
        target = read_url(self._router, url, options.vrf)
        source = self._source_address(options)
        failure = target if isinstance(target, HttpFailure) else source if isinstance(source, HttpFailure) else None
        if failure is not None or isinstance(target, HttpFailure) or isinstance(source, HttpFailure):
            refused = failure or HttpFailure.BAD_URL
            return _Refused(self._router, on_done, refused)
        # Only a router that asks needs the library.
        from iosemu.features.http.fetching import Fetching

        socket = self._router.tcp.connect(target.address, target.port, source=source, vrf=options.vrf)
        return Fetching(self._router.clock, socket, target, method, body, content_type, on_done, options)

    def _source_address(self, options: Options) -> IPv4Address | HttpFailure | None:
        name = options.source or self._source()
        if name is None:
            return None
        interface = self._router.interfaces.get(name)
        address = interface.address if interface is not None else None
        if address is not None and self._router.ip.is_local(address, options.vrf):
            return address
        # What is configured for all falls back to the usual address; what was asked for does not.
        return HttpFailure.NO_SOURCE if options.source is not None else None


class _Refused:
    """A request that never began."""

    def __init__(self, router: Router, on_done: OnDone, failure: HttpFailure) -> None:
        self._timer = router.clock.call_later(0, lambda: on_done(failure))

    def cancel(self) -> None:
        self._timer.cancel()


def read_url(router: Router, url: str, vrf: str = "") -> Target | HttpFailure:
    """Take `http://[name:password@]host[:port]/path` apart; names of hosts are those of `ip host`."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT
    except ValueError:
        return HttpFailure.BAD_URL
    if parts.scheme.lower() != "http" or not parts.hostname or not url.isascii() or not url.isprintable():
        return HttpFailure.BAD_URL
    try:
        address: IPv4Address | None = IPv4Address(parts.hostname)
    except AddressValueError:
        address = resolve(router.model, parts.hostname, vrf)
    if address is None:
        return HttpFailure.UNKNOWN_HOST
    host = parts.hostname if port == DEFAULT_PORT else f"{parts.hostname}:{port}"
    # What is quoted already stays as it is.
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    return Target(address, port, host, path.replace(" ", "%20"), _basic(parts.username, parts.password))


def _basic(name: str | None, password: str | None) -> str:
    if name is None:
        return ""
    credentials = f"{unquote(name)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"
