"""`ip route` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute
from iosemu.router.running_config import Lines, Place, Section


@dataclass
class StaticRoutes:
    """All configured routes, sorted."""

    routes: list[StaticRoute] = field(default_factory=list)

    def forget_vrf(self, name: str) -> None:
        """The routes of a VRF that was removed go with it."""
        self.routes = [route for route in self.routes if route.vrf != name]


def ordered(routes: list[StaticRoute]) -> list[StaticRoute]:
    """Routes as they are printed: the global ones, then each VRF in the order in which it got its first."""
    vrfs = ["", *dict.fromkeys(route.vrf for route in routes if route.vrf)]

    def key(route: StaticRoute) -> tuple[object, ...]:
        target = str(route.interface or ""), int(route.next_hop or 0)
        return vrfs.index(route.vrf), route.prefix, route.distance, *target

    return sorted(routes, key=key)


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
    routes = router.model.block(StaticRoutes).routes
    return [[line(route) for route in routes]]


SECTION = Section(Place.IP_ROUTE, _paragraphs)
