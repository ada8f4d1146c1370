"""IPv6 lines: taken, printed, refused, taken back."""

from __future__ import annotations

import pytest

from iosemu.router.clock import VirtualClock
from tests.features.typist import boot, connect, new_router, reloaded

TEXT6 = """
hostname {name}
interface GigabitEthernet0/0
 ipv6 address 2001:DB8:1::{own}/64
"""
TEXT = """\
ipv6 unicast-routing
ipv6 hop-limit 32
interface GigabitEthernet0/0
 ipv6 address FE80::1 link-local
 ipv6 address 2001:DB8:1::1/64
 ipv6 address 2001:DB8:2::/64 eui-64
 ipv6 enable
 ipv6 mtu 1400
 ipv6 nd dad attempts 3
 ipv6 nd other-config-flag
 ipv6 nd router-preference High
 ipv6 nd ra lifetime 900
 ipv6 nd ra interval 30
 ipv6 nd ra suppress all
interface GigabitEthernet0/1
 ipv6 address 2001:DB8:3::1/64
ipv6 route 2001:DB8:AAAA::/48 GigabitEthernet0/0 FE80::2
ipv6 route 2001:DB8:BBBB::/48 2001:DB8:1::2 200 tag 5 name far
ipv6 route ::/0 2001:DB8:1::9
"""


def test_every_line_comes_back() -> None:
    router = new_router(TEXT)
    printed = router.type("show running-config").splitlines()
    assert [line for line in TEXT.splitlines() if line not in printed] == []
    again = reloaded(router)
    assert again.model == router.router.model


def test_every_line_can_be_taken_back() -> None:
    router = new_router(TEXT)
    lines = TEXT.splitlines()
    undone = [line if line.startswith("interface") else f"no {line.strip()}" for line in lines]
    assert router.configure("\n".join(undone)) == ""
    assert "ipv6" not in router.type("show running-config | include ^ *ipv6 (addr|route|nd|mtu|en|un|hop)")


def test_no_address_takes_all() -> None:
    router = new_router(TEXT)
    router.configure("interface g0/0\nno ipv6 address\nno ipv6 enable")
    assert "    unassigned" in router.type("show ipv6 interface brief")
    assert router.type("show ipv6 interface g0/0") == ""


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ipv6 address FF02::5/64", "% Invalid IPv6 address"),
        ("ipv6 address FE80::5/64", "% Invalid link-local address"),
        ("ipv6 address 2001:DB8::5 link-local", "% Invalid link-local address"),
        (
            "ipv6 address 2001:DB8:3::7/64",
            "%GigabitEthernet0/0: Error: 2001:DB8:3::/64 is overlapping with 2001:DB8:3::/64 on GigabitEthernet0/1",
        ),
        ("ipv6 address 2001:DB8:9::/80 eui-64", "% Prefix length must not be greater than 64 with eui-64"),
        ("ipv6 route 2001:DB8:9::/48 FE80::1", "% Interface has to be specified for a link-local nexthop"),
        ("no ipv6 route 2001:DB8:9::/48", "%No matching route to delete"),
    ],
)
def test_what_is_refused(line: str, answer: str) -> None:
    assert answer in new_router(TEXT).configure(f"interface g0/0\n{line}")


def test_a_link_address_is_enough_for_a_link() -> None:
    router = new_router("interface GigabitEthernet0/0\n ipv6 enable\n")
    assert "FE80::" in router.type("show ipv6 interface brief")


def test_routes_of_a_vrf() -> None:
    router = new_router(
        "vrf definition RED\n address-family ipv6\n exit-address-family\n"
        "interface Loopback0\n vrf forwarding RED\n ipv6 address 2001:DB8:7::1/64\n"
        "ipv6 route vrf RED ::/0 2001:DB8:7::2\n"
    )
    assert "S   ::/0 [1/0]\n     via 2001:DB8:7::2" in router.type("show ipv6 route vrf RED")
    assert "2001:DB8:7" not in router.type("show ipv6 route")
    assert "!!!!!" in router.type("ping vrf RED 2001:db8:7::1")
    assert 'Known via "static", distance 1' in router.type("show ipv6 route vrf RED 2001:db8:99::1")
    assert router.type("show ipv6 route 2001:db8:99::1") == "% Route not found\n"


def test_an_interface_leaves_its_addresses_behind() -> None:
    router = new_router("vrf definition RED\ninterface GigabitEthernet0/0\n ipv6 address 2001:DB8:7::1/64\n")
    text = "% Interface GigabitEthernet0/0 IPv6 disabled and address(es) removed due to enabling VRF RED\n"
    assert router.configure("interface g0/0\nvrf forwarding RED") == text
    assert "unassigned" in router.type("show ipv6 interface brief")


def test_debug_tells_of_neighbours() -> None:
    clock = VirtualClock(seed=1)
    left, right = (boot(clock, TEXT6.format(name=name, own=own), name) for name, own in (("L", 1), ("R", 2)))
    connect(left, "g0/0", right, "g0/0")
    clock.run_until(3)
    assert "ICMP Neighbor Discovery events debugging is on" in left.type("debug ipv6 nd")
    left.type("debug ipv6 icmp")
    left.type("ping 2001:db8:1::2 repeat 1")
    log = left.type("show logging")
    assert "ICMPv6-ND: Sending NS for 2001:db8:1::2 on GigabitEthernet0/0" in log
    assert "ICMPv6-ND: Received NA for 2001:db8:1::2 on GigabitEthernet0/0 from 2001:db8:1::2" in log
    assert "ICMPv6: Received echo reply, Src=2001:DB8:1::2" in log
