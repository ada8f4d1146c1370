"""`ip nat` lines, global ones and those of interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.router.model import Model
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

INSIDE, OUTSIDE = "inside", "outside"


@dataclass(frozen=True)
class Pool:
    """`ip nat pool`; `by_prefix` tells how the size of the network was written."""

    name: str
    first: IPv4Address
    last: IPv4Address
    netmask: IPv4Address
    by_prefix: bool = False

    @property
    def line(self) -> str:
        """The whole line."""
        size = f"prefix-length {int(self.netmask).bit_count()}" if self.by_prefix else f"netmask {self.netmask}"
        return f"ip nat pool {self.name} {self.first} {self.last} {size}"


@dataclass(frozen=True)
class DynamicLine:
    """`ip nat inside source list`; `to` is an interface or the name of a pool."""

    access_list: str
    to: InterfaceName | str
    overload: bool = False

    @property
    def target(self) -> str:
        """The words behind the list."""
        return f"interface {self.to}" if isinstance(self.to, InterfaceName) else f"pool {self.to}"

    @property
    def line(self) -> str:
        """The whole line."""
        overload = " overload" if self.overload else ""
        return f"ip nat inside source list {self.access_list} {self.target}{overload}"


@dataclass(frozen=True)
class StaticLine:
    """`ip nat inside source static`; without ports it is about all of an address. `outside` is an address, or an
    interface whose address counts."""

    inside: IPv4Address
    outside: IPv4Address | InterfaceName
    protocol: str | None = None
    ports: tuple[int, int] = (0, 0)
    extendable: bool = False

    @property
    def line(self) -> str:
        """The whole line."""
        outside = f"interface {self.outside}" if isinstance(self.outside, InterfaceName) else str(self.outside)
        more = " extendable" if self.extendable else ""
        if self.protocol is None:
            return f"ip nat inside source static {self.inside} {outside}{more}"
        words = f"{self.protocol} {self.inside} {self.ports[0]} {outside} {self.ports[1]}"
        return f"ip nat inside source static {words}{more}"


@dataclass
class Nat:
    """All of it. `sides` says which interfaces are inside and which outside; `timeouts` has seconds by their word."""

    sides: dict[InterfaceName, str] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    dynamics: dict[str, DynamicLine] = field(default_factory=dict)
    statics: list[StaticLine] = field(default_factory=list)
    timeouts: dict[str, int] = field(default_factory=dict)
    limit: int | None = None

    def forget_interface(self, name: InterfaceName) -> None:
        """An interface that is gone is on no side."""
        self.sides.pop(name, None)

    def of(self, side: str) -> list[InterfaceName]:
        """The interfaces of a side."""
        return sorted((name for name, own in self.sides.items() if own == side), key=InterfaceName.sort_key)


def _paragraphs(router: Router) -> list[Lines]:
    block = router.model.block(Nat)
    lines = [f"ip nat translation {word} {seconds}" for word, seconds in block.timeouts.items()]
    lines += [f"ip nat translation max-entries {block.limit}"] if block.limit is not None else []
    lines += [pool.line for pool in block.pools.values()]
    lines += [line.line for line in sorted(block.dynamics.values(), key=lambda line: line.access_list)]
    return [lines + [line.line for line in block.statics]]


def _lines(model: Model, interface: str) -> Lines:
    name = parse_name(interface)
    side = model.block(Nat).sides.get(name) if name is not None else None
    return [f" ip nat {side}"] if side is not None else []


SECTION = Section(Place.IP_NAT, _paragraphs, 40)
CONTRIBUTION = Contribution("interface", 35, _lines)
