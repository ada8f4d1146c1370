"""Names: `ip host`, `ip domain`, `ip name-server`, and what happens to a word that is no command."""

from iosemu.features.dns.commands import TABLE
from iosemu.features.dns.config import SECTION
from iosemu.features.dns.lookup import TABLE as LOOKUP
from iosemu.features.feature import Feature
from iosemu.router.running_config import Default, Place

DEFAULTS = (Default("ip domain lookup", place=Place.IP_GLOBAL),)
FEATURE = Feature("dns", order=1, tables=(TABLE, LOOKUP), sections=(SECTION,), defaults=DEFAULTS)
