"""ping and traceroute."""

from iosemu.features.feature import Feature
from iosemu.features.ip_tools.ping import TABLE as PING
from iosemu.features.ip_tools.traceroute import TABLE as TRACEROUTE

FEATURE = Feature("ip_tools", tables=(PING, TRACEROUTE))
