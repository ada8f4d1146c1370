"""IPv6: addresses, neighbour discovery, routes and forwarding."""

from iosemu.features.feature import Feature
from iosemu.features.ipv6.config import INTERFACE_LINES, SECTIONS
from iosemu.features.ipv6.interface_commands import TABLE as INTERFACE
from iosemu.features.ipv6.route_commands import TABLE as ROUTES
from iosemu.features.ipv6.service import Ipv6Service
from iosemu.features.ipv6.show import TABLE as SHOW
from iosemu.features.ipv6.show_interface import TABLE as SHOW_INTERFACE
from iosemu.features.ipv6.show_traffic import TABLE as SHOW_TRAFFIC

FEATURE = Feature(
    "ipv6",
    order=20,
    tables=(INTERFACE, ROUTES, SHOW, SHOW_INTERFACE, SHOW_TRAFFIC),
    sections=SECTIONS,
    contributions=(INTERFACE_LINES,),
    services=(Ipv6Service,),
)
