"""NHRP on tunnel interfaces: the control plane of a DMVPN."""

from iosemu.features.feature import Feature
from iosemu.features.nhrp.actions import TABLE as ACTIONS
from iosemu.features.nhrp.commands import TABLE
from iosemu.features.nhrp.config import CONTRIBUTION, SECTION
from iosemu.features.nhrp.service import NhrpService
from iosemu.features.nhrp.show import TABLE as SHOW
from iosemu.features.nhrp.show_dmvpn import TABLE as SHOW_DMVPN
from iosemu.features.nhrp.show_state import TABLE as SHOW_STATE

FEATURE = Feature(
    "nhrp",
    order=22,
    tables=(TABLE, ACTIONS, SHOW, SHOW_STATE, SHOW_DMVPN),
    sections=(SECTION,),
    contributions=(CONTRIBUTION,),
    services=(NhrpService,),
)
