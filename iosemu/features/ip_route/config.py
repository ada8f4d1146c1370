"""`ip route` lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute
from iosemu.router.running_config import Lines, Place, Section

# Instance, prefix, next hop and interface: there is one route of each.
Key = tuple[str, IPv4Network, "IPv4Address | None", "InterfaceName | None"]


def key_of(route: StaticRoute) -> Key:
    """What tells a route from others."""
    return route.vrf, route.prefix, route.next_hop, route.interface


@dataclass
class StaticRoutes:
    """All configured routes."""

    by_key: dict[Key, StaticRoute] = field(default_factory=dict)

    @property
    def ordered(self) -> list[StaticRoute]:
        """As they are printed: the global ones, then each VRF in the order in which it got its first."""
        vrfs = {"": 0}
        for route in self.by_key.values():
            vrfs.setdefault(route.vrf, len(vrfs))

        def key(route: StaticRoute) -> tuple[object, ...]:
            target = str(route.interface or ""), int(route.next_hop or 0)
            return vrfs[route.vrf], route.prefix, route.distance, *target

        return sorted(self.by_key.values(), key=key)

    def forget_vrf(self, name: str) -> None:
        """The routes of a VRF that was removed go with it."""
        self.by_key = {key: route for key, route in self.by_key.items() if route.vrf != name}


def line(route: StaticRoute) -> str:
    """The line of a route."""
    words = [
        "ip route",
        *(["vrf", route.vrf] if route.vrf else []),
        str(route.prefix.network_address),
        str(route.prefix.netmask),
    ]
    words += [str(part) for part in (route.interface, route.next_hop) if part is not None]
    words += ["dhcp"] if route.dhcp else []
    words += ["global"] if route.leaks else []
    words += [str(route.distance)] if route.distance != 1 else []
    words += ["tag", str(route.tag)] if route.tag is not None else []
    words += ["name", route.name] if route.name else []
    words += ["permanent"] if route.permanent else []
    return " ".join(words + ([f"track {route.track}"] if route.track is not None else []))


def _paragraphs(router: Router) -> list[Lines]:
    return [[line(route) for route in router.model.block(StaticRoutes).ordered]]


SECTION = Section(Place.IP_ROUTE, _paragraphs)
