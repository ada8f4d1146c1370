"""The time of day: `clock set`, time zones, show clock, and the time servers that nobody asks."""

from iosemu.features.clock.commands import SECTION, TABLE, ClockService
from iosemu.features.feature import Feature

FEATURE = Feature("clock", order=3, tables=(TABLE,), sections=(SECTION,), services=(ClockService,))
