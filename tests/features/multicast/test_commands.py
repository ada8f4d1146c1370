"""The lines of multicast: entered, printed, taken back, and what they set."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.features.multicast.service import MulticastService
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, new_router, reloaded

CONFIG = """
hostname R
ip multicast-routing
interface Loopback0
 ip address 10.255.0.1 255.255.255.255
 ip pim dr-priority 10
 ip pim query-interval 15
 ip pim sparse-dense-mode
 ip igmp join-group 239.9.9.9
 ip igmp static-group 239.9.9.8
 ip igmp version 3
 ip igmp query-interval 30
 ip igmp querier-timeout 90
 ip igmp query-max-response-time 5
 ip igmp last-member-query-interval 500
 ip igmp last-member-query-count 3
 ip pim neighbor-filter 5
 ip igmp access-group 7
ip pim rp-address 10.255.0.1
ip pim rp-address 10.255.0.2 LISTED override
ip pim spt-threshold infinity group-list 12
ip pim bsr-candidate Loopback0 0
ip mroute 10.0.0.0 255.0.0.0 10.255.0.9 5
ip mroute 10.1.0.0 255.255.0.0 Loopback0
access-list 12 permit 239.5.0.0 0.0.255.255
ip access-list standard LISTED
 permit 239.4.0.0 0.0.255.255
"""


def service(typist: Typist) -> MulticastService:
    return typist.router.service(MulticastService)


def test_round_trip() -> None:
    router = new_router(CONFIG)
    printed = print_running_config(router.router)
    for line in CONFIG.strip().splitlines():
        assert line.rstrip() in {item.rstrip() for item in printed.splitlines()}, line
    assert "ip multicast-routing \n" in printed
    again = reloaded(router)
    assert print_running_config(again) == printed
    assert again.model == router.router.model


def test_every_line_can_be_taken_back() -> None:
    router = new_router(CONFIG)
    inside = [line for line in CONFIG.splitlines() if line.startswith((" ip pim", " ip igmp"))]
    lines = [f"no{line}" for line in inside]
    screen = router.configure("\n".join(["interface Loopback0", *lines]))
    screen += router.configure(
        "no ip multicast-routing\nno ip pim rp-address 10.255.0.1\nno ip pim rp-address 10.255.0.2"
    )
    screen += router.configure("no ip pim spt-threshold infinity group-list 12\nno ip pim bsr-candidate Loopback0 0")
    screen += router.configure("no ip mroute 10.0.0.0 255.0.0.0\nno ip mroute 10.1.0.0 255.255.0.0 Loopback0")
    assert "%" not in screen
    printed = print_running_config(router.router)
    assert not [line for line in printed.splitlines() if line.strip().startswith(("ip pim", "ip igmp", "ip m"))]


def test_what_the_lines_set() -> None:
    router = new_router(CONFIG)
    (link,) = service(router).engine.links
    assert (link.config.dr_priority, link.config.hello_interval, link.config.mode.value) == (10, 15, "SD")
    (igmp,) = service(router).segments.routers.values()
    config = igmp.config
    assert (config.version, config.query_interval, config.querier_timeout, config.max_response) == (3, 30, 90, 5)
    assert (config.last_member_interval, config.last_member_count) == (0.5, 3)
    assert sorted(map(str, igmp.groups)) == ["224.0.1.40", "239.9.9.8", "239.9.9.9"]
    engine = service(router).engine
    assert str(engine.rp_of(IPv4Address("239.4.1.1"))) == "10.255.0.2"
    assert str(engine.rp_of(IPv4Address("239.6.1.1"))) == "10.255.0.1"


def test_without_multicast_routing_a_mode_is_kept_with_a_warning() -> None:
    router = new_router("interface Loopback0\n ip address 10.0.0.1 255.255.255.255\n")
    screen = router.configure("interface Loopback0\nip pim sparse-mode")
    assert 'WARNING: "ip multicast-routing" is not configured,\n' in screen
    assert not service(router).engine.links
    router.configure("ip multicast-routing")
    assert len(service(router).engine.links) == 1
    router.configure("no ip multicast-routing")
    assert not service(router).engine.links
    assert router.router.ip.groups.router is None


def test_wrong_values() -> None:
    router = new_router("interface Loopback0\n ip address 10.0.0.1 255.255.255.255\n")
    assert "Illegal multicast group address: 10.1.1.1" in router.configure(
        "interface Loopback0\nip igmp join-group 10.1.1.1"
    )
    assert "Invalid input" in router.configure("interface Loopback0\nip igmp version 4")
    assert "%Inconsistent address and mask" in router.configure("ip mroute 10.1.1.1 255.0.0.0 10.2.2.2")


def test_an_interface_at_its_defaults_has_no_multicast() -> None:
    router = new_router(CONFIG)
    router.configure("default interface Loopback0")
    assert not service(router).engine.links
    assert "pim" not in router.type("show running-config interface Loopback0")


def test_the_way_back() -> None:
    router = new_router(CONFIG)
    router.configure("ip route 10.255.0.9 255.255.255.255 Null0\nip route 10.7.0.0 255.255.0.0 Null0")
    assert "RPF type: multicast (static)" in router.type("show ip rpf 10.1.2.3")
    assert "RPF interface: Loopback0" in router.type("show ip rpf 10.1.2.3")
    # The unicast route is nearer than an mroute of distance 5.
    assert "RPF type: unicast (static)" in router.type("show ip rpf 10.7.2.3")
    assert "failed, no route exists" in router.type("show ip rpf 192.0.2.1")
    assert "Mroute: 10.0.0.0/8, RPF neighbor: 10.255.0.9, distance: 5" in router.type("show ip mroute static")
