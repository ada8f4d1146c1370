"""HTTP: `ip http` lines, a server that features plug into, and a client."""

from iosemu.features.feature import Feature
from iosemu.features.http.config import SECTION, TABLE
from iosemu.features.http.service import HttpService
from iosemu.features.http.show import TABLE as SHOW

FEATURE = Feature("http", order=25, tables=(TABLE, SHOW), sections=(SECTION,), services=(HttpService,))
