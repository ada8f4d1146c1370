"""`alias` and `privilege`: other names for commands, and other levels."""

from iosemu.features.alias.commands import SECTIONS, TABLE
from iosemu.features.feature import Feature

FEATURE = Feature("alias", tables=(TABLE,), sections=SECTIONS)
