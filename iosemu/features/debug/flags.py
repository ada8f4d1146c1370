"""What can be debugged: the words behind `debug`, the heading of `show debugging`, and what is on."""

from __future__ import annotations

from iosemu.features.debug.gdoi import GDOI, ON

FLAGS: dict[str, tuple[str, str]] = {
    "ip icmp": ("Generic IP", "ICMP packet debugging is on"),
    "ip igmp": ("IGMP", "IGMP debugging is on"),
    "ip pim": ("PIM", "PIM debugging is on"),
    "ipv6 icmp": ("Generic IPv6", "ICMPv6 packet debugging is on"),
    "ipv6 nd": ("Generic IPv6", "ICMP Neighbor Discovery events debugging is on"),
    "nhrp": ("NHRP", "NHRP protocol debugging is on"),
    "nhrp packet": ("NHRP", "NHRP activity debugging is on"),
    "ip nat": ("Generic IP", "IP NAT debugging is on"),
    "ip tcp transactions": ("TCP", "TCP special event debugging is on"),
    "crypto isakmp": ("Cryptographic Subsystem", "Crypto ISAKMP debugging is on"),
    "crypto ipsec": ("Cryptographic Subsystem", "Crypto IPSEC debugging is on"),
    "crypto pki messages": ("Cryptographic Subsystem", "Crypto PKI Msg debugging is on"),
    "crypto pki server": ("Cryptographic Subsystem", "Crypto PKI Certificate Server debugging is on"),
    "crypto pki transactions": ("Cryptographic Subsystem", "Crypto PKI Trans debugging is on"),
    "crypto pki validation": ("Cryptographic Subsystem", "Crypto PKI Validation Path debugging is on"),
    GDOI: ("Cryptographic Subsystem", ON),
}
