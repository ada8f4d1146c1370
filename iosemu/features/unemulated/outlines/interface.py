"""Lines under an interface."""

INTERFACE = """
encapsulation (ppp|hdlc|frame-relay|slip) [LINE]
atm LINE
pvc LINE
frame-relay LINE
delay = <1-16777215>
ospfv3 LINE
mac access-group LINE
duplex = (auto|full|half)
speed = WORD
media-type = WORD
*negotiation auto
!*keepalive [LINE]
+cdp enable
+lldp transmit
+lldp receive
+mop enabled
mop sysid
+ip redirects
+ip unreachables
+ip proxy-arp
ip directed-broadcast [LINE]
ip unnumbered = INTERFACE
ip verify LINE
ip flow LINE
+ip route-cache
ip route-cache LINE
+ip mroute-cache
ip helper-address LINE
ip policy route-map = WORD
ip virtual-reassembly [LINE]
ip nat enable
ip inspect LINE
ip ips LINE
ip accounting LINE
ip authentication LINE
ip hello-interval LINE
ip hold-time LINE
ip summary-address LINE
+ip split-horizon [LINE]
ip bandwidth-percent LINE
ip ospf cost = <1-65535>
ip ospf priority = <0-255>
ip ospf network = LINE
ip ospf hello-interval = <1-65535>
ip ospf dead-interval = LINE
ip ospf authentication [WORD]
ip ospf authentication-key = LINE
ip ospf message-digest-key LINE
ip ospf mtu-ignore
ip ospf <1-65535> area = WORD
ip ospf LINE
ip router isis [WORD]
ip rip LINE
ip pim (bidir-neighbor-filter|border|bsr-border|nbma-mode|neighbor-filter|passive) [LINE]
ip pim (redundancy|state-refresh|version) [LINE]
ip igmp (access-group|explicit-tracking|helper-address|immediate-leave|limit|mroute-proxy) [LINE]
ip igmp (proxy-service|tcn|unidirectional-link|v3lite) [LINE]
ip multicast LINE
ip nhrp map group LINE
ip nhrp nhs (dynamic|cluster|fallback) LINE
ip nhrp LINE
ip rsvp LINE
ip sla LINE
ip load-sharing = WORD
isis LINE
ipv6 address (autoconfig|dhcp) [LINE]
ipv6 address WORD X:X:X:X::X/<0-128> [LINE]
ipv6 nd (advertisement-interval|autoconfig|cache|destination-guard|inspection|na|nud|ns-interval) [LINE]
ipv6 nd (raguard|reachable-time|secured) [LINE]
ipv6 nd prefix LINE
ipv6 nd ra (dns|hop-limit|mtu|solicited) [LINE]
ipv6 ospf LINE
ipv6 eigrp <1-65535>
ipv6 rip LINE
ipv6 dhcp LINE
ipv6 (unnumbered|verify|policy|pim|mld|multicast|nat|nhrp|inspect|flow|cef|tcp|authentication|redirects) [LINE]
ipv6 (hello-interval|hold-time|next-hop-self|split-horizon|summary-address|bandwidth-percent|mobile|mode) [LINE]
ipv6 router isis [LINE]
ipv6 (unreachables|virtual-reassembly) [LINE]
tunnel protection = LINE
tunnel bandwidth LINE
tunnel LINE
standby LINE
vrrp LINE
glbp LINE
switchport [LINE]
channel-group = LINE
channel-protocol = WORD
spanning-tree LINE
storm-control LINE
service-policy LINE
service instance LINE
service-module LINE
zone-member security = WORD
traffic-shape LINE
rate-limit LINE
random-detect [LINE]
fair-queue [LINE]
hold-queue LINE
tx-ring-limit = LINE
priority-group = <1-16>
custom-queue-list = <1-16>
max-reserved-bandwidth = <1-100>
bfd LINE
mpls LINE
ntp LINE
snmp LINE
logging event LINE
carrier-delay = LINE
dampening [LINE]
arp LINE
mac-address = H.H.H
pppoe LINE
pppoe-client LINE
ppp LINE
dialer LINE
dialer-group = <1-128>
peer LINE
clock rate = <1200-8000000>
clock source = LINE
serial LINE
dce-terminal-timing-enable
crypto ipsec fragmentation = (after-encryption|before-encryption)
crypto ikev2 LINE
bridge-group LINE
h323-gateway LINE
isdn LINE
xconnect LINE
macsec
mka LINE
cts LINE
auto LINE
autodetect LINE
"""
