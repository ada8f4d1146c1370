"""Genie's parsers read the shows of IPv6, and what they read is so."""

from __future__ import annotations

import pytest

from iosemu.labs.lab import Lab
from tests.interop.clients.genie import parsed_in
from tests.lab.driver import configure, ping, scenario


@pytest.fixture(scope="module")
def lab() -> Lab:
    """A group for IPv6 whose hosts have spoken."""
    made = scenario("12-ipv6")
    entries = "permit icmp any any", "deny tcp any any log"
    configure(made, "GM1", "ipv6 access-list T", *entries, "interface g0/1", "ipv6 traffic-filter T in")
    assert ping(made, "H1", "2001:db8:12:2::10") == 5
    return made


def test_interfaces(lab: Lab) -> None:
    wan = parsed_in(lab, "GM1", "show ipv6 interface")["GigabitEthernet0/0"]
    assert wan["ipv6"]["2001:DB8:FF:1::2/64"]["status"] == "valid"
    assert wan["mtu"] == 1500
    assert "FF02::2" in wan["joined_group_addresses"]
    brief = parsed_in(lab, "GM1", "show ipv6 interface brief")["interface"]
    assert brief["GigabitEthernet0/1"]["ipv6_addresses"] == ["2001:DB8:12:1::1"]


def test_routes_and_neighbours(lab: Lab) -> None:
    routes = parsed_in(lab, "GM1", "show ipv6 route")["vrf"]["default"]["address_family"]["ipv6"]["routes"]
    assert routes["::/0"]["source_protocol"] == "static"
    assert routes["2001:DB8:12:1::1/128"]["source_protocol"] == "local"
    assert parsed_in(lab, "GM1", "show ipv6 route 2001:db8:12:2::1")["entry"]["::/0"]["known_via"] == "static"
    neighbours = parsed_in(lab, "GM1", "show ipv6 neighbors")["interface"]["GigabitEthernet0/1"]["neighbors"]
    assert neighbours["2001:DB8:12:1::10"]["neighbor_state"] in ("REACH", "STALE", "DELAY")


def test_lists_count(lab: Lab) -> None:
    entries = parsed_in(lab, "GM1", "show ipv6 access-list")["T"]["aces"]
    assert entries["10"]["statistics"]["matched_packets"] >= 5
    assert entries["20"]["actions"] == {"forwarding": "deny", "logging": "log-syslog"}


def test_traffic(lab: Lab) -> None:
    read, stack = parsed_in(lab, "GM1", "show ipv6 traffic"), lab.routers["GM1"].ip6
    assert read["ipv6_statistics"]["received"]["total"] == stack.counters["received"] > 10
    assert read["ipv6_statistics"]["sent"]["forwarded"] == stack.counters["forwarded"] >= 10
    assert read["icmp_statistics"]["sent"]["router_advert"] >= 2


def test_groups_and_pings(lab: Lab) -> None:
    group = parsed_in(lab, "GM1", "show crypto gdoi")["group_name"]["GETV6"]
    assert group["group_information"]["crypto_path"] == "ipv6"
    entries = parsed_in(lab, "KS1", "show crypto gdoi ks acl")["group_name"]["GETV6"]["configured_acl"]
    assert entries[-1].endswith("permit ipv6 2001:DB8:12::/48 2001:DB8:12::/48")
    read = parsed_in(lab, "GM1", "ping ipv6 2001:db8:ff:1::1")["ping"]
    assert read["statistics"]["success_rate_percent"] == 100
