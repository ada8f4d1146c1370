"""Key chains: keys with the times in which they hold. What would use them, routing protocols, is not emulated."""

from iosemu.features.feature import Feature
from iosemu.features.key_chain.commands import TABLE
from iosemu.features.key_chain.config import SECTION
from iosemu.features.key_chain.show import TABLE as SHOW

FEATURE = Feature("key_chain", tables=(TABLE, SHOW), sections=(SECTION,))
