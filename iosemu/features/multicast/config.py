"""Multicast as it is configured: globally, and under interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

DR_PRIORITY, HELLO_INTERVAL, IGMP_VERSION, QUERY_INTERVAL, MAX_RESPONSE = 1, 30, 2, 60, 10


@dataclass
class MulticastInterface:
    """The lines under an interface; `mode` is `sparse-mode` ... or empty, a number that is None is the usual one."""

    mode: str = ""
    dr_priority: int | None = None
    hello_interval: int | None = None
    version: int | None = None
    query_interval: int | None = None
    querier_timeout: int | None = None
    max_response: int | None = None
    last_member_interval: int | None = None
    last_member_count: int | None = None
    joined: list[IPv4Address] = field(default_factory=list)
    static: list[IPv4Address] = field(default_factory=list)

    def lines(self) -> Lines:
        """Without indentation."""
        numbers = [
            ("ip pim dr-priority", self.dr_priority),
            ("ip pim query-interval", self.hello_interval),
            ("ip igmp version", self.version),
            ("ip igmp query-interval", self.query_interval),
            ("ip igmp querier-timeout", self.querier_timeout),
            ("ip igmp query-max-response-time", self.max_response),
            ("ip igmp last-member-query-interval", self.last_member_interval),
            ("ip igmp last-member-query-count", self.last_member_count),
        ]
        lines = [f"{words} {number}" for words, number in numbers[:2] if number is not None]
        lines += [f"ip pim {self.mode}"] if self.mode else []
        lines += [f"ip igmp join-group {group}" for group in self.joined]
        lines += [f"ip igmp static-group {group}" for group in self.static]
        return lines + [f"{words} {number}" for words, number in numbers[2:] if number is not None]


@dataclass(frozen=True, slots=True)
class RpLine:
    """`ip pim rp-address`: an RP for the groups of a list, or for all."""

    address: IPv4Address
    access_list: str = ""
    override: bool = False

    def line(self) -> str:
        """As it is printed."""
        words = [f"ip pim rp-address {self.address}", self.access_list, "override" if self.override else ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class StaticMroute:
    """`ip mroute`: the way back to sources; the target is a neighbour or an interface."""

    prefix: IPv4Network
    neighbor: IPv4Address | None = None
    interface: InterfaceName | None = None
    distance: int = 0

    def line(self) -> str:
        """As it is printed."""
        target = self.interface or self.neighbor
        distance = f" {self.distance}" if self.distance else ""
        return f"ip mroute {self.prefix.network_address} {self.prefix.netmask} {target}{distance}"


@dataclass
class MulticastConfig:
    """The block of multicast routing. `stay` are the lists of groups of `ip pim spt-threshold infinity`, "" for all
    groups."""

    routing: bool = False
    distributed: bool = False
    rps: list[RpLine] = field(default_factory=list)
    stay: list[str] = field(default_factory=list)
    mroutes: list[StaticMroute] = field(default_factory=list)
    interfaces: dict[InterfaceName, MulticastInterface] = field(default_factory=dict)

    def interface(self, name: InterfaceName) -> MulticastInterface:
        """What is configured under an interface, made when it is new."""
        return self.interfaces.setdefault(name, MulticastInterface())

    def forget_interface(self, name: InterfaceName) -> None:
        """The interface was removed, or set to its defaults."""
        self.interfaces.pop(name, None)


def _global(router: Router) -> list[Lines]:
    config = router.model.block(MulticastConfig)
    # IOS prints a blank behind the word.
    return [[f"ip multicast-routing {'distributed' if config.distributed else ''}"]] if config.routing else []


def _pim(router: Router) -> list[Lines]:
    config = router.model.block(MulticastConfig)
    stay = [f"ip pim spt-threshold infinity {f'group-list {name}' if name else ''}".rstrip() for name in config.stay]
    return [[*(item.line() for item in config.rps), *stay]]


def _mroutes(router: Router) -> list[Lines]:
    return [[item.line() for item in router.model.block(MulticastConfig).mroutes]]


def _interface_lines(model: Model, name: str) -> Lines:
    found = model.block(MulticastConfig).interfaces
    return [f" {line}" for key, item in found.items() if str(key) == name for line in item.lines()]


SECTIONS = (
    Section(Place.IP_GLOBAL, _global, 39),
    Section(Place.IP_FORWARD, _pim, 39),
    Section(Place.IP_FORWARD, _mroutes, 60),
)
CONTRIBUTION = Contribution("interface", 30, _interface_lines)
