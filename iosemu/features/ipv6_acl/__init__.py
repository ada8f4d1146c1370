"""IPv6 access lists, and traffic filters."""

from iosemu.features.feature import Feature
from iosemu.features.ipv6_acl.commands import TABLE
from iosemu.features.ipv6_acl.printer import SECTION
from iosemu.features.ipv6_acl.show import TABLE as SHOW
from iosemu.features.ipv6_acl.traffic_filter import CONTRIBUTION, TrafficFilterService
from iosemu.features.ipv6_acl.traffic_filter import TABLE as FILTERS

FEATURE = Feature(
    "ipv6_acl",
    order=16,
    tables=(TABLE, FILTERS, SHOW),
    sections=(SECTION,),
    contributions=(CONTRIBUTION,),
    services=(TrafficFilterService,),
)
