"""System messages: where they go, and the buffer."""

from iosemu.features.feature import Feature
from iosemu.features.logging.commands import TABLE
from iosemu.features.logging.config import SECTION

FEATURE = Feature("logging", tables=(TABLE,), sections=(SECTION,))
