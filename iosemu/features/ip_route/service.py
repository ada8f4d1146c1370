"""The routing table follows the configured routes."""

from __future__ import annotations

from iosemu.features.ip_route.config import StaticRoutes
from iosemu.router.router import Router
from iosemu.router.vrf import NULL


class StaticRouteService:
    """Hands the configured routes to the IP stack."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def reconcile(self) -> None:
        """Replace the routes where they differ."""
        # There is no DHCP client: a route that waits for one is never there.
        wanted = [route for route in self._router.model.block(StaticRoutes).ordered if not route.dhcp]
        if wanted != self._router.ip.statics:
            for route in wanted:
                if route.interface == NULL:
                    self._router.interfaces.add(NULL)
            self._router.ip.statics = list(wanted)
            self._router.ip.refresh()

    def stop(self) -> None:
        """Nothing runs."""
