"""The order in which IOS prints the lines under an interface."""

from __future__ import annotations

from collections.abc import Iterable

# Leading words; lines of one rank keep the order in which they come. What is not named stands before `shutdown`.
BEFORE = (
    "description",
    "mtu",
    "bandwidth",
    "delay",
    "load-interval",
    "encapsulation",
    "vrf forwarding",
    "ip vrf forwarding",
    "ip address",
    "ip redirects",
    "ip unreachables",
    "ip proxy-arp",
    "ip access-group",
    "ip mtu",
    "ip nat",
    "ip nhrp",
    "ip pim",
    "ip igmp",
    "ip tcp adjust-mss",
    "ip split-horizon",
    "ip ospf",
)
AFTER = (
    "shutdown",
    "duplex",
    "speed",
    "media-type",
    "negotiation",
    "ipv6 address",
    "ipv6 enable",
    "ipv6 mtu",
    "ipv6 nd",
    "ipv6 traffic-filter",
    "ipv6",
    "ipv6 crypto map",
    "cdp",
    "mop",
    "channel-group",
    "tunnel source",
    "tunnel mode",
    "tunnel destination",
    "tunnel key",
    "tunnel checksum",
    "tunnel sequence-datagrams",
    "tunnel tos",
    "tunnel ttl",
    "tunnel path-mtu-discovery",
    "tunnel vrf",
    "tunnel protection",
    "tunnel",
    "service-policy",
    "crypto ipsec",
    "crypto map",
)
# The longest prefix counts.
RANKS = {prefix: rank for rank, prefix in enumerate((*BEFORE, "", *AFTER))}


def in_ios_order(lines: Iterable[str]) -> list[str]:
    """The lines, sorted by their leading words; `no` in front changes nothing."""
    return sorted(lines, key=_rank)


def _rank(line: str) -> int:
    words = line.strip().removeprefix("no ")
    return RANKS[max((prefix for prefix in RANKS if words.startswith(prefix)), key=len)]
