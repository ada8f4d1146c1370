"""Multicast routing: PIM, IGMP and the packets that they are for."""

from iosemu.features.feature import Feature
from iosemu.features.multicast.actions import TABLE as ACTIONS
from iosemu.features.multicast.commands import TABLE
from iosemu.features.multicast.config import CONTRIBUTION, SECTIONS
from iosemu.features.multicast.interface_commands import TABLE as INTERFACE
from iosemu.features.multicast.service import MulticastService
from iosemu.features.multicast.show_igmp import TABLE as SHOW_IGMP
from iosemu.features.multicast.show_mroute import TABLE as SHOW_MROUTE
from iosemu.features.multicast.show_pim import TABLE as SHOW_PIM
from iosemu.features.multicast.show_rpf import TABLE as SHOW_RPF

FEATURE = Feature(
    "multicast",
    order=30,
    tables=(TABLE, INTERFACE, ACTIONS, SHOW_MROUTE, SHOW_PIM, SHOW_IGMP, SHOW_RPF),
    sections=SECTIONS,
    contributions=(CONTRIBUTION,),
    services=(MulticastService,),
)
