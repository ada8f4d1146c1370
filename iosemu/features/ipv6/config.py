"""What is configured of IPv6: on interfaces, and for the router as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from iosemu.router.interfaces import NdSettings
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute6
from iosemu.router.running_config import Contribution, Lines, Place, Section
from iosemu.wire.neighbor import interface_identifier, link_local

PREFERENCES = {1: "High", 0: "Medium", 3: "Low"}
# Instance, prefix, next hop and interface: there is one route of each.
Key = tuple[str, IPv6Network, "IPv6Address | None", "InterfaceName | None"]


def text6(address: object) -> str:
    """An address or prefix in the capital letters of IOS."""
    return str(address).upper()


@dataclass(frozen=True, slots=True)
class Address6:
    """A configured address. `form` is the word behind it: `eui-64` puts the interface's own identifier into it."""

    given: IPv6Interface
    form: str = ""

    def on(self, mac: bytes) -> IPv6Interface:
        """The address on an interface with this MAC address."""
        if self.form != "eui-64":
            return self.given
        network = self.given.network
        return IPv6Interface((int(network.network_address) | interface_identifier(mac), network.prefixlen))

    @property
    def line(self) -> str:
        """The line of the running-config."""
        shown = self.given.network if self.form == "eui-64" else self.given
        return f" ipv6 address {text6(shown)}" + (f" {self.form}" if self.form else "")


@dataclass
class InterfaceIpv6:
    """One interface. IPv6 runs on it as soon as it has an address, or is `enabled` without one."""

    enabled: bool = False
    link_local: IPv6Address | None = None
    addresses: list[Address6] = field(default_factory=list)
    mtu: int | None = None
    nd: NdSettings = field(default_factory=NdSettings)

    @property
    def active(self) -> bool:
        """Whether IPv6 runs."""
        return self.enabled or self.link_local is not None or bool(self.addresses)

    def link_address(self, mac: bytes) -> IPv6Address | None:
        """The address of the link: the configured one, else one that is made of the MAC address."""
        if not self.active:
            return None
        return self.link_local or link_local(mac)


@dataclass
class Ipv6:
    """Everything of the router. `interfaces` are found by the name that they are printed with."""

    unicast_routing: bool = False
    hop_limit: int | None = None
    interfaces: dict[str, InterfaceIpv6] = field(default_factory=dict)
    routes: dict[Key, StaticRoute6] = field(default_factory=dict)

    def forget_interface(self, name: InterfaceName) -> None:
        """The interface was removed, or set to its defaults."""
        self.interfaces.pop(str(name), None)

    def forget_vrf(self, name: str) -> None:
        """The routes of a VRF that was removed go with it."""
        self.routes = {key: route for key, route in self.routes.items() if route.vrf != name}

    def leave_vrf(self, interface: InterfaceName) -> str:
        """The interface goes into another VRF, without its addresses."""
        config = self.interfaces.get(str(interface))
        if config is None or not config.active:
            return ""
        config.addresses, config.link_local, config.enabled = [], None, False
        return "IPv6"

    def interface(self, name: InterfaceName) -> InterfaceIpv6:
        """The configuration of an interface, made when it is new."""
        return self.interfaces.setdefault(str(name), InterfaceIpv6())

    @property
    def ordered(self) -> list[StaticRoute6]:
        """The routes as they are printed."""

        def key(route: StaticRoute6) -> tuple[object, ...]:
            return route.vrf, route.prefix, route.distance, str(route.interface or ""), int(route.next_hop or 0)

        return sorted(self.routes.values(), key=key)


def key_of(route: StaticRoute6) -> Key:
    """What tells a route from others."""
    return route.vrf, route.prefix, route.next_hop, route.interface


def route_line(route: StaticRoute6) -> str:
    """The line of a route."""
    words = ["ipv6 route", *(["vrf", route.vrf] if route.vrf else []), text6(route.prefix)]
    words += [str(route.interface)] if route.interface is not None else []
    words += [text6(route.next_hop)] if route.next_hop is not None else []
    words += [str(route.distance)] if route.distance != 1 else []
    words += ["tag", str(route.tag)] if route.tag is not None else []
    return " ".join(words + (["name", route.name] if route.name else []))


def _interface(model: Model, name: str) -> Lines:
    config = model.block(Ipv6).interfaces.get(name)
    if config is None:
        return []
    nd, usual = config.nd, NdSettings()
    lines = [f" ipv6 address {text6(config.link_local)} link-local"] if config.link_local is not None else []
    lines += [address.line for address in config.addresses]
    lines += [" ipv6 enable"] if config.enabled else []
    lines += [f" ipv6 mtu {config.mtu}"] if config.mtu is not None else []
    lines += [f" ipv6 nd dad attempts {nd.dad_attempts}"] if nd.dad_attempts != usual.dad_attempts else []
    lines += [" ipv6 nd managed-config-flag"] if nd.managed else []
    lines += [" ipv6 nd other-config-flag"] if nd.other else []
    lines += [f" ipv6 nd router-preference {PREFERENCES[nd.preference]}"] if nd.preference else []
    lines += [f" ipv6 nd ra lifetime {nd.lifetime}"] if nd.lifetime != usual.lifetime else []
    lines += [f" ipv6 nd ra interval {nd.interval}"] if nd.interval != usual.interval else []
    return lines + ([f" ipv6 nd ra suppress{nd.silent * ' all'}"] if nd.suppressed else [])


def _global(router: Router) -> list[Lines]:
    block = router.model.block(Ipv6)
    lines = ["ipv6 unicast-routing"] if block.unicast_routing else []
    return [lines + ([f"ipv6 hop-limit {block.hop_limit}"] if block.hop_limit is not None else [])]


def _routes(router: Router) -> list[Lines]:
    return [[route_line(route) for route in router.model.block(Ipv6).ordered]]


INTERFACE_LINES = Contribution("interface", 40, _interface)
SECTIONS = (Section(Place.IP_GLOBAL, _global, 61), Section(Place.IPV6, _routes, 40))
