"""`ip route` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute
from iosemu.router.running_config import Lines, Place, Section


@dataclass
class StaticRoutes:
    """All configured routes."""

    routes: list[StaticRoute] = field(default_factory=list)


def line(route: StaticRoute) -> str:
    """The line of a route."""
    words = ["ip route", str(route.prefix.network_address), str(route.prefix.netmask)]
    words += [str(part) for part in (route.interface, route.next_hop) if part is not None]
    if route.distance != 1:
        words.append(str(route.distance))
    return " ".join(words + (["name", route.name] if route.name else []))


def _paragraphs(router: Router) -> list[Lines]:
    routes = router.model.block(StaticRoutes).routes
    return [[line(route) for route in sorted(routes, key=lambda route: (route.prefix, route.distance))]]


SECTION = Section(Place.IP_ROUTE, _paragraphs)
