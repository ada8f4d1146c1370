"""Authentication, authorization and accounting: who gets in, and what they may do there."""

from iosemu.features.aaa.commands import TABLE
from iosemu.features.aaa.config import SECTIONS
from iosemu.features.aaa.enable import TABLE as ENABLE
from iosemu.features.aaa.guard import LoginGuard
from iosemu.features.aaa.show import TABLE as SHOW
from iosemu.features.aaa.views import TABLE as VIEWS
from iosemu.features.aaa.views import VIEW_SECTION
from iosemu.features.feature import Feature

FEATURE = Feature(
    "aaa", order=6, tables=(TABLE, ENABLE, VIEWS, SHOW), sections=(*SECTIONS, VIEW_SECTION), services=(LoginGuard,)
)
