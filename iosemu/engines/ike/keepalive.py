"""How a speaker watches that its peers live."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Dead peer detection (RFC 3706): `interval` seconds of silence before a question, `retry` seconds between further
    ones. Periodic asks always, on demand only when there is something to send to the peer."""

    interval: float
    retry: float = 2.0
    periodic: bool = False
