"""Help texts for the words of outlines, which are shared by many commands."""

from __future__ import annotations

_PLACEHOLDERS = {
    "WORD": "Name or value",
    "LINE": "Further words",
    "A.B.C.D": "IP address",
    "A.B.C.D/nn": "IP prefix",
    "X:X:X:X::X": "IPv6 address",
    "X:X:X:X::X/<0-128>": "IPv6 prefix",
    "H.H.H": "MAC address",
    "hh:mm:ss": "Time of day",
    "INTERFACE": "Interface name",
}
_WORDS = {
    "aaa": "Authentication, Authorization and Accounting",
    "access-list": "Add an access list entry",
    "address": "Address",
    "address-family": "Enter Address Family command mode",
    "arp": "Set a static ARP entry",
    "authentication": "Authentication parameters",
    "bandwidth": "Bandwidth",
    "boot": "Modify system boot parameters",
    "cdp": "CDP configuration",
    "class": "Traffic class",
    "class-map": "Configure a class map",
    "control-plane": "Configure control plane services",
    "crypto": "Encryption module",
    "default": "Set a command to its defaults",
    "description": "Description",
    "event": "Event related configuration",
    "exit-address-family": "Exit from Address Family configuration mode",
    "flow": "Configure flow parameters",
    "ikev2": "Configure IKEv2 options",
    "ip": "Internet Protocol",
    "ipsec": "Configure IPSEC policy",
    "ipv4": "IP version 4",
    "ipv6": "IP version 6",
    "isakmp": "Configure ISAKMP policy",
    "key": "Key management",
    "license": "Configure license features",
    "lifetime": "Lifetime",
    "match": "Match values",
    "neighbor": "Specify a neighbor router",
    "network": "Specify a network",
    "ntp": "Configure NTP",
    "peer": "Peer parameters",
    "permit": "Specify packets to forward",
    "deny": "Specify packets to reject",
    "pki": "Public Key components",
    "platform": "Modify platform parameters",
    "policy-map": "Configure a policy map",
    "redistribute": "Redistribute information from another routing protocol",
    "remark": "Comment",
    "route-map": "Create a route map",
    "router": "Enable a routing process",
    "server": "Server",
    "set": "Set values",
    "show": "Show running system information",
    "clear": "Reset functions",
    "shutdown": "Shut down",
    "snmp-server": "Modify SNMP engine parameters",
    "standby": "HSRP interface configuration commands",
    "track": "Object tracking",
    "vlan": "VLAN",
    "voice": "Global voice configuration",
    "vrf": "VPN Routing/Forwarding instance",
}


def help_for(word: str) -> str:
    """The help text of a word: its own, that of its placeholder, or its name spelled out."""
    if word in _PLACEHOLDERS:
        return _PLACEHOLDERS[word]
    if word.startswith("<"):
        return "Number"
    return _WORDS.get(word, word.replace("-", " ").capitalize())
