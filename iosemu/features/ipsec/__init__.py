"""IPsec: transform sets, profiles, and the tunnels of `ipsec-isakmp` entries of crypto maps."""

from iosemu.features.feature import Feature
from iosemu.features.ipsec.actions import TABLE as ACTIONS
from iosemu.features.ipsec.commands import TABLE
from iosemu.features.ipsec.config import INTERFACE_LINE, SECTIONS
from iosemu.features.ipsec.entries import TunnelEntries
from iosemu.features.ipsec.global_commands import TABLE as GLOBAL
from iosemu.features.ipsec.map_commands import TABLE as MAP
from iosemu.features.ipsec.role import TunnelRole
from iosemu.router.running_config import Default, Place

_LIFETIME = "crypto ipsec security-association lifetime"

DEFAULTS = (
    Default(f"{_LIFETIME} seconds 3600", place=Place.TRANSFORM_SET, key=f"{_LIFETIME} seconds"),
    Default(f"{_LIFETIME} kilobytes 4608000", place=Place.TRANSFORM_SET, key=f"{_LIFETIME} kilobytes"),
)
FEATURE = Feature(
    "ipsec",
    order=35,
    tables=(TABLE, GLOBAL, MAP, ACTIONS),
    sections=SECTIONS,
    contributions=(INTERFACE_LINE,),
    services=(TunnelRole, TunnelEntries),
    defaults=DEFAULTS,
)
