"""Transform sets and profiles: what TEKs are made of."""

from iosemu.features.feature import Feature
from iosemu.features.ipsec.commands import TABLE
from iosemu.features.ipsec.config import SECTIONS

FEATURE = Feature("ipsec", order=30, tables=(TABLE,), sections=SECTIONS)
