"""Two routers that run phase 1 on UDP 500."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.clock import VirtualClock
from tests.features.typist import Typist, boot, connect

LEFT, RIGHT = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
POLICY = """
crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 19
"""


def pair(left: str, right: str, policy: str = POLICY) -> tuple[Typist, Typist]:
    """Two neighbours with these lines behind a policy."""
    clock = VirtualClock(seed=1)
    ends = []
    for name, own, text in (("L", LEFT, left), ("R", RIGHT, right)):
        interface = f"interface GigabitEthernet0/0\n ip address {own} 255.255.255.0\n"
        ends.append(boot(clock, f"hostname {name}\nip domain name lab.example\n{policy}{text}\n{interface}", name))
    connect(ends[0], "GigabitEthernet0/0", ends[1], "GigabitEthernet0/0")
    clock.run_until(1.0)
    return ends[0], ends[1]


def initiate(left: Typist, seconds: float = 5.0) -> None:
    """Let the left one begin, and wait."""
    service = left.router.service(IsakmpService)
    service.engine.initiate(Endpoint(LEFT, 500), Endpoint(RIGHT, 500), left.clock.now())
    service.pump()
    left.wait(seconds)


def established(typist: Typist) -> list[IsakmpSa]:
    """The phase 1 SAs of a router that are up."""
    return [sa for sa in typist.router.service(IsakmpService).engine.sas if sa.established]
