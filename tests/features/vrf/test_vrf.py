"""VRFs: overlapping addresses, routes that do not leak, and what goes with a VRF that is removed."""

from __future__ import annotations

from iosemu.router.clock import VirtualClock
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, boot, connect, new_router, reloaded

PE = """
vrf definition RED
 rd 65000:1
 address-family ipv4
 exit-address-family
ip vrf BLUE
 rd 65000:2
interface GigabitEthernet0/0
 vrf forwarding RED
 ip address 10.0.0.1 255.255.255.0
interface GigabitEthernet0/1
 ip vrf forwarding BLUE
 ip address 10.0.0.1 255.255.255.0
interface GigabitEthernet0/2
 ip address 192.0.2.1 255.255.255.0
ip route vrf RED 172.16.0.0 255.255.0.0 10.0.0.2
ip route vrf BLUE 172.16.0.0 255.255.0.0 192.0.2.2 global
"""


def host(address: str, clock: VirtualClock, name: str) -> Typist:
    gateway = address.rpartition(".")[0] + ".1"
    text = f"hostname {name}\ninterface GigabitEthernet0/0\n ip address {address} 255.255.255.0\n"
    return boot(
        clock,
        f"{text}interface Loopback0\n ip address 172.16.0.1 255.255.255.255\nip route 0.0.0.0 0.0.0.0 {gateway}\n",
        name,
    )


def lab() -> tuple[Typist, Typist, Typist, Typist]:
    clock = VirtualClock(3)
    pe = boot(clock, PE)
    red, blue, world = (
        host(address, clock, name)
        for address, name in (("10.0.0.2", "RED-CE"), ("10.0.0.2", "BLUE-CE"), ("192.0.2.2", "WORLD"))
    )
    for number, other in enumerate((red, blue, world)):
        connect(pe, f"GigabitEthernet0/{number}", other, "GigabitEthernet0/0")
    clock.run_until(5)
    return pe, red, blue, world


def received(typist: Typist) -> int:
    return next(item for item in typist.router.interfaces if str(item.name).startswith("Gig")).counters.packets_in


def test_the_same_addresses_in_two_vrfs_reach_different_routers() -> None:
    pe, red, blue, world = lab()
    for vrf, other in (("RED", red), ("BLUE", blue)):
        before = {id(item): received(item) for item in (red, blue, world)}
        assert "(5/5)" in pe.type(f"ping vrf {vrf} 10.0.0.2") or "(4/5)" in pe.type(f"ping vrf {vrf} 10.0.0.2")
        for item in (red, blue, world):
            assert (received(item) - before[id(item)] >= 5) == (item is other)
    assert "(0/5)" in pe.type("ping 10.0.0.2")
    assert "Success rate is 100" in red.type("ping 10.0.0.1")


def test_routes_stay_in_their_vrf_unless_they_leak() -> None:
    pe, red, _, world = lab()
    pe.type("ping vrf RED 172.16.0.1")
    assert "(5/5)" in pe.type("ping vrf RED 172.16.0.1")
    before = received(world)
    pe.type("ping vrf BLUE 172.16.0.1 source 10.0.0.1 timeout 0")
    pe.wait(5)
    assert received(world) >= before + 5
    assert "U.U.U" in red.type("ping 192.0.2.2")
    assert "  1 172.16.0.1 " in pe.type("traceroute vrf RED 172.16.0.1 probe 1")


def test_the_tables_are_shown() -> None:
    pe, *_ = lab()
    shown = pe.type("show ip route vrf RED")
    assert shown.startswith("\nRouting Table: RED\nCodes:")
    assert "S        172.16.0.0/16 [1/0] via 10.0.0.2" in shown or "S     172.16.0.0/16 [1/0] via 10.0.0.2" in shown
    assert "192.0.2" not in shown
    assert "10.0.0" not in pe.type("show ip route")
    static = pe.type("show ip route vrf RED static")
    assert static.startswith("\nRouting Table: RED\nCodes:")
    assert "172.16.0.0/16 [1/0] via 10.0.0.2" in static
    assert "is directly connected" not in static
    for kind in ("", " static"):
        assert pe.type(f"show ip route vrf NONE{kind}") == "% IP routing table vrf NONE does not exist\n"
    assert pe.type("show vrf").splitlines()[1:] == [
        "  BLUE                             65000:2               ipv4        Gi0/1",
        "  RED                              65000:1               ipv4        Gi0/0",
    ]
    assert '  VPN Routing/Forwarding "RED"' in pe.type("show ip interface GigabitEthernet0/0")
    assert "10.0.0.2" not in pe.type("show ip arp")
    pe.type("ping vrf RED 10.0.0.2")
    assert "10.0.0.2" in pe.type("show ip arp vrf RED")


def test_a_vrf_takes_addresses_and_routes_with_it() -> None:
    pe, *_ = lab()
    assert "% VRF GREEN not configured." in pe.configure("interface GigabitEthernet0/0\nvrf forwarding GREEN")
    removed = "% Interface GigabitEthernet0/2 IPv4 disabled and address(es) removed due to enabling VRF BLUE\n"
    assert pe.configure("interface GigabitEthernet0/2\nip vrf forwarding BLUE") == removed
    answer = pe.configure("no vrf definition RED")
    assert answer == "% IPv4 and IPv6 addresses from all interfaces in VRF RED have been removed\n"
    text = print_running_config(pe.router)
    assert "RED" not in text
    assert pe.section("interface GigabitEthernet0/0") == ["interface GigabitEthernet0/0", " no ip address"]
    assert "% No VRF with name RED" in pe.configure("no vrf definition RED")
    assert "% VRF RED does not exist" in pe.type("ping vrf RED 10.0.0.2")


def test_vrfs_are_printed_as_they_were_made() -> None:
    typist = new_router(PE)
    text = print_running_config(typist.router)
    for line in PE.strip().splitlines():
        assert f"\n{line}" in text
    assert reloaded(typist).model == typist.router.model
