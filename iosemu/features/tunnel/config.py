"""The `tunnel` lines of interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.features.interface.config import Interfaces
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.running_config import Contribution, Lines
from iosemu.wire.gre import overhead

POINT_TO_POINT, MULTIPOINT = "gre ip", "gre multipoint"
KIND = "Tunnel"
IP_HEADER = 20
KEEPALIVE = 10, 3


@dataclass
class TunnelConfig:
    """One tunnel. `source` is an interface or an address of one; `mode` may be one that is not emulated; `tos` of None
    is that of the packet inside, `ttl` of None is 255."""

    source: InterfaceName | IPv4Address | None = None
    destination: IPv4Address | None = None
    mode: str = POINT_TO_POINT
    key: int | None = None
    vrf: str = ""
    checksum: bool = False
    sequence: bool = False
    tos: int | None = None
    ttl: int | None = None
    discovery: str | None = None

    @property
    def overhead(self) -> int:
        """Octets in front of a packet: IPv4 and GRE."""
        return IP_HEADER + overhead(self.key is not None, self.sequence, self.checksum)

    @property
    def is_gre(self) -> bool:
        """Whether the mode is one that runs."""
        return self.mode in (POINT_TO_POINT, MULTIPOINT)

    def lines(self) -> Lines:
        """The lines under the interface."""
        lines = [f"source {self.source}"] if self.source is not None else []
        lines += [f"mode {self.mode}"] if self.mode != POINT_TO_POINT else []
        lines += [f"destination {self.destination}"] if self.destination is not None else []
        lines += [f"key {self.key}"] if self.key is not None else []
        lines += ["checksum"] if self.checksum else []
        lines += ["sequence-datagrams"] if self.sequence else []
        lines += [f"tos {self.tos}"] if self.tos is not None else []
        lines += [f"ttl {self.ttl}"] if self.ttl is not None else []
        lines += [f"path-mtu-discovery {self.discovery}".strip()] if self.discovery is not None else []
        lines += [f"vrf {self.vrf}"] if self.vrf else []
        return [f" tunnel {line}" for line in lines]


@dataclass
class Tunnels:
    """What is configured of each tunnel; one without lines has none."""

    by_name: dict[InterfaceName, TunnelConfig] = field(default_factory=dict)

    def get(self, name: InterfaceName) -> TunnelConfig:
        """The lines of an interface, made when they are new."""
        return self.by_name.setdefault(name, TunnelConfig())

    def forget_interface(self, name: InterfaceName) -> None:
        """An interface that is gone has no lines."""
        self.by_name.pop(name, None)

    def forget_vrf(self, name: str) -> None:
        """The tunnels through a VRF that was removed go through the global table."""
        for config in self.by_name.values():
            config.vrf = "" if config.vrf == name else config.vrf


def is_protected(model: Model, name: InterfaceName) -> bool:
    """Whether packets would have to be encrypted by the tunnel itself: a line that is kept, so that such a tunnel must
    not carry anything."""
    config = model.block(Interfaces).by_name.get(name)
    return config is not None and any(line.startswith("tunnel protection") for line in config.kept.items)


def keepalive_of(model: Model, name: InterfaceName) -> tuple[int, int] | None:
    """Seconds between keepalives, and how many may stay unanswered; None without the line, which is one of any type."""
    config = model.block(Interfaces).by_name.get(name)
    lines = [item.line for key, item in config.kept.items.items() if key.startswith("keepalive")] if config else []
    words = lines[0].split() if lines else ["no"]
    if words[0] == "no" or not all(word.isdecimal() for word in words[1:]):
        return None
    period, retries = (*(int(word) for word in words[1:3]), *KEEPALIVE[len(words) - 1 :])[:2]
    return (period, retries) if period else None


def _lines(model: Model, interface: str) -> Lines:
    name = parse_name(interface)
    config = model.block(Tunnels).by_name.get(name) if name is not None else None
    return config.lines() if config is not None else []


CONTRIBUTION = Contribution("interface", 60, _lines)
