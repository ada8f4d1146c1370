"""IPv4 prefix lists. They are kept, numbered and shown; what would ask them, routing protocols, is not emulated."""

from iosemu.features.feature import Feature
from iosemu.features.prefix_list.commands import TABLE
from iosemu.features.prefix_list.config import SECTION
from iosemu.features.prefix_list.show import TABLE as SHOW

FEATURE = Feature("prefix_list", tables=(TABLE, SHOW), sections=(SECTION,))
