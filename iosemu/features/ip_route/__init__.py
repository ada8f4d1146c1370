"""Static routes, the routing table and ARP."""

from iosemu.features.feature import Feature
from iosemu.features.ip_route.commands import TABLE
from iosemu.features.ip_route.config import SECTION
from iosemu.features.ip_route.service import StaticRouteService
from iosemu.features.ip_route.show import TABLE as SHOW

FEATURE = Feature("ip_route", order=20, tables=(TABLE, SHOW), sections=(SECTION,), services=(StaticRouteService,))
