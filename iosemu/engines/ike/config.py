"""What a phase 1 speaker is configured with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.ike.vendor import Version

PRE_SHARED = 1


@dataclass(frozen=True, slots=True)
class IkePolicy:
    """One protection suite: `crypto isakmp policy`. Lower priority numbers are preferred; lifetime in seconds."""

    priority: int
    encryption: str = "des"
    key_bits: int = 0
    hash: str = "sha1"
    authentication: int = 3
    group: int = 1
    lifetime: int = 86400


@dataclass(frozen=True, slots=True)
class IkeConfig:
    """The speaker's configuration; `find_psk` gives the key for a peer's address."""

    policies: tuple[IkePolicy, ...] = ()
    find_psk: Callable[[IPv4Address], bytes | None] = field(default=lambda _: None, repr=False)
    version: Version = (1, 0, 17)
    retransmit_interval: float = 10.0
    retransmit_attempts: int = 5
    half_open_limit: int = 1000
    half_open_lifetime: float = 75.0
