"""VRFs: routing instances with interfaces, routes and addresses of their own."""

from iosemu.features.feature import Feature
from iosemu.features.vrf.commands import TABLE
from iosemu.features.vrf.config import INTERFACE_LINE, SECTION
from iosemu.features.vrf.show import TABLE as SHOW

FEATURE = Feature("vrf", order=2, tables=(TABLE, SHOW), sections=(SECTION,), contributions=(INTERFACE_LINE,))
