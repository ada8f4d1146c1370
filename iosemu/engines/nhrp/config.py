"""What an NHRP station needs to know, and what it asks of its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

HOLDING_TIME = 7200


@dataclass(frozen=True, slots=True)
class StaticMap:
    """A configured binding of what is above the tunnel to an address below it."""

    target: IPv4Network
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class Server:
    """A next hop server that this station registers with; its binding stands in a map or came with it."""

    address: IPv4Address
    priority: int = 0
    cluster: int = 0


@dataclass(frozen=True, slots=True)
class NhrpConfig:
    """One tunnel interface: `address` above and `nbma` below it, times in seconds.

    `multicast` are addresses below that hear multicast, with `multicast_dynamic` also those that register here;
    `registration` of None is a third of the holding time.
    """

    address: IPv4Address
    network: IPv4Network
    nbma: IPv4Address
    network_id: int = 0
    mtu: int = 17912
    authentication: str | None = None
    holding: int = HOLDING_TIME
    registration: int | None = None
    unique: bool = True
    servers: tuple[Server, ...] = ()
    maps: tuple[StaticMap, ...] = ()
    multicast: tuple[IPv4Address, ...] = ()
    multicast_dynamic: bool = False
    redirect: bool = False
    redirect_timeout: int = 8
    shortcut: bool = False
    server_only: bool = False

    @property
    def registration_interval(self) -> float:
        """Seconds between two registrations with a server that answers."""
        return float(self.registration or max(self.holding // 3, 1))


@dataclass(frozen=True, slots=True)
class Location:
    """Where an address is: behind this router itself (`next_hop` of None) or behind a station of the tunnel. `prefix`
    is the network of the route."""

    prefix: IPv4Network
    next_hop: IPv4Address | None = None


# Looks an address up in the routing table; None when it is nowhere, or neither behind this router nor the tunnel.
Locate = Callable[[IPv4Address], "Location | None"]
