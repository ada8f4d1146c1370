"""Genie's parsers read the shows of multicast routing: the scenario of multicast rekeys with hosts in a group.

Its parser takes the lines of `show ip mroute summary` for those of an extranet, and fails.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.interop.clients.genie import parsed_in
from tests.lab.driver import configure, do, scenario

PARSED = (
    ("GM2", "show ip mroute"), ("CORE", "show ip mroute"), ("CORE", "show ip mroute count"),
    ("CORE", "show ip mroute static"),
    ("CORE", "show ip pim neighbor"), ("CORE", "show ip pim interface"), ("CORE", "show ip pim rp mapping"),
    ("GM2", "show ip igmp groups"), ("GM2", "show ip igmp interface"), ("GM2", "show ip igmp membership"),
    ("GM2", "show ip rpf 10.4.1.10"),
)  # fmt: skip


@pytest.fixture(scope="module")
def parsed() -> dict[tuple[str, str], Any]:
    """What Genie makes of each command's screen."""
    lab = scenario("04-multicast-rekey")
    configure(lab, "CORE", "ip mroute 10.4.1.0 255.255.255.0 198.51.100.2")
    do(lab, "H1: igmp join 239.4.1.1", "H2: igmp join 239.4.1.1", "wait 5", "H1: ping 239.4.1.1 repeat 4")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 30")
    return {item: parsed_in(lab, *item) for item in PARSED}


def group(parsed: dict[tuple[str, str], Any], node: str, name: str) -> Any:
    """The sources of a group in a node's table."""
    table = parsed[node, "show ip mroute"]["vrf"][""]["address_family"]["ipv4"]
    return table["multicast_group"][name]["source_address"]


def test_mroute(parsed: dict[tuple[str, str], Any]) -> None:
    trees = group(parsed, "GM2", "239.4.1.1")
    assert trees["*"]["rp"] == "192.0.2.100"
    assert trees["*"]["flags"] == "SJC"
    assert group(parsed, "GM2", "239.192.1.1")["192.0.2.1"]["flags"] == "PLJT"
    source = trees["10.4.1.10"]
    assert source["flags"] == "JT"
    assert source["incoming_interface_list"]["GigabitEthernet0/0"]["rpf_nbr"] == "198.51.100.5"
    assert source["outgoing_interface_list"]["GigabitEthernet0/1"]["state_mode"] == "forward/sparse"
    rekey = group(parsed, "CORE", "239.192.1.1")["192.0.2.1"]
    assert set(rekey["outgoing_interface_list"]) == {"GigabitEthernet0/1", "GigabitEthernet0/2"}
    assert "10.4.1.0/24" in str(parsed["CORE", "show ip mroute static"])


def test_counts(parsed: dict[tuple[str, str], Any]) -> None:
    assert "239.4.1.1" in str(parsed["CORE", "show ip mroute count"])


def test_pim(parsed: dict[tuple[str, str], Any]) -> None:
    neighbors = parsed["CORE", "show ip pim neighbor"]["vrf"]["default"]["interfaces"]
    one = neighbors["GigabitEthernet0/1"]["address_family"]["ipv4"]["neighbors"]["198.51.100.2"]
    assert one["dr_priority"] == 1
    assert one["designated_router"]
    interfaces = parsed["CORE", "show ip pim interface"]["vrf"][""]["interfaces"]
    link = interfaces["GigabitEthernet0/1"]["address_family"]["ipv4"]
    assert (link["mode"], link["neighbor_count"], link["dr_address"]) == ("sparse-mode", 1, "198.51.100.2")
    assert "192.0.2.100" in str(parsed["CORE", "show ip pim rp mapping"])


def test_igmp(parsed: dict[tuple[str, str], Any]) -> None:
    assert "10.4.2.10" in str(parsed["GM2", "show ip igmp groups"])
    interfaces = parsed["GM2", "show ip igmp interface"]["vrf"]["default"]["interface"]
    assert interfaces["GigabitEthernet0/1"]["querier"] == "10.4.2.1"
    # The line of the configuration, and the member's own wish.
    assert interfaces["GigabitEthernet0/0"]["joined_group"]["239.192.1.1"]["number_of_users"] == 2
    assert "239.4.1.1" in str(parsed["GM2", "show ip igmp membership"])


def test_rpf(parsed: dict[tuple[str, str], Any]) -> None:
    found = str(parsed["GM2", "show ip rpf 10.4.1.10"])
    assert "198.51.100.5" in found
    assert "GigabitEthernet0/0" in found
