"""Crypto maps of type `gdoi`, and their place on interfaces."""

from iosemu.features.crypto_map.commands import TABLE
from iosemu.features.crypto_map.config import CONTRIBUTION, SECTION
from iosemu.features.feature import Feature

FEATURE = Feature("crypto_map", order=30, tables=(TABLE,), sections=(SECTION,), contributions=(CONTRIBUTION,))
