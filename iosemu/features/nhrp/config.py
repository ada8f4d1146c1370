"""The `ip nhrp` lines of interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.router.model import Model
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

HOST_MASK = IPv4Address("255.255.255.255")
REDIRECT_TIMEOUT = 8


@dataclass(frozen=True)
class NhsLine:
    """One `ip nhrp nhs` line; with `nbma` it says what a map and, if so, a multicast map would."""

    address: IPv4Address
    nbma: IPv4Address | None = None
    multicast: bool = False
    priority: int = 0
    cluster: int = 0

    @property
    def line(self) -> str:
        """The words behind `nhs`."""
        words = [str(self.address)]
        words += ["nbma", str(self.nbma)] if self.nbma is not None else []
        words += ["multicast"] if self.multicast else []
        words += ["priority", str(self.priority)] if self.priority else []
        return " ".join(words + (["cluster", str(self.cluster)] if self.cluster else []))


@dataclass
class NhrpLines:
    """One interface. `maps` has what is above the tunnel by what is below it; `multicast` of None is `dynamic`."""

    authentication: str | None = None
    network_id: int | None = None
    holdtime: int | None = None
    registration_timeout: int | None = None
    unique: bool = True
    maps: dict[IPv4Network, IPv4Address] = field(default_factory=dict)
    multicast: list[IPv4Address | None] = field(default_factory=list)
    servers: dict[IPv4Address, NhsLine] = field(default_factory=dict)
    server_only: bool = False
    shortcut: bool = False
    redirect: int | None = None

    def lines(self) -> Lines:
        """The lines under the interface."""
        lines = [f"authentication {self.authentication}"] if self.authentication is not None else []
        for target, nbma in self.maps.items():
            mask = f" {target.netmask}" if target.netmask != HOST_MASK else ""
            lines.append(f"map {target.network_address}{mask} {nbma}")
        lines += [f"map multicast {item if item is not None else 'dynamic'}" for item in self.multicast]
        lines += [f"network-id {self.network_id}"] if self.network_id is not None else []
        lines += [f"holdtime {self.holdtime}"] if self.holdtime is not None else []
        lines += [f"nhs {server.line}" for server in self.servers.values()]
        lines += ["registration no-unique"] if not self.unique else []
        lines += [f"registration timeout {self.registration_timeout}"] if self.registration_timeout else []
        lines += ["server-only"] if self.server_only else []
        lines += ["shortcut"] if self.shortcut else []
        if self.redirect is not None:
            lines.append("redirect" + (f" timeout {self.redirect}" if self.redirect != REDIRECT_TIMEOUT else ""))
        return [f" ip nhrp {line}" for line in lines]


@dataclass
class Nhrp:
    """All interfaces with NHRP lines; `logging` is `logging dmvpn`, with a number of messages a minute or None."""

    by_name: dict[InterfaceName, NhrpLines] = field(default_factory=dict)
    logging: bool = False
    rate_limit: int | None = None

    def get(self, name: InterfaceName) -> NhrpLines:
        """The lines of an interface, made when they are new."""
        return self.by_name.setdefault(name, NhrpLines())

    def forget_interface(self, name: InterfaceName) -> None:
        """An interface that is gone has no lines."""
        self.by_name.pop(name, None)


def _lines(model: Model, interface: str) -> Lines:
    name = parse_name(interface)
    found = model.block(Nhrp).by_name.get(name) if name is not None else None
    return found.lines() if found is not None else []


def _logging(router: Router) -> list[Lines]:
    block = router.model.block(Nhrp)
    limit = f" rate-limit {block.rate_limit}" if block.rate_limit is not None else ""
    return [[f"logging dmvpn{limit}"]] if block.logging else []


CONTRIBUTION = Contribution("interface", 40, _lines)
SECTION = Section(Place.LOGGING, _logging, 60)
