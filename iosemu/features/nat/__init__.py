"""`ip nat`: addresses of the inside become others on the way out."""

from iosemu.features.feature import Feature
from iosemu.features.nat.actions import TABLE as ACTIONS
from iosemu.features.nat.commands import TABLE
from iosemu.features.nat.config import CONTRIBUTION, SECTION
from iosemu.features.nat.service import NatService
from iosemu.features.nat.show import TABLE as SHOW
from iosemu.features.nat.timeouts import TABLE as TIMEOUTS

FEATURE = Feature(
    "nat",
    order=24,
    tables=(TABLE, TIMEOUTS, ACTIONS, SHOW),
    sections=(SECTION,),
    contributions=(CONTRIBUTION,),
    services=(NatService,),
)
