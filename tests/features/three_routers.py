"""A, B and D in a row: A's loopback and D's loopback reach each other through B."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.router.clock import VirtualClock
from tests.features.typist import Typist, boot, connect

A = """
hostname A
interface Loopback0
 ip address 10.255.0.1 255.255.255.255
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 10.0.0.2
"""
B = """
hostname B
interface GigabitEthernet0/0
 ip address 10.0.0.2 255.255.255.0
interface GigabitEthernet0/1
 ip address 10.1.0.1 255.255.255.0
ip route 10.255.0.0 255.255.0.0 10.0.0.1
ip route 10.9.0.0 255.255.0.0 10.1.0.2
"""
D = """
hostname D
interface Loopback9
 ip address 10.9.9.9 255.255.255.0
interface GigabitEthernet0/0
 ip address 10.1.0.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 10.1.0.1
"""


@dataclass
class Row:
    """The three."""

    a: Typist
    b: Typist
    d: Typist


def build_row(clock: VirtualClock | None = None) -> Row:
    """Booted, cabled and with ARP caches that know the neighbours."""
    clock = clock or VirtualClock(seed=1)
    row = Row(boot(clock, A, "A"), boot(clock, B, "B"), boot(clock, D, "D"))
    connect(row.a, "g0/0", row.b, "g0/0")
    connect(row.b, "g0/1", row.d, "g0/0")
    clock.run_until(clock.now() + 5)
    row.a.type("ping 10.9.9.9")
    return row
