"""The routing table follows the configured routes."""

from __future__ import annotations

from iosemu.features.ip_route.config import StaticRoutes
from iosemu.features.track.service import TrackService
from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute
from iosemu.router.vrf import NULL


class StaticRouteService:
    """Hands the configured routes to the IP stack: those that track an object while it is up."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._tracking = router.service(TrackService)
        self._tracking.followers.append(self.reconcile)

    def reconcile(self) -> None:
        """Replace the routes where they differ."""
        wanted = [route for route in self._router.model.block(StaticRoutes).ordered if self._is_there(route)]
        if wanted != self._router.ip.statics:
            for route in wanted:
                if route.interface == NULL:
                    self._router.interfaces.add(NULL)
            self._router.ip.statics = list(wanted)
            self._router.ip.refresh()

    def _is_there(self, route: StaticRoute) -> bool:
        # There is no DHCP client: a route that waits for one is never there.
        return not route.dhcp and (route.track is None or self._tracking.is_up(route.track))

    def stop(self) -> None:
        """Nothing runs."""
