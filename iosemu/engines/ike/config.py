"""What a phase 1 speaker is configured with."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.peers import PeerDirectory, Strangers
from iosemu.engines.ike.vendor import Version

# Seconds between datagrams that keep a NAT's entry alive (RFC 3948 section 4).
NAT_KEEPALIVE = 20.0


@dataclass(frozen=True, slots=True)
class IkePolicy:
    """One protection suite: `crypto isakmp policy`. Lower priority numbers are preferred; lifetime in seconds."""

    priority: int
    encryption: str = "des"
    key_bits: int = 0
    hash: str = "sha1"
    authentication: int = Authentication.RSA_SIGNATURES
    group: int = 1
    lifetime: int = 86400


@dataclass(frozen=True, slots=True)
class IkeConfig:
    """The speaker's settings. `peers` answers whatever depends on the peer; times in seconds."""

    policies: tuple[IkePolicy, ...] = ()
    peers: PeerDirectory = field(default_factory=Strangers, repr=False)
    version: Version = (1, 0, 17)
    nat_keepalive: float = NAT_KEEPALIVE
    aggressive_mode: bool = True
    fragmentation: bool = False
    retransmit_interval: float = 10.0
    retransmit_attempts: int = 5
    half_open_limit: int = 1000
    half_open_lifetime: float = 75.0
