"""What forwards the packets of a router whose ports are devices of the host, and how well it does."""

from iosemu.features.feature import Feature
from iosemu.features.platform.show import TABLE
from iosemu.features.platform.statistics import PlatformService

FEATURE = Feature("platform", tables=(TABLE,), services=(PlatformService,))
