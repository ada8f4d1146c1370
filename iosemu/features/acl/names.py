"""The words that IOS has for protocols, ports and ICMP messages."""

from __future__ import annotations

PROTOCOLS = {
    "ip": 0, "icmp": 1, "igmp": 2, "ipinip": 4, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ahp": 51, "eigrp": 88,
    "ospf": 89, "nos": 94, "pim": 103, "pcp": 108,
}  # fmt: skip
TCP_PORTS = {
    "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "telnet": 23, "smtp": 25,
    "time": 37, "whois": 43, "tacacs": 49, "domain": 53, "gopher": 70, "finger": 79, "www": 80, "hostname": 101,
    "pop2": 109, "pop3": 110, "sunrpc": 111, "ident": 113, "nntp": 119, "msrpc": 135, "bgp": 179, "irc": 194,
    "pim-auto-rp": 496, "exec": 512, "login": 513, "cmd": 514, "lpd": 515, "talk": 517, "uucp": 540, "klogin": 543,
    "kshell": 544,
}  # fmt: skip
UDP_PORTS = {
    "echo": 7, "discard": 9, "time": 37, "nameserver": 42, "tacacs": 49, "domain": 53, "bootps": 67, "bootpc": 68,
    "tftp": 69, "sunrpc": 111, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ss": 139, "snmp": 161,
    "snmptrap": 162, "xdmcp": 177, "dnsix": 195, "mobile-ip": 434, "pim-auto-rp": 496, "isakmp": 500, "biff": 512,
    "who": 513, "syslog": 514, "talk": 517, "rip": 520, "non500-isakmp": 4500,
}  # fmt: skip


def port_number(word: str, names: dict[str, int]) -> int | None:
    """The number of a port by number, name, or the start of one name; None when it is none of these."""
    if word.isdecimal():
        return int(word) if int(word) <= 65535 else None
    if word.lower() in names:
        return names[word.lower()]
    found = [number for name, number in names.items() if name.startswith(word.lower())]
    return found[0] if len(found) == 1 else None


# Type and code; no code means every code of the type.
ICMP_MESSAGES: dict[str, tuple[int, int | None]] = {
    "echo-reply": (0, None),
    "unreachable": (3, None),
    "net-unreachable": (3, 0),
    "host-unreachable": (3, 1),
    "protocol-unreachable": (3, 2),
    "port-unreachable": (3, 3),
    "packet-too-big": (3, 4),
    "administratively-prohibited": (3, 13),
    "source-quench": (4, None),
    "redirect": (5, None),
    "echo": (8, None),
    "time-exceeded": (11, None),
    "ttl-exceeded": (11, 0),
    "reassembly-timeout": (11, 1),
    "parameter-problem": (12, None),
    "timestamp-request": (13, None),
    "timestamp-reply": (14, None),
    "mask-request": (17, None),
    "mask-reply": (18, None),
    "traceroute": (30, None),
}
