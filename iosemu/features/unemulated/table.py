"""Which lines are kept although nothing here acts on them. What follows the leading words is kept as it is."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.router.running_config import Place


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that stand together; `order` ranks groups and sections of one place."""

    name: str
    place: Place
    prefixes: tuple[str, ...]
    order: int = 50


GLOBAL_LINES = (
    Group("service", Place.VERSION, ("service",)),
    Group("platform", Place.VERSION, ("platform",), 60),
    Group("boot", Place.BOOT, ("boot-start-marker", "boot-end-marker", "boot system")),
    Group("aaa", Place.AAA, ("aaa",)),
    Group("clock", Place.IP_GLOBAL, ("clock timezone", "clock summer-time", "mmi", "memory-size"), 30),
    Group("multicast", Place.IP_GLOBAL, ("ip multicast-routing",), 40),
    Group(
        "ip",
        Place.IP_GLOBAL,
        ("ip source-route", "ip host", "ip name-server", "ip cef", "ipv6 cef", "ipv6 unicast-routing"),
        60,
    ),
    Group("multilink", Place.IP_GLOBAL, ("multilink bundle-name",), 80),
    Group("licence", Place.PKI, ("license",)),
    Group("ssh", Place.USERNAME, ("ip ssh", "ip tcp"), 60),
    Group("pim", Place.IP_FORWARD, ("ip pim",), 40),
    Group("forward", Place.IP_FORWARD, ("ip forward-protocol",)),
    Group("http", Place.IP_HTTP, ("ip http",)),
    Group("log hosts", Place.LOGGING_TRAP, ("logging trap", "logging source-interface", "logging host")),
    Group("snmp", Place.IPV6, ("snmp-server",), 60),
    Group("control-plane", Place.CONTROL_PLANE, ("control-plane",)),
    Group("alias", Place.BANNER, ("alias", "privilege"), 60),
    Group("ntp", Place.NTP, ("ntp", "scheduler", "exception")),
)
# On from the start: only the negated form is printed.
DEFAULT_ON = (
    "cdp enable",
    "ip proxy-arp",
    "ip redirects",
    "ip source-route",
    "ip split-horizon",
    "ip unreachables",
    "keepalive",
)
# Printed in either form. The negated form of anything else only removes the line.
BOTH_FORMS = ("aaa new-model", "ip cef", "ip forward-protocol", "ip http", "ipv6 cef", "mmi", "platform", "service")
# IOS prints a blank behind these.
TRAILING_BLANK = ("ip multicast-routing",)
# One value each: a later line takes the place of an earlier one.
SINGLE_INTERFACE_LINES = (
    "duplex",
    "speed",
    "negotiation",
    "media-type",
    "delay",
    "load-interval",
    "cdp enable",
    "keepalive",
    "ip redirects",
    "ip proxy-arp",
    "ip unreachables",
    "ip pim",
    "tunnel source",
    "tunnel destination",
    "tunnel mode",
    "tunnel key",
    "ip nhrp authentication",
    "ip nhrp network-id",
    "ip nhrp redirect",
    "ip nhrp shortcut",
)
REPEATED_INTERFACE_LINES = (
    "ip igmp",
    "ip nhrp map",
    "ip nhrp nhs",
    "ip ospf",
    "ip split-horizon",
    "ip nat",
)
