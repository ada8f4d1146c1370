"""The router as a whole: its name, version, saved configuration and time."""

from iosemu.features.feature import Feature
from iosemu.features.system.commands import TABLE
from iosemu.features.system.config import SECTIONS
from iosemu.features.system.facts import TABLE as FACTS
from iosemu.features.system.saving import TABLE as SAVING
from iosemu.features.system.service import SystemService

FEATURE = Feature("system", order=0, tables=(TABLE, FACTS, SAVING), sections=SECTIONS, services=(SystemService,))
