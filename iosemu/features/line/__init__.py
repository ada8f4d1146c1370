"""Lines: console, auxiliary and vty blocks, and who is on them."""

from iosemu.features.feature import Feature
from iosemu.features.line.commands import TABLE
from iosemu.features.line.config import SECTION
from iosemu.features.line.show import TABLE as SHOW

FEATURE = Feature("line", tables=(TABLE, SHOW), sections=(SECTION,))
