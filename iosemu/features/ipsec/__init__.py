"""Transform sets and profiles: what TEKs are made of."""

from iosemu.features.feature import Feature
from iosemu.features.ipsec.commands import TABLE
from iosemu.features.ipsec.config import SECTIONS
from iosemu.router.running_config import Default, Place

_LIFETIME = "crypto ipsec security-association lifetime seconds"

DEFAULTS = (Default(f"{_LIFETIME} 3600", place=Place.TRANSFORM_SET, key=_LIFETIME),)
FEATURE = Feature("ipsec", order=30, tables=(TABLE,), sections=SECTIONS, defaults=DEFAULTS)
