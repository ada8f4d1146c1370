"""Lines of real routers that have no effect here: kept as entered and printed back where IOS prints them."""

from iosemu.features.feature import Feature
from iosemu.features.unemulated.config import SECTIONS
from iosemu.features.unemulated.config import TABLE as LINES
from iosemu.features.unemulated.exec import TABLE as EXEC
from iosemu.features.unemulated.kept_shows import TABLE as KEPT_SHOWS
from iosemu.features.unemulated.show import TABLE as SHOW

FEATURE = Feature("unemulated", tables=(LINES, SHOW, EXEC, KEPT_SHOWS), sections=SECTIONS)
