"""The native VLAN of a trunk: its frames carry no tag, on the way out and on the way in."""

from __future__ import annotations

from iosemu.router.clock import VirtualClock
from tests.features.typist import boot, connect

TRUNK = """
interface GigabitEthernet0/0
 no ip address
interface GigabitEthernet0/0.1
 encapsulation dot1Q 1 native
 ip address 10.0.1.1 255.255.255.0
interface GigabitEthernet0/0.20
 encapsulation dot1Q 20
 ip address 10.0.20.1 255.255.255.0
"""
PLAIN = """
interface GigabitEthernet0/0
 ip address 10.0.1.2 255.255.255.0
"""


def test_a_plain_neighbour_reaches_the_native_vlan_and_no_other() -> None:
    clock = VirtualClock(seed=1)
    trunk, plain = boot(clock, TRUNK, "A"), boot(clock, PLAIN, "B")
    connect(trunk, "Gi0/0", plain, "Gi0/0")
    assert "100 percent (5/5)" in plain.type("ping 10.0.1.1")
    assert "100 percent (5/5)" in trunk.type("ping 10.0.1.2")
    assert " encapsulation dot1Q 1 native" in trunk.section("interface")
    trunk.configure("interface GigabitEthernet0/0.1\nencapsulation dot1Q 1")
    assert "0 percent (0/5)" in plain.type("ping 10.0.1.1")
