"""Texts that greet whoever comes to a line."""

from iosemu.features.banner.commands import TABLE
from iosemu.features.banner.config import SECTION
from iosemu.features.feature import Feature

FEATURE = Feature("banner", tables=(TABLE,), sections=(SECTION,))
