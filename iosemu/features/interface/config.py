"""What is configured under `interface`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Interface
from typing import Protocol, runtime_checkable

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.router.interfaces import DEFAULT_MTU
from iosemu.router.load import DEFAULT_INTERVAL
from iosemu.router.names import InterfaceName

CONFIG_IF = Mode("config-if", "(config-if)", "Interface configuration commands:", CONFIG)
# The same commands behind another prompt.
CONFIG_SUBIF = Mode(CONFIG_IF.name, "(config-subif)", CONFIG_IF.header, CONFIG)
CONFIG_IF_RANGE = Mode(CONFIG_IF.name, "(config-if-range)", CONFIG_IF.header, CONFIG)


@dataclass
class InterfaceConfig:
    """One interface; `address` is the primary one and `method` the way it was set.

    `vlan` is a sub-interface's tag, `native` that it takes the frames without one; `vrf` its routing instance;
    `dynamic` is what stands in the place of an address: `dhcp` ...
    `load_interval` is the time over which the rates are averaged (seconds).
    """

    name: InterfaceName
    description: str | None = None
    address: IPv4Interface | None = None
    secondaries: list[IPv4Interface] = field(default_factory=list)
    shutdown: bool = False
    mtu: int = DEFAULT_MTU
    ip_mtu: int | None = None
    adjust_mss: int | None = None
    bandwidth: int | None = None
    load_interval: int = DEFAULT_INTERVAL
    vlan: int | None = None
    native: bool = False
    vrf: str = ""
    dynamic: str | None = None
    kept: Kept = field(default_factory=Kept)
    method: str = field(default="unset", compare=False)

    def remove_addresses(self) -> bool:
        """Forget all addresses; tells whether there were any."""
        had = bool(self.addresses)
        self.address = self.dynamic = None
        self.secondaries.clear()
        return had

    @property
    def addresses(self) -> list[IPv4Interface]:
        """All addresses, the primary one first."""
        return ([self.address] if self.address else []) + self.secondaries


@dataclass
class Interfaces:
    """All configured interfaces."""

    by_name: dict[InterfaceName, InterfaceConfig] = field(default_factory=dict)

    def get(self, name: InterfaceName) -> InterfaceConfig:
        """The configuration of an interface, made when it is new."""
        return self.by_name.setdefault(name, InterfaceConfig(name))

    def forget_vrf(self, name: str) -> None:
        """The interfaces of a VRF that was removed are in the global table, without addresses."""
        for config in self.by_name.values():
            if config.vrf == name:
                config.vrf = ""
                config.remove_addresses()

    def ordered(self) -> list[InterfaceConfig]:
        """In the order of the running-config."""
        return sorted(self.by_name.values(), key=lambda interface: interface.name.sort_key())


@runtime_checkable
class PerInterface(Protocol):
    """A block of another feature that keeps something for interfaces."""

    def forget_interface(self, name: InterfaceName) -> None:
        """The interface was removed, or set to its defaults."""
