"""`ip route`, the routing table and ARP."""

from __future__ import annotations

import pytest

from tests.features.three_routers import Row
from tests.features.typist import new_router, reloaded

ROUTES = """
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
"""


def table(row: Row) -> list[str]:
    return row.a.type("show ip route").partition("overrides from PfR\n\n")[2].splitlines()


def test_the_table_is_grouped_by_classful_networks(row: Row) -> None:
    row.a.configure("""
        ip route 172.16.0.0 255.240.0.0 Null0
        ip route 192.168.5.0 255.255.255.192 10.0.0.2
        ip route 192.168.5.64 255.255.255.192 10.0.0.2
        ip route 192.168.6.0 255.255.255.0 GigabitEthernet0/0 10.0.0.2 7 name SIX
    """)
    assert table(row) == [
        "Gateway of last resort is 10.0.0.2 to network 0.0.0.0",
        "",
        "S*    0.0.0.0/0 [1/0] via 10.0.0.2",
        "      10.0.0.0/8 is variably subnetted, 3 subnets, 2 masks",
        "C        10.0.0.0/24 is directly connected, GigabitEthernet0/0",
        "L        10.0.0.1/32 is directly connected, GigabitEthernet0/0",
        "C        10.255.0.1/32 is directly connected, Loopback0",
        "S     172.16.0.0/12 is directly connected, Null0",
        "      192.168.5.0/26 is subnetted, 2 subnets",
        "S        192.168.5.0 [1/0] via 10.0.0.2",
        "S        192.168.5.64 [1/0] via 10.0.0.2",
        "S     192.168.6.0/24 [7/0] via 10.0.0.2, GigabitEthernet0/0",
    ]


def test_a_route_without_a_way_to_its_next_hop_is_not_used(row: Row) -> None:
    row.a.configure("no ip route 0.0.0.0 0.0.0.0 10.0.0.2\nip route 10.9.0.0 255.255.0.0 10.77.0.1")
    assert table(row)[0] == "Gateway of last resort is not set"
    assert "10.9.0.0" not in row.a.type("show ip route")
    row.a.configure("ip route 10.77.0.0 255.255.0.0 10.0.0.2")
    assert "S        10.9.0.0/16 [1/0] via 10.77.0.1" in table(row)


def test_the_smaller_distance_wins_and_the_other_takes_over(row: Row) -> None:
    row.b.configure("ip route 10.9.0.0 255.255.0.0 Null0 200")
    assert "[1/0] via 10.1.0.2" in row.b.type("show ip route static")
    row.b.configure("interface gi0/1\nshutdown")
    assert "S        10.9.0.0/16 is directly connected, Null0" in row.b.type("show ip route static").splitlines()
    assert "10.0.0.1/32" not in row.b.type("show ip route static")


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("10.9.9.9", 'Known via "static", distance 1, metric 0'),
        ("10.0.0.2", 'Known via "connected", distance 0, metric 0 (connected, via interface)'),
        ("10.0.0.1", 'Known via "connected", distance 0, metric 0 (connected)'),
    ],
)
def test_one_destination(row: Row, address: str, known: str) -> None:
    assert row.a.type(f"show ip route {address}").splitlines()[1].strip() == known


def test_a_destination_without_a_route(row: Row) -> None:
    assert row.b.type("show ip route 10.44.0.1") == "% Subnet not in table\n"
    assert row.b.type("show ip route 11.44.0.1") == "% Network not in table\n"


def test_a_network_and_what_is_in_it(row: Row) -> None:
    assert "Routing entry for 10.0.0.0/24\n" in row.a.type("show ip route 10.0.0.0 255.255.255.0")
    assert row.a.type("show ip route 10.0.0.0 255.255.0.0") == "% Subnet not in table\n"
    longer = row.a.type("show ip route 10.0.0.0 255.255.255.0 longer-prefixes")
    assert "10.0.0.1/32 is directly connected" in longer
    assert "0.0.0.0/0" not in longer
    assert longer.startswith("Codes:")
    assert "^" in row.a.type("show ip route 10.9.0.0 255.0.255.0")


def test_wrong_routes_are_refused() -> None:
    router = new_router(ROUTES)
    assert router.configure("ip route 10.5.0.1 255.255.0.0 10.0.0.2") == "%Inconsistent address and mask\n"
    assert router.configure("ip route 10.5.0.0 255.0.255.0 10.0.0.2") == "%Inconsistent address and mask\n"
    assert router.configure("no ip route 10.5.0.0 255.255.0.0 10.0.0.2") == "%No matching route to delete\n"
    assert "Invalid input" in router.configure("ip route 10.5.0.0 255.255.0.0 10.0.0.2 256")


def test_routes_print_back_by_prefix_and_survive_a_reload() -> None:
    router = new_router(ROUTES)
    router.configure("""
        ip route 192.168.0.0 255.255.0.0 10.0.0.2 250
        ip route 10.4.0.0 255.255.0.0 GigabitEthernet0/0 10.0.0.3 name FOUR
        ip route 0.0.0.0 0.0.0.0 10.0.0.2
        ip route 0.0.0.0 0.0.0.0 Null0 254
    """)
    assert router.section("ip route") == [
        "ip route 0.0.0.0 0.0.0.0 10.0.0.2",
        "ip route 0.0.0.0 0.0.0.0 Null0 254",
        "ip route 10.4.0.0 255.255.0.0 GigabitEthernet0/0 10.0.0.3 name FOUR",
        "ip route 192.168.0.0 255.255.0.0 10.0.0.2 250",
    ]
    assert sorted(map(str, reloaded(router).ip.statics)) == sorted(map(str, router.router.ip.statics))
    router.configure("no ip route 0.0.0.0 0.0.0.0 Null0\nno ip route 10.4.0.0 255.255.0.0")
    assert len(router.section("ip route")) == 2


def test_arp_shows_neighbours_and_forgets_them(row: Row) -> None:
    for command in ("show arp", "show ip arp"):
        heading, own, neighbour = row.a.type(command).splitlines()
        assert heading == "Protocol  Address          Age (min)  Hardware Addr   Type   Interface"
        assert own.startswith("Internet  10.0.0.1                 -  5254.")
        assert neighbour.endswith("  ARPA   GigabitEthernet0/0")
    row.a.wait(180)
    assert "Internet  10.0.0.2                 3  " in row.a.type("show arp")
    row.a.type("clear arp")
    assert "10.0.0.2" not in row.a.type("show arp")
    row.a.type("ping 10.0.0.9 repeat 1 timeout 0")
    assert "Internet  10.0.0.9                 0  Incomplete      ARPA" in row.a.type("show arp")
