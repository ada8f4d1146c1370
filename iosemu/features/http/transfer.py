"""A transfer: where it leads, how it is done, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.features.http.messages import HttpFailure, Response
from iosemu.router.names import InterfaceName

TIMEOUT = 30.0
MAXIMUM_BODY = 16 * 1024 * 1024

Outcome = Response | HttpFailure
OnDone = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: `host` is the Host header's value, `path` has the query too, quoted for the wire. The
    `authorization` is that of the name and password that stand before the host (RFC 7617), empty without them."""

    address: IPv4Address
    port: int
    host: str
    path: str
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Options:
    """How a transfer is done. `source` is the interface whose address is used instead of the usual one. A transfer ends
    when nothing was heard for `timeout` seconds, or the answer is larger than `maximum` octets. `progress` hears how
    many octets came."""

    source: InterfaceName | None = None
    vrf: str = ""
    timeout: float = TIMEOUT
    maximum: int = MAXIMUM_BODY
    progress: Callable[[int], None] = lambda count: None


class Transfer(Protocol):
    """A request under way."""

    def cancel(self) -> None:
        """Give it up; nothing is told any more."""
