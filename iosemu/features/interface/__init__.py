"""Interfaces: configuration, state, counters."""

from iosemu.features.feature import Feature
from iosemu.features.interface.address_commands import TABLE as ADDRESSES
from iosemu.features.interface.commands import TABLE
from iosemu.features.interface.printer import SECTION
from iosemu.features.interface.range import TABLE as RANGE
from iosemu.features.interface.service import InterfaceService
from iosemu.features.interface.show import TABLE as SHOW
from iosemu.router.running_config import Default

_INTERFACE = ("interface",)

DEFAULTS = (
    Default("no shutdown", _INTERFACE),
    Default("ip redirects", _INTERFACE),
    Default("ip unreachables", _INTERFACE),
    Default("ip proxy-arp", _INTERFACE),
)
FEATURE = Feature(
    "interface",
    order=10,
    tables=(TABLE, ADDRESSES, RANGE, SHOW),
    sections=(SECTION,),
    services=(InterfaceService,),
    defaults=DEFAULTS,
)
