"""The routing table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName

CACHE_SIZE = 65536
MAXIMUM_RECURSION = 8


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A configured route of an instance; at least one of next hop and interface is set, or the next hop comes by DHCP.

    The tracked object and `permanent` are printed; the route is there whenever its next hop can be reached. `leaks`
    tells that the next hop is one of the global table.
    """

    prefix: IPv4Network
    next_hop: IPv4Address | None = None
    interface: InterfaceName | None = None
    distance: int = 1
    name: str | None = None
    tag: int | None = None
    permanent: bool = False
    track: int | None = None
    dhcp: bool = False
    vrf: str = ""
    leaks: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A route in use; `code` is C, L or S."""

    code: str
    prefix: IPv4Network
    interface: Interface | None = None
    next_hop: IPv4Address | None = None
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """Where a packet goes: out of an interface, to a neighbour (None: the destination itself)."""

    interface: Interface
    next_hop: IPv4Address | None


class RoutingTable:
    """Longest prefix first, then smallest distance; next hops are resolved through the table."""

    def __init__(self) -> None:
        self._by_length: list[tuple[int, dict[int, list[Route]]]] = []
        self._routes: list[Route] = []
        self._cache: dict[int, Path | None] = {}

    def __iter__(self) -> Iterable[Route]:
        return iter(self._routes)

    @property
    def routes(self) -> list[Route]:
        """All routes in use, by prefix."""
        return sorted(self._routes, key=lambda route: (route.prefix, route.code))

    def rebuild(
        self, members: Iterable[Interface], statics: Iterable[StaticRoute], interfaces: Iterable[Interface]
    ) -> None:
        """Derive the table from its own interfaces that are up, and the configured routes that can be resolved; these
        may lead out of any interface."""
        up = [interface for interface in members if interface.line_up]
        routes = [Route("C", address.network, interface) for interface in up for address in interface.addresses]
        routes += [
            Route("L", IPv4Network(address.ip), interface)
            for interface in up
            for address in interface.addresses
            if address.network.prefixlen < 32
        ]
        self._set(routes)
        by_name = {interface.name: interface for interface in interfaces if interface.line_up}
        pending = [self._static(static, by_name) for static in statics]
        waiting = [route for route in pending if route is not None]
        # A static route may lead through another one: add until nothing more can be resolved.
        for _ in range(MAXIMUM_RECURSION):
            usable = [route for route in waiting if route.interface or self._resolvable(route)]
            if not usable:
                break
            waiting = [route for route in waiting if route not in usable]
            routes = self._best([*routes, *usable])
            self._set(routes)

    def lookup(self, destination: int) -> Path | None:
        """The path to an address, given as a number."""
        try:
            return self._cache[destination]
        except KeyError:
            pass
        if len(self._cache) >= CACHE_SIZE:
            self._cache.clear()
        path = self._cache[destination] = self._resolve(destination, MAXIMUM_RECURSION)
        return path

    def find(self, destination: IPv4Address) -> list[Route]:
        """The routes of the longest prefix that holds an address."""
        return self._match(int(destination))

    def _static(self, static: StaticRoute, up: dict[InterfaceName, Interface]) -> Route | None:
        interface = up.get(static.interface) if static.interface is not None else None
        if static.interface is not None and interface is None:
            return None
        return Route("S", static.prefix, interface, static.next_hop, static.distance)

    def _resolvable(self, route: Route) -> bool:
        assert route.next_hop is not None
        found = self._match(int(route.next_hop))
        return bool(found) and found[0].prefix != route.prefix

    @staticmethod
    def _best(routes: list[Route]) -> list[Route]:
        smallest: dict[tuple[IPv4Network, bool], int] = {}
        for route in routes:
            key = route.prefix, route.code == "L"
            smallest[key] = min(route.distance, smallest.get(key, 255))
        return [route for route in routes if route.distance == smallest[route.prefix, route.code == "L"]]

    def _set(self, routes: list[Route]) -> None:
        tables: dict[int, dict[int, list[Route]]] = {}
        for route in routes:
            table = tables.setdefault(route.prefix.prefixlen, {})
            table.setdefault(int(route.prefix.network_address), []).append(route)
        self._routes = routes
        self._by_length = sorted(tables.items(), reverse=True)
        self._cache = {}

    def _match(self, destination: int) -> list[Route]:
        for length, table in self._by_length:
            found = table.get(destination >> (32 - length) << (32 - length) if length else 0)
            if found:
                return found
        return []

    def _resolve(self, destination: int, depth: int) -> Path | None:
        found = self._match(destination)
        if not found or depth == 0:
            return None
        route = found[0]
        if route.interface is not None:
            return Path(route.interface, route.next_hop)
        assert route.next_hop is not None
        path = self._resolve(int(route.next_hop), depth - 1)
        return Path(path.interface, path.next_hop or route.next_hop) if path else None
