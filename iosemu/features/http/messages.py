"""What is asked over HTTP, and what comes back (RFC 9110)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from urllib.parse import parse_qsl

from iosemu.engines.common import Endpoint

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. `path` is decoded and has no query; the names of headers are lower-case. `remote` is who
    asks, `local` what they asked, in the routing instance `vrf`."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes = field(repr=False)
    remote: Endpoint
    local: Endpoint
    vrf: str

    def header(self, name: str) -> str | None:
        """The value of a header."""
        return _header(self.headers, name)

    @property
    def parameters(self) -> dict[str, str]:
        """The query's names and values, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `headers` of one that is sent need not tell of type and length."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    content_type: str = "text/html"
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """The value of a header."""
        return _header(self.headers, name)


class HttpFailure(Enum):
    """Why there is no answer; the value is a reason for a person."""

    BAD_URL = "invalid URL"
    UNKNOWN_HOST = "unknown host"
    NO_SOURCE = "source interface has no address"
    UNREACHABLE = "no route to host"
    REFUSED = "connection refused"
    RESET = "connection reset"
    TIMED_OUT = "timed out"
    TOO_LARGE = "too large"
    PROTOCOL = "not an HTTP response"


def status_line(status: int) -> str:
    """`404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def plain(status: int, headers: Headers = ()) -> Response:
    """A short answer that says no more than its status."""
    return Response(status, f"{status_line(status)}\n".encode(), headers=headers)


def _header(headers: Headers, name: str) -> str | None:
    return next((value for own, value in headers if own.lower() == name.lower()), None)
