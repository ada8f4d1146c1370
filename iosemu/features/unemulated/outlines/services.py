"""IP services, management and voice."""

from __future__ import annotations

from iosemu.features.unemulated.outlines.outline import Outline
from iosemu.router.running_config import Place

SERVICES = (
    Outline(
        "dhcp",
        Place.IP_DHCP,
        """
*ip dhcp (bootp|conflict|database|smart-relay|relay|use) LINE
ip dhcp excluded-address LINE
ip dhcp pool WORD > dhcp-config
 import all
 vrf = WORD
 network = LINE
 host = A.B.C.D [A.B.C.D]
 hardware-address = LINE
 client-identifier = WORD
 client-name = WORD
 default-router = LINE
 dns-server = LINE
 domain-name = WORD
 netbios-name-server = LINE
 netbios-node-type = WORD
 option LINE
 lease = LINE
 next-server = LINE
 bootfile = WORD
 update LINE
""",
    ),
    Outline(
        "ip",
        Place.IP_GLOBAL,
        """
+ip source-route
+ip gratuitous-arps
+ip bootp server
*ip finger
ip inspect LINE
ip ips LINE
ip admission LINE
ip auth-proxy LINE
ip accounting LINE
*ip cef [LINE]
ip flow-cache LINE
ip options = (drop|ignore)
ip icmp LINE
ip sla enable LINE
ip subnet-zero
*ip classless
*ip routing
*ip mfib
*ip igmp (immediate-leave|limit|profile|snooping|ssm-map|vrf) [LINE]
""",
        60,
    ),
    Outline(
        "ipv6 services",
        Place.IP_GLOBAL,
        """
*ipv6 cef [LINE]
ipv6 multicast-routing
ipv6 source-route
ipv6 general-prefix LINE
ipv6 dhcp LINE
security authentication failure rate LINE
secure LINE
""",
        62,
    ),
    Outline(
        "multicast",
        Place.IP_GLOBAL,
        """
~ip multicast-routing vrf WORD [distributed]
ip multicast LINE
""",
        40,
    ),
    Outline(
        "multilink",
        Place.IP_GLOBAL,
        """
multilink bundle-name = WORD
multilink virtual-template = <1-1000>
vpdn LINE
""",
        80,
    ),
    Outline(
        "flow",
        Place.FLOW,
        """
parameter-map type LINE > config-profile
 log LINE
 alert LINE
 audit-trail LINE
 max-incomplete LINE
 one-minute LINE
 sessions LINE
 tcp LINE
 udp LINE
 icmp LINE
 dns-timeout LINE
 pattern LINE
 server LINE
async-bootp LINE
subscriber LINE
flow record WORD > config-flow-record
 description = LINE
 match LINE
 collect LINE
flow exporter WORD > config-flow-exporter
 description = LINE
 destination = LINE
 source = INTERFACE
 transport = LINE
 template LINE
 option LINE
 dscp = <0-63>
 export-protocol = WORD
flow monitor WORD > config-flow-monitor
 description = LINE
 exporter WORD
 cache LINE
 record = LINE
 statistics LINE
flow-sampler-map WORD > config-flow-sampler
 mode LINE
""",
    ),
    Outline(
        "voice",
        Place.VOICE,
        """
voice-card <0-99> > config-voicecard
 dsp services LINE
 dspfarm
 codec LINE
voice service WORD > conf-voi-serv
 allow-connections LINE
 fax LINE
 modem LINE
 ip address LINE
 sip > conf-serv-sip
  bind LINE
  registrar LINE
 h323 > conf-serv-h323
  LINE
voice class LINE
voice translation-rule <1-2147483647> > cfg-translation-rule
 rule <1-100> LINE
voice translation-profile WORD > cfg-translation-profile
 translate LINE
voice rtp LINE
voice vad-time = <250-65536>
""",
    ),
    Outline(
        "ip tcp",
        Place.USERNAME,
        """
*ip tcp LINE
ip telnet LINE
*lldp LINE
*cdp LINE
""",
        60,
    ),
    Outline(
        "ip sla",
        Place.TRACK,
        """
ip sla <1-2147483647> > config-ip-sla
 icmp-echo LINE > config-ip-sla-echo
  frequency = <1-604800>
  timeout = <0-604800000>
  threshold = <0-60000>
  tag = LINE
  vrf = WORD
  owner = LINE
  request-data-size = <0-16384>
  tos = <0-255>
 udp-jitter LINE > config-ip-sla-jitter
  frequency = <1-604800>
  timeout = <0-604800000>
  tos = <0-255>
  tag = LINE
 udp-echo LINE > config-ip-sla-udp
  frequency = <1-604800>
  timeout = <0-604800000>
 tcp-connect LINE > config-ip-sla-tcp
  frequency = <1-604800>
  timeout = <0-604800000>
 http LINE > config-ip-sla-http
  frequency = <1-604800>
 dns LINE > config-ip-sla-dns
  frequency = <1-604800>
ip sla schedule <1-2147483647> = LINE
ip sla responder [LINE]
ip sla reaction-configuration LINE
""",
    ),
    Outline(
        "name and file servers",
        Place.IP_HTTP,
        """
*ip dns server
ip ftp LINE
*ip tftp LINE
ip rcmd LINE
ip tacacs source-interface = INTERFACE
ip radius source-interface = INTERFACE
""",
        60,
    ),
    Outline(
        "log hosts",
        Place.LOGGING_TRAP,
        """
logging history LINE
logging rate-limit = LINE
logging alarm = LINE
logging esm LINE
logging event LINE
""",
    ),
    Outline(
        "kron",
        Place.IPV6,
        """
kron occurrence WORD LINE > config-kron-occurrence
 policy-list WORD
kron policy-list WORD > config-kron-policy
 cli LINE
dialer-list LINE
dialer watch-list LINE
map-class LINE
""",
        60,
    ),
    Outline(
        "snmp",
        Place.SNMP,
        """
*snmp-server LINE
snmp mib LINE
*snmp ifmib LINE
rmon LINE
""",
    ),
    Outline(
        "tacacs",
        Place.TACACS,
        """
tacacs server WORD > config-server-tacacs
 address ipv4 = LINE
 address ipv6 = LINE
 key = LINE
 timeout = <1-1000>
 port = <1-65535>
 single-connection
tacacs-server LINE
radius server WORD > config-radius-server
 address ipv4 = LINE
 address ipv6 = LINE
 key = LINE
 timeout = <1-1000>
 retransmit = <0-100>
 automate-tester LINE
radius-server LINE
radius-server attribute LINE
""",
    ),
    Outline(
        "dial-peer",
        Place.DIAL_PEER,
        """
voice-port WORD > config-voiceport
 LINE
ccm-manager LINE
mgcp [LINE]
mgcp profile LINE
sccp LINE
gateway > config-gateway
 LINE
gatekeeper > config-gk
 shutdown
 LINE
dial-peer voice <1-2147483647> (pots|voip|mmoip|vofr) > config-dial-peer
 LINE
dial-peer cor LINE
sip-ua > config-sip-ua
 LINE
telephony-service > config-telephony
 LINE
ephone-dn LINE
ephone LINE
call-manager-fallback > config-cm-fallback
 LINE
num-exp LINE
""",
    ),
    Outline(
        "event",
        Place.EVENT,
        """
ntp LINE
event manager environment LINE
event manager applet WORD [LINE] > config-applet
 description LINE
 event LINE
 trigger LINE
 action LINE
mac address-table LINE
mac-address-table LINE
monitor session LINE
vlan access-map WORD [<0-65535>] > config-access-map
 match LINE
 action LINE
vlan filter LINE
mac access-list extended WORD > config-ext-macl
 permit LINE
 deny LINE
 <1-2147483647> (permit|deny) LINE
ip access-list fqdn WORD > config-fqdn-acl
 permit LINE
 deny LINE
 <1-2147483647> (permit|deny) LINE
ip access-list role-based WORD > config-rb-acl
 permit LINE
 deny LINE
 <1-2147483647> (permit|deny) LINE
arp access-list WORD > config-arp-nacl
 permit LINE
 deny LINE
ipv6 access-list role-based WORD > config-ipv6rb-acl
 permit LINE
 deny LINE
macro name WORD > config-macro body @
macro global LINE
webvpn LINE
wsma LINE
netconf LINE
netconf-yang [LINE]
restconf
""",
    ),
)
