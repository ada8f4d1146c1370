"""Tunnel interfaces: GRE to one destination, or to many by NHRP."""

from iosemu.features.feature import Feature
from iosemu.features.tunnel.commands import TABLE
from iosemu.features.tunnel.config import CONTRIBUTION
from iosemu.features.tunnel.service import TunnelService

# Behind the static routes: whether a tunnel is up hangs on a route to its destination.
FEATURE = Feature("tunnel", order=21, tables=(TABLE,), contributions=(CONTRIBUTION,), services=(TunnelService,))
