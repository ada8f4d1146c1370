"""What is translated to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.nat.flow import End

DAY = 86400


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without a packet after which a translation ends: by protocol, and of an address without ports."""

    simple: int = DAY
    tcp: int = DAY
    syn: int = 60
    finrst: int = 60
    udp: int = 300
    dns: int = 60
    icmp: int = 60


@dataclass(frozen=True, slots=True)
class Static:
    """A translation that is always there; `protocol` 0 is of a whole address."""

    inside: End
    outside: End
    protocol: int = 0


@dataclass(frozen=True, slots=True)
class Dynamic:
    """Packets that `selects` names get an address of these; with `overload` many share one, told apart by ports.
    `name` is what shows and messages call it."""

    name: str
    selects: Callable[[bytes], bool]
    addresses: range
    overload: bool = False


@dataclass(frozen=True, slots=True)
class NatConfig:
    """Everything; `reserved` tells the ports that the router itself uses, which are not given away."""

    statics: tuple[Static, ...] = ()
    dynamics: tuple[Dynamic, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    limit: int | None = None
    reserved: Callable[[int, End], bool] = lambda protocol, end: False


def addresses_between(first: IPv4Address, last: IPv4Address) -> range:
    """The addresses of a pool."""
    return range(int(first), int(last) + 1)
