"""The interfaces of a running router."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Protocol

from iosemu.router.load import Load
from iosemu.router.names import InterfaceName
from iosemu.router.port import Port

DEFAULT_MTU = 1500
# Order of the hooks on the forwarding path.
ACL_IN, CRYPTO_IN, NAT_IN = 10, 20, 25
NAT_OUT, CRYPTO_OUT, ACL_OUT = 60, 80, 90

# A hook returns what the packet became: nothing when it was dropped, several packets when it was split.
Hook = Callable[[bytes, "Interface"], "list[bytes]"]


# What a packet's hook would do for so many more packets of its flow, besides passing them on as they are.
Repeat = Callable[[int], None]


class FlowHook(Protocol):
    """A hook that can tell that it treats all packets of a flow alike, so that it need not see each of them."""

    def __call__(self, packet: bytes, interface: Interface) -> list[bytes]:
        """As every hook."""

    def repeat(self, packet: bytes, interface: Interface) -> Repeat | None:
        """What stands for it until the next commit; None where it must see each packet. Beginnings and ends of TCP
        connections are shown to it in any case."""


@dataclass(slots=True)
class Counters:
    """What `show interfaces` counts. `broadcasts` are frames in that were for more than one station, `multicasts` those
    of them that were not for all."""

    packets_in: int = 0
    octets_in: int = 0
    broadcasts: int = 0
    multicasts: int = 0
    packets_out: int = 0
    octets_out: int = 0
    input_errors: int = 0
    input_drops: int = 0
    output_drops: int = 0
    last_input: float | None = None
    last_output: float | None = None


@dataclass(frozen=True, slots=True)
class NdSettings:
    """How neighbour discovery works on an interface (RFC 4861 section 6.2.1); times in seconds. What is `suppressed` is
    not sent on its own, but where a host asks, unless it is `silent`."""

    dad_attempts: int = 1
    suppressed: bool = False
    silent: bool = False
    interval: int = 200
    lifetime: int = 1800
    managed: bool = False
    other: bool = False
    preference: int = 0


@dataclass(slots=True, eq=False)
class Interface:
    """One interface. `addresses` has the primary one first; `vrf` is the name of its routing instance.

    IPv6 runs where there is a `link_local` address; `addresses6` are those of larger scope. What ends in 6 is IPv6's.
    """

    name: InterfaceName
    mac: bytes
    mtu: int = DEFAULT_MTU
    admin_up: bool = True
    addresses: list[IPv4Interface] = field(default_factory=list)
    link_local: IPv6Address | None = None
    addresses6: list[IPv6Interface] = field(default_factory=list)
    mtu6: int = DEFAULT_MTU
    nd: NdSettings = NdSettings()
    vrf: str = ""
    port: Port | None = None
    counters: Counters = field(default_factory=Counters)
    load_in: Load = field(default_factory=Load)
    load_out: Load = field(default_factory=Load)
    input_hooks: dict[int, Hook] = field(default_factory=dict)
    output_hooks: dict[int, Hook] = field(default_factory=dict)
    input_hooks6: dict[int, Hook] = field(default_factory=dict)
    output_hooks6: dict[int, Hook] = field(default_factory=dict)

    def count_in(self, octets: int, now: float, packets: int = 1) -> None:
        """Packets came in."""
        counters = self.counters
        counters.packets_in += packets
        counters.octets_in += octets
        counters.last_input = now
        self.load_in.add(packets, octets, now)

    def count_out(self, octets: int, now: float, packets: int = 1) -> None:
        """Packets went out."""
        counters = self.counters
        counters.packets_out += packets
        counters.octets_out += octets
        counters.last_output = now
        self.load_out.add(packets, octets, now)

    @property
    def line_up(self) -> bool:
        """Whether packets can pass: the line protocol."""
        return self.admin_up and (self.name.self_sufficient or (self.port is not None and self.port.carrier))

    @property
    def is_loopback(self) -> bool:
        """Whether packets sent here come back."""
        return self.name.kind == "Loopback"

    @property
    def address(self) -> IPv4Address | None:
        """The primary address."""
        return self.addresses[0].ip if self.addresses else None

    def address_towards(self, neighbour: IPv4Address) -> IPv4Address | None:
        """The own address in a neighbour's subnet, else the primary one."""
        for address in self.addresses:
            if neighbour in address.network:
                return address.ip
        return self.address


def run_hooks(hooks: dict[int, Hook], packet: bytes, interface: Interface) -> list[bytes]:
    """Send a packet through the hooks in their order."""
    packets = [packet]
    for stage in sorted(hooks):
        packets = [result for one in packets for result in hooks[stage](one, interface)]
    return packets


class InterfaceTable:
    """All interfaces, found by name."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._interfaces: dict[InterfaceName, Interface] = {}

    def __iter__(self) -> Iterator[Interface]:
        return iter(sorted(self._interfaces.values(), key=lambda interface: interface.name.sort_key()))

    def get(self, name: InterfaceName) -> Interface | None:
        """The interface of a name."""
        return self._interfaces.get(name)

    def add(self, name: InterfaceName) -> Interface:
        """The interface of a name, made when it is new."""
        if name not in self._interfaces:
            self._interfaces[name] = Interface(name, self._mac(name))
        return self._interfaces[name]

    def remove(self, name: InterfaceName) -> None:
        """Forget an interface."""
        self._interfaces.pop(name, None)

    def _mac(self, name: InterfaceName) -> bytes:
        """A locally administered address that depends on router and interface only."""
        return b"\x52\x54\x00" + hashlib.sha256(f"{self._owner} {name}".encode()).digest()[:3]
