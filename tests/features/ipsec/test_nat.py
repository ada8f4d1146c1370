"""A tunnel through a NAT that knows UDP alone: phase 1 moves to port 4500, and ESP goes there too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.router.clock import VirtualClock
from iosemu.router.names import InterfaceName
from iosemu.router.port import Port
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import UdpDatagram
from tests.features.typist import Typist, boot

INSIDE, PUBLIC, PEER = IPv4Address("192.168.0.2"), IPv4Address("203.0.113.1"), IPv4Address("203.0.113.2")
PHASES = """
crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 19
crypto isakmp key secret address 0.0.0.0
crypto ipsec transform-set TS esp-aes esp-sha-hmac
"""
LEFT = f"""hostname L
{PHASES}
crypto map M 10 ipsec-isakmp
 set peer {PEER}
 set transform-set TS
 match address 101
interface Loopback0
 ip address 10.1.1.1 255.255.255.0
interface GigabitEthernet0/0
 ip address {INSIDE} 255.255.255.0
 crypto map M
ip route 0.0.0.0 0.0.0.0 192.168.0.1
access-list 101 permit ip 10.1.1.0 0.0.0.255 10.2.2.0 0.0.0.255
end
"""
RIGHT = f"""hostname R
{PHASES}
crypto dynamic-map D 10
 set transform-set TS
crypto map M 10 ipsec-isakmp dynamic D
interface Loopback0
 ip address 10.2.2.1 255.255.255.0
interface GigabitEthernet0/0
 ip address {PEER} 255.255.255.0
 crypto map M
ip route 10.1.1.0 255.255.255.0 203.0.113.1
end
"""


class NatPort(Port):
    """One side of the NAT; what it lets through goes to the other side."""

    framing = "ip"
    carrier = True

    def __init__(self, clock: VirtualClock, translate: Callable[[Packet, UdpDatagram], Packet | None]) -> None:
        self._clock = clock
        self._translate = translate
        self._receive: Callable[[bytes], None] = lambda _: None
        self.other: NatPort
        self.seen: set[int] = set()

    def connect(self, receive: Callable[[bytes], None], changed: Callable[[], None]) -> None:
        self._receive = receive

    def send(self, frame: bytes) -> bool:
        packet = Packet.parse(frame)
        self.seen.add(packet.protocol)
        if packet.protocol != UDP:
            return True
        datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination)
        translated = self._translate(packet, datagram)
        if translated is not None:
            self._clock.call_later(0.001, lambda: self.other._receive(translated.pack()))
        return True

    def close(self) -> None:
        pass


def out(packet: Packet, datagram: UdpDatagram) -> Packet:
    """Port 4500 of the inside becomes another one, 500 stays."""
    port = 61000 if datagram.source_port == 4500 else datagram.source_port
    changed = replace(datagram, source_port=port)
    return replace(packet, source=PUBLIC, payload=changed.pack(PUBLIC, packet.destination))


def back(packet: Packet, datagram: UdpDatagram) -> Packet | None:
    """Only what answers gets in."""
    port = {61000: 4500, 500: 500}.get(datagram.destination_port)
    if port is None or packet.destination != PUBLIC:
        return None
    changed = replace(datagram, destination_port=port)
    return replace(packet, destination=INSIDE, payload=changed.pack(packet.source, INSIDE))


def connected() -> tuple[Typist, Typist, NatPort]:
    clock = VirtualClock(seed=1)
    left, right = boot(clock, LEFT, "L"), boot(clock, RIGHT, "R")
    inside, outside = NatPort(clock, out), NatPort(clock, back)
    inside.other, outside.other = outside, inside
    left.router.attach(InterfaceName("GigabitEthernet", "0/0"), inside)
    right.router.attach(InterfaceName("GigabitEthernet", "0/0"), outside)
    clock.run_until(1.0)
    return left, right, outside


def test_esp_goes_in_udp_through_a_nat() -> None:
    left, right, outside = connected()
    assert "80 percent" in left.type("ping 10.2.2.1 source Loopback0")
    assert "100 percent" in left.type("ping 10.2.2.1 source Loopback0")
    assert "100 percent" in right.type("ping 10.1.1.1 source Loopback0")
    screen = right.type("show crypto ipsec sa")
    assert "current_peer 203.0.113.1 port 61000" in screen
    assert "in use settings ={Tunnel UDP-Encaps, }" in screen
    assert "Capabilities:N" in left.type("show crypto session detail")
    assert outside.seen == {UDP}


def test_rekeys_and_the_end_of_phase_1_behind_a_nat() -> None:
    left, right, _ = connected()
    left.configure("crypto ipsec security-association lifetime seconds 300\ncrypto isakmp policy 10\nlifetime 1000")
    left.type("ping 10.2.2.1 source Loopback0")
    for _ in range(120):
        left.wait(10)
        assert "100 percent" in left.type("ping 10.2.2.1 source Loopback0 repeat 1")
        assert "100 percent" in right.type("ping 10.1.1.1 source Loopback0 repeat 1")
