"""The router as a whole: its name, version, saved configuration and time."""

from iosemu.features.feature import Feature
from iosemu.features.system.commands import TABLE
from iosemu.features.system.config import SECTIONS
from iosemu.features.system.facts import TABLE as FACTS
from iosemu.features.system.reload import TABLE as RELOAD
from iosemu.features.system.service import SystemService
from iosemu.features.system.show_running import TABLE as RUNNING
from iosemu.features.system.status import TABLE as STATUS

FEATURE = Feature(
    "system", order=0, tables=(TABLE, FACTS, RELOAD, RUNNING, STATUS), sections=SECTIONS, services=(SystemService,)
)
