"""EXEC commands of IOS that are known and not emulated: they say so, unlike words that IOS does not know."""

from __future__ import annotations

from iosemu.cli import CONFIG, PRIV_EXEC, USER_EXEC, CommandTable, Context
from iosemu.cli.outline import parse
from iosemu.cli.spec import words
from iosemu.cli.vocabulary import help_for

TABLE = CommandTable()

USER = """
show ip bgp [LINE]
show ip ospf [LINE]
show ip eigrp [LINE]
show ip rip [LINE]
show ip protocols [LINE]
show ip msdp [LINE]
show ip dhcp [LINE]
show ip sla [LINE]
show ip cef [LINE]
show ip cache [LINE]
show ip traffic
show ip sockets
show ip inspect [LINE]
show bgp [LINE]
show ospfv3 [LINE]
show eigrp [LINE]
show isis [LINE]
show ipv6 (protocols|ospf|nat|cef|dhcp|eigrp|mroute|pim|mld) [LINE]
show standby [LINE]
show vrrp [LINE]
show glbp [LINE]
show track [LINE]
show bfd [LINE]
show mpls [LINE]
show policy-map [LINE]
show class-map [LINE]
show zone [LINE]
show flow [LINE]
show snmp [LINE]
show vlan [LINE]
show vlans [LINE]
show vtp [LINE]
show spanning-tree [LINE]
show mac address-table [LINE]
show etherchannel [LINE]
show frame-relay [LINE]
show atm [LINE]
show dialer [LINE]
show ppp [LINE]
show isdn [LINE]
show voice [LINE]
show license [LINE]
show redundancy [LINE]
show environment [LINE]
show platform [LINE]
show diag [LINE]
show controllers [LINE]
show power [LINE]
show call [LINE]
show rmon [LINE]
show kron [LINE]
show buffers [LINE]
show stacks [LINE]
show tcp [LINE]
show udp [LINE]
show sockets [LINE]
show control-plane LINE
show parameter-map LINE
show subsys [LINE]
show rom-monitor [LINE]
show region
show idb
show list [LINE]
show queue LINE
show queueing [LINE]
show rtpspi LINE
show calendar
show dhcp [LINE]
show ip admission [LINE]
show ip alias
show ip audit [LINE]
show ip casa [LINE]
show ip flow [LINE]
show ip helper-address
show ip local [LINE]
show ip policy
show ip redirects
show ip static [LINE]
show ip tcp LINE
show ip virtual-reassembly [LINE]
show ip wccp [LINE]
show ip http [LINE]
show ip multicast [LINE]
show ip igmp (snooping|ssm-mapping|tracking|vrf) [LINE]
show ip pim (autorp|boundary|bsr-router|mdt|rp-hash|tunnel|vrf) [LINE]
show ip (mroute|rpf) vrf LINE
show call-home [LINE]
show ethernet [LINE]
show template
show kerberos LINE
show macro [LINE]
show macsec [LINE]
show mka [LINE]
show sdwan [LINE]
show interfaces summary
show interfaces counters [LINE]
show interfaces stats
show interfaces status
show interfaces trunk
show interfaces switchport [LINE]
show interfaces accounting
show interfaces transceiver [LINE]
telnet WORD [LINE]
ssh LINE
rlogin LINE
connect WORD [LINE]
mrinfo [LINE]
mstat [LINE]
mtrace [LINE]
pad LINE
ppp LINE
slip LINE
tunnel LINE
udptn LINE
x28 LINE
x3 LINE
"""

PRIVILEGED = """
debug ipv6 (cef|dhcp|eigrp|mld|mrib|nat|ospf|packet|pim|policy|pool|rip|routing) [LINE]
debug (aaa|arp|bgp|dhcp|eigrp|interface|ntp|ospf|snmp|standby|tunnel|vrrp) [LINE]
debug ip (bgp|dhcp|eigrp|nat|ospf|packet|policy|rip|routing|ssh|udp) [LINE]
debug ip tcp (driver|packet) [LINE]
debug crypto (condition|engine|ikev2|kmi|sockets) [LINE]
debug crypto pki (api|callbacks|scep) [LINE]
show aaa [LINE]
show tacacs [LINE]
show radius [LINE]
show event manager [LINE]
show monitor [LINE]
show crypto ikev2 [LINE]
show crypto pki [LINE]
show crypto ca [LINE]
show crypto identity [LINE]
show crypto call admission [LINE]
show crypto eli all
show crypto engine (accelerator|configuration|qos|token) [LINE]
show crypto sockets
show crypto ipsec profile [LINE]
show crypto ipsec policy [LINE]
show crypto ipsec client [LINE]
show crypto ipsec spi-lookup
clear crypto sa [LINE]
clear crypto (call|ikev2|engine|datapath|mib|acl|pki|ipv6) [LINE]
clear crypto session [LINE]
clear ip bgp LINE
clear ip ospf LINE
clear ip eigrp LINE
clear ip dhcp LINE
crypto key (lock|unlock|encrypt|decrypt) LINE
crypto pki LINE
crypto ca LINE
monitor event-trace LINE
monitor capture LINE
test LINE
setup
erase nvram:
format WORD
squeeze WORD
fsck [WORD]
license LINE
issu LINE
redundancy LINE
microcode LINE
upgrade LINE
event manager LINE
emm LINE
ip sla LINE
mpls LINE
lock
name-connection
rsh LINE
systat
tarp LINE
clear ipv6 (dhcp|eigrp|mfib|mld|mtu|nat|ospf|pim|rip|route|traffic) [LINE]
clear (cdp|lldp|snmp|vtp|mac|spanning-tree|aaa|isdn|dialer|frame-relay|ppp|pppoe|tcp|track|zone-pair) [LINE]
"""
# What is typed in configuration mode and done at once, without a line of its own.
ACTIONS = """
crypto pki trustpool (clean|import) [LINE]
crypto pki certificate self-signed [LINE]
"""


def not_emulated(ctx: Context, **_: object) -> str:
    """Name the command in full, so that it is clear that it was understood."""
    return f'iosemu: "{ctx.line}" is known but not emulated\n'


for _mode, _text in ((USER_EXEC, USER), (PRIV_EXEC, PRIVILEGED), (CONFIG, ACTIONS)):
    for _outlined in parse(_text):
        _helps = "\n".join(help_for(word) for word in words(_outlined.spec))
        _negated = _outlined.spec if _mode is CONFIG else None
        TABLE.command(_mode, _outlined.spec, _helps, no=_negated, kept=True)(not_emulated)
