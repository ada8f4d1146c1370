"""IKE phase 1: policies, keys, and the speaker on UDP 848 that all GDOI roles share."""

from iosemu.features.feature import Feature
from iosemu.features.isakmp.commands import TABLE
from iosemu.features.isakmp.config import SECTION
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.isakmp.show import TABLE as SHOW

FEATURE = Feature("isakmp", order=30, tables=(TABLE, SHOW), sections=(SECTION,), services=(IsakmpService,))
