"""`debug` and `undebug`."""

from iosemu.features.debug.commands import TABLE
from iosemu.features.debug.gdoi import TABLE as GDOI
from iosemu.features.debug.service import DebugService
from iosemu.features.feature import Feature

FEATURE = Feature("debug", tables=(TABLE, GDOI), services=(DebugService,))
