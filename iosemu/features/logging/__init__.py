"""System messages: how they are stamped, where they go, and the buffer."""

from iosemu.features.feature import Feature
from iosemu.features.logging.commands import TABLE
from iosemu.features.logging.config import SECTIONS
from iosemu.features.logging.service import LoggingService
from iosemu.features.logging.show import TABLE as SHOW
from iosemu.router.running_config import Default, Place

DEFAULTS = (
    Default("logging buffered 4096 debugging", place=Place.LOGGING, key="logging buffered"),
    Default("logging console debugging", place=Place.LOGGING, key="logging console"),
    Default("logging monitor debugging", place=Place.LOGGING, key="logging monitor"),
    Default("logging facility local7", place=Place.LOGGING_TRAP, key="logging facility"),
    Default("logging trap informational", place=Place.LOGGING_TRAP, key="logging trap"),
)
FEATURE = Feature(
    "logging", order=4, tables=(TABLE, SHOW), sections=SECTIONS, services=(LoggingService,), defaults=DEFAULTS
)
