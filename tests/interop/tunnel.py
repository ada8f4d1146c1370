"""A tunnel between two sites: behind the router a Linux host, behind charon an address of its own.

    host [10.1.0.2] --- lan0 [10.1.0.1 iosemu 192.0.2.1] --- wan0 --- [192.0.2.2 charon 10.2.0.1]

charon encrypts in its own process (kernel-libipsec), which needs UDP encapsulation: both ends meet on port 4500.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.facing import KEY, PEER, Facing, connection, facing
from tests.interop.ike_suites import Suite
from tests.interop.netns import check, namespaces, run
from tests.interop.router import address_of_device

SUITE = Suite("aes 256", "sha256", 19)
HOST, GATEWAY, FAR = "10.1.0.2", "10.1.0.1", "10.2.0.1"
CRYPTO = f"""crypto ipsec transform-set TS esp-aes 256 esp-sha256-hmac
 mode tunnel
ip access-list extended SITES
 permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255
crypto map VPN 10 ipsec-isakmp
 set peer {PEER}
 set transform-set TS
 match address SITES
interface GigabitEthernet0/0
 crypto map VPN
interface GigabitEthernet0/1
 ip address {GATEWAY} 255.255.0.0
ip route 10.2.0.0 255.255.0.0 {PEER}
"""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Both ends, and the namespace of the host behind the router."""

    ends: Facing
    host: str

    def reaches(self, count: int = 1) -> bool:
        """Whether the host's pings come back, all of them."""
        return run("ping", "-c", str(count), "-i", "0.1", "-W", "1", FAR, namespace=self.host).returncode == 0


def site(name: str, esp: str, *, ike: str = SUITE.proposal, child: str = "", **more: str) -> str:
    """A connection of charon with the child `net`, for which `child` is more lines; see `connection`."""
    text = f"""net {{
          local_ts = 10.2.0.0/16
          remote_ts = 10.1.0.0/16
          esp_proposals = {esp}
          {child}
        }}"""
    return connection(name, ike, children=text, **more)


@contextmanager
def tunnel(folder: Path, config: str = "", *options: str) -> Iterator[Tunnel]:
    """Both sites up; `config` comes after the router's own."""
    text = SUITE.policy(10) + KEY + CRYPTO + config
    with (
        namespaces("host") as (host,),
        facing(folder, text, "--port=Gi0/1=tap:lan0", *options, carries_traffic=True) as ends,
    ):
        check("ip", "link", "set", "lan0", "netns", host, namespace=ends.namespace)
        address_of_device(host, "lan0", f"{HOST}/16")
        check("ip", "route", "add", "default", "via", GATEWAY, namespace=host)
        check("ip", "address", "add", f"{FAR}/32", "dev", "lo", namespace=ends.namespace)
        yield Tunnel(ends, host)
