"""Routing protocols, route maps and what belongs to them."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

# What stands under an address family.
_NESTED = """\
  network LINE
  neighbor LINE
  redistribute LINE
  aggregate-address LINE
  maximum-paths LINE
  distance LINE
  default-information LINE
  default-metric = LINE
  distribute-list LINE
  table-map LINE
  bgp LINE
  *auto-summary
  *synchronization
  topology LINE\
"""

ROUTING = (
    Outline(
        "router",
        Place.ROUTER,
        f"""
router eigrp WORD > config-router
 address-family (ipv4|ipv6) LINE > config-router-af before ! after exit-address-family
  af-interface WORD > config-router-af-interface before ! after exit-af-interface
   LINE
  topology WORD > config-router-af-topology before ! after exit-af-topology
   LINE
{_NESTED}
  eigrp LINE
  metric LINE
  passive-interface LINE
 network LINE
 eigrp LINE
 redistribute LINE
 passive-interface LINE
 metric LINE
 variance = LINE
 maximum-paths = LINE
 default-information LINE
 distance LINE
 distribute-list LINE
 neighbor LINE
 offset-list LINE
 *auto-summary
 shutdown
router ospf <1-65535> [vrf WORD] > config-router
 router-id = A.B.C.D
 ispf
 *log-adjacency-changes [LINE]
 auto-cost LINE
 nsf LINE
 area LINE
 timers LINE
 redistribute LINE
 passive-interface LINE
 network LINE
 neighbor LINE
 maximum-paths = LINE
 default-information = LINE
 default-metric = LINE
 distance LINE
 distribute-list LINE
 max-metric LINE
 capability LINE
 mpls LINE
 summary-address LINE
 bfd LINE
 prefix-suppression
 shutdown
router rip > config-router
 version = <1-2>
 timers LINE
 redistribute LINE
 passive-interface LINE
 network LINE
 neighbor LINE
 offset-list LINE
 default-information LINE
 default-metric = LINE
 distance LINE
 distribute-list LINE
 *auto-summary
 address-family ipv4 LINE > config-router-af before ! after exit-address-family
{_NESTED}
  version = <1-2>
router isis [WORD] > config-router
 net LINE
 is-type = WORD
 metric-style = LINE
 *log-adjacency-changes [LINE]
 passive-interface LINE
 redistribute LINE
 default-information LINE
router bgp WORD > config-router
 bgp LINE
 template (peer-session|peer-policy) WORD > config-router-stmp
  LINE
 timers LINE
 network LINE
 aggregate-address LINE
 redistribute LINE
 neighbor LINE
 maximum-paths LINE
 distance LINE
 default-information LINE
 default-metric = LINE
 distribute-list LINE
 table-map LINE
 *auto-summary
 *synchronization
 address-family LINE > config-router-af before ! after exit-address-family
{_NESTED}
router ospfv3 <1-65535> > config-router
 router-id = A.B.C.D
 area LINE
 passive-interface LINE
 address-family LINE > config-router-af before ! after exit-address-family
{_NESTED}
  area LINE
  passive-interface LINE
router odr > config-router
 network LINE
 distribute-list LINE
router lisp > config-router-lisp
 LINE
router pim LINE
mpls LINE
""",
    ),
    Outline(
        "pim",
        Place.IP_FORWARD,
        """
ip pim (accept-register|accept-rp|autorp|bidir-enable|bsr-candidate|cache|dm-fallback|maximum|message-interval) [LINE]
ip pim (register-rate-limit|register-source|rp-announce-filter|rp-candidate|send-rp-announce) [LINE]
ip pim (send-rp-discovery|sparse|ssm|state-refresh|vrf) [LINE]
+ip pim log-neighbor-changes
""",
        40,
    ),
    Outline(
        "vrf routes",
        Place.IP_ROUTE,
        """
ip route static LINE
ip route profile
""",
        60,
    ),
    Outline(
        "forward",
        Place.IP_FORWARD,
        """
*ip forward-protocol LINE
ip default-gateway = A.B.C.D
ip default-network A.B.C.D
ip as-path access-list LINE
ip community-list LINE
ip extcommunity-list LINE
ip msdp LINE
ip mroute vrf LINE
ip local LINE
ip explicit-path LINE
ip bgp-community LINE
ip flow-export LINE
ip flow-top-talkers > config-flow-top-talkers
 top = <1-200>
 sort-by = WORD
 cache-timeout = LINE
""",
    ),
    Outline(
        "nat",
        Place.IP_NAT,
        """
ip nat translation LINE
ip nat pool WORD A.B.C.D A.B.C.D (netmask A.B.C.D|prefix-length <1-32>) type LINE
ip nat inside source route-map LINE
ip nat inside destination LINE
ip nat outside LINE
ip nat settings LINE
*ip nat service LINE
""",
    ),
    Outline(
        "ipv6",
        Place.IPV6,
        """
ipv6 router ospf <1-65535> > config-rtr
 router-id = A.B.C.D
 *log-adjacency-changes [LINE]
 auto-cost LINE
 area LINE
 redistribute LINE
 passive-interface LINE
 default-information LINE
 distance LINE
 maximum-paths = LINE
 shutdown
ipv6 router eigrp <1-65535> > config-rtr
 eigrp LINE
 redistribute LINE
 passive-interface LINE
 shutdown
ipv6 router rip WORD > config-rtr
 redistribute LINE
 distance LINE
ipv6 prefix-list LINE
ipv6 nat LINE
ipv6 local LINE
ipv6 pim LINE
ipv6 host LINE
ipv6 ioam LINE
""",
    ),
    Outline(
        "route-map",
        Place.ROUTE_MAP,
        """
route-map WORD [(permit|deny)] [<0-65535>] > config-route-map
 description = LINE
 match LINE
 set LINE
 continue = LINE
""",
    ),
    Outline(
        "arp",
        Place.ROUTE_MAP,
        """
arp LINE
""",
        90,
    ),
)
