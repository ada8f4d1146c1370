"""IPv4 access lists, standard and extended, numbered and named."""

from iosemu.features.acl.access_group import CONTRIBUTION, AccessGroupService
from iosemu.features.acl.access_group import TABLE as GROUPS
from iosemu.features.acl.commands import TABLE
from iosemu.features.acl.entries import TABLE as ENTRIES
from iosemu.features.acl.groups import SECTIONS as GROUP_SECTIONS
from iosemu.features.acl.groups import TABLE as OBJECTS
from iosemu.features.acl.printer import SECTIONS
from iosemu.features.acl.show import TABLE as SHOW
from iosemu.features.acl.show_groups import TABLE as SHOW_GROUPS
from iosemu.features.feature import Feature

FEATURE = Feature(
    "acl",
    order=15,
    tables=(TABLE, ENTRIES, GROUPS, OBJECTS, SHOW, SHOW_GROUPS),
    sections=(*SECTIONS, *GROUP_SECTIONS),
    contributions=(CONTRIBUTION,),
    services=(AccessGroupService,),
)
