"""Lines: console, auxiliary and vty blocks, and who is on them."""

from iosemu.features.feature import Feature
from iosemu.features.line.commands import TABLE
from iosemu.features.line.config import SECTION

FEATURE = Feature("line", tables=(TABLE,), sections=(SECTION,))
