"""The routing tables, one for each family of addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Generic, TypeVar

from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName

A = TypeVar("A", IPv4Address, IPv6Address)
N = TypeVar("N", IPv4Network, IPv6Network)

CACHE_SIZE = 65536
MAXIMUM_RECURSION = 8
SHORTCUT = "H"

# The classes below have no slots: a generic class that is frozen cannot have them where it is called by an alias.


@dataclass(frozen=True)
class StaticRouteOf(Generic[A, N]):
    """A configured route of an instance; at least one of next hop and interface is set, or the next hop comes by DHCP.

    `permanent` is printed; the route is there whenever its next hop can be reached. Who hands routes over sees to the
    object that a route tracks. `leaks` tells that the next hop is one of the global table. Routes that a service makes
    have another code, a metric and a time; one with the code H is taken in the place of another for the same prefix,
    whatever its distance.
    """

    prefix: N
    next_hop: A | None = None
    interface: InterfaceName | None = None
    distance: int = 1
    name: str | None = None
    tag: int | None = None
    permanent: bool = False
    track: int | None = None
    dhcp: bool = False
    vrf: str = ""
    leaks: bool = False
    code: str = "S"
    metric: int = 0
    since: float | None = None


@dataclass(frozen=True)
class RouteOf(Generic[A, N]):
    """A route in use; `code` is C, L or S, LC for both of an address that is a network of its own, or H for a
    shortcut by NHRP. `since` is when a service made it."""

    code: str
    prefix: N
    interface: Interface | None = None
    next_hop: A | None = None
    distance: int = 0
    metric: int = 0
    since: float | None = None


@dataclass(frozen=True)
class PathOf(Generic[A]):
    """Where a packet goes: out of an interface, to a neighbour (None: the destination itself)."""

    interface: Interface
    next_hop: A | None


class Table(Generic[A, N]):
    """Longest prefix first, then smallest distance; next hops are resolved through the table. `bits` are those of
    an address."""

    bits: int

    def __init__(self) -> None:
        self._by_length: list[tuple[int, dict[int, list[RouteOf[A, N]]]]] = []
        self._routes: list[RouteOf[A, N]] = []
        self._cache: dict[int, PathOf[A] | None] = {}
        # Shortcuts that are taken in the place of another route for the same prefix.
        self.overrides: dict[N, RouteOf[A, N]] = {}

    def __iter__(self) -> Iterable[RouteOf[A, N]]:
        return iter(self._routes)

    @property
    def routes(self) -> list[RouteOf[A, N]]:
        """All routes in use, by prefix."""
        return sorted(self._routes, key=lambda route: (route.prefix, route.code))

    def rebuild(
        self,
        connected: Iterable[RouteOf[A, N]],
        statics: Iterable[StaticRouteOf[A, N]],
        interfaces: Iterable[Interface],
    ) -> None:
        """Derive the table from the routes of its own interfaces, and the configured routes that can be resolved; these
        may lead out of any interface."""
        routes: list[RouteOf[A, N]] = list(connected)
        self._set(routes)
        by_name = {interface.name: interface for interface in interfaces if interface.line_up}
        pending = [self._static(static, by_name) for static in statics]
        waiting = [route for route in pending if route is not None]
        # A static route may lead through another one: add until nothing more can be resolved.
        for _ in range(MAXIMUM_RECURSION):
            usable: list[RouteOf[A, N]] = [route for route in waiting if route.interface or self._resolvable(route)]
            if not usable:
                break
            waiting = [route for route in waiting if route not in usable]
            routes = self._best(routes + usable)
            self._set(routes)
        self.overrides = {
            route.prefix: route for route in pending if route and route.code == SHORTCUT and route not in routes
        }

    def lookup(self, destination: int) -> PathOf[A] | None:
        """The path to an address, given as a number."""
        try:
            return self._cache[destination]
        except KeyError:
            pass
        if len(self._cache) >= CACHE_SIZE:
            self._cache.clear()
        path = self._cache[destination] = self._resolve(destination, MAXIMUM_RECURSION)
        return path

    def find(self, destination: A) -> list[RouteOf[A, N]]:
        """The routes of the longest prefix that holds an address."""
        return self._match(int(destination))

    def _static(self, static: StaticRouteOf[A, N], up: dict[InterfaceName, Interface]) -> RouteOf[A, N] | None:
        interface = up.get(static.interface) if static.interface is not None else None
        if static.interface is not None and interface is None:
            return None
        more = static.distance, static.metric, static.since
        return RouteOf(static.code, static.prefix, interface, static.next_hop, *more)

    def _resolvable(self, route: RouteOf[A, N]) -> bool:
        assert route.next_hop is not None
        found = self._match(int(route.next_hop))
        return bool(found) and found[0].prefix != route.prefix

    @staticmethod
    def _best(routes: list[RouteOf[A, N]]) -> list[RouteOf[A, N]]:
        smallest: dict[tuple[N, bool], int] = {}
        for route in routes:
            key = route.prefix, route.code == "L"
            smallest[key] = min(route.distance, smallest.get(key, 255))
        return [route for route in routes if route.distance == smallest[route.prefix, route.code == "L"]]

    def _set(self, routes: list[RouteOf[A, N]]) -> None:
        tables: dict[int, dict[int, list[RouteOf[A, N]]]] = {}
        for route in routes:
            table = tables.setdefault(route.prefix.prefixlen, {})
            table.setdefault(int(route.prefix.network_address), []).append(route)
        self._routes = routes
        self._by_length = sorted(tables.items(), reverse=True)
        self._cache = {}

    def _match(self, destination: int) -> list[RouteOf[A, N]]:
        for length, table in self._by_length:
            shift = self.bits - length
            found = table.get(destination >> shift << shift)
            if found:
                return found
        return []

    def _resolve(self, destination: int, depth: int) -> PathOf[A] | None:
        found = self._match(destination)
        if not found or depth == 0:
            return None
        route = self.overrides.get(found[0].prefix, found[0])
        if route.interface is not None:
            return PathOf(route.interface, route.next_hop)
        assert route.next_hop is not None
        path = self._resolve(int(route.next_hop), depth - 1)
        return PathOf(path.interface, path.next_hop or route.next_hop) if path else None


StaticRoute = StaticRouteOf[IPv4Address, IPv4Network]
StaticRoute6 = StaticRouteOf[IPv6Address, IPv6Network]
Route = RouteOf[IPv4Address, IPv4Network]
Route6 = RouteOf[IPv6Address, IPv6Network]


class RoutingTable(Table[IPv4Address, IPv4Network]):
    """The routes of IPv4."""

    bits = 32


class RoutingTable6(Table[IPv6Address, IPv6Network]):
    """The routes of IPv6."""

    bits = 128
