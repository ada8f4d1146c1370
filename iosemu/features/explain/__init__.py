"""For those who learn: `terminal iosemu explain on` adds what went wrong, what to look at, and where it is written."""

from iosemu.features.explain.commands import TABLE
from iosemu.features.feature import Feature

FEATURE = Feature("explain", tables=(TABLE,))
