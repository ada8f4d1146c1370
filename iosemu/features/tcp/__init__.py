"""The router's own TCP and UDP as they are shown and debugged."""

from iosemu.features.feature import Feature
from iosemu.features.tcp.service import TcpDebugService
from iosemu.features.tcp.show import TABLE

FEATURE = Feature("tcp", order=5, tables=(TABLE,), services=(TcpDebugService,))
