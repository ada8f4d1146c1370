"""ping and traceroute."""

from iosemu.features.feature import Feature
from iosemu.features.ip_tools.ping import TABLE as PING
from iosemu.features.ip_tools.ping6 import TABLE as PING6
from iosemu.features.ip_tools.traceroute import TABLE as TRACEROUTE
from iosemu.features.ip_tools.traceroute6 import TABLE as TRACEROUTE6

FEATURE = Feature("ip_tools", tables=(PING, PING6, TRACEROUTE, TRACEROUTE6))
