"""System messages: how they are stamped, where they go, and the buffer."""

from iosemu.features.feature import Feature
from iosemu.features.logging.commands import TABLE
from iosemu.features.logging.config import SECTIONS
from iosemu.features.logging.service import LoggingService
from iosemu.features.logging.show import TABLE as SHOW

FEATURE = Feature("logging", order=4, tables=(TABLE, SHOW), sections=SECTIONS, services=(LoggingService,))
