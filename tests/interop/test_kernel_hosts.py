"""Two Linux hosts, each behind a group member on a TUN device, ping each other through the group.

    host a [tun lan0] GM1 --udp-- P --udp-- GM2 [tun lan0] host b
                                  |
                                 KS1

The namespaces a and b each hold a kernel host and its group member; core holds the provider router and the key server.
"""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from pathlib import Path

from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import Packet
from tests.interop.kernel_sites import POLICY, kernel_host, two_sites, wait_for_registration
from tests.interop.netns import run
from tests.interop.tshark import capture

KEY_SERVER = f"""
hostname KS1
{POLICY}
crypto ipsec transform-set GET-TS esp-aes 256 esp-sha256-hmac
 mode tunnel
crypto ipsec profile GET-PROF
 set transform-set GET-TS
crypto gdoi group GETVPN
 identity number 1234
 server local
  rekey authentication mypubkey rsa GET-REKEY
  rekey transport unicast
  sa ipsec 10
   profile GET-PROF
   match address ipv4 GET-POLICY
  address ipv4 192.0.2.1
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.252
ip route 0.0.0.0 0.0.0.0 192.0.2.2
ip access-list extended GET-POLICY
 deny udp any eq 848 any eq 848
 permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255
end
"""
CORE = """
hostname P
interface GigabitEthernet0/0
 ip address 192.0.2.2 255.255.255.252
interface GigabitEthernet0/1
 ip address 198.51.100.1 255.255.255.252
interface GigabitEthernet0/2
 ip address 198.51.100.5 255.255.255.252
ip route 10.1.1.0 255.255.255.0 198.51.100.2
ip route 10.1.2.0 255.255.255.0 198.51.100.6
end
"""


def member(site: int) -> str:
    wan, gateway = 4 * site - 2, 4 * site - 3
    return f"""
hostname GM{site}
{POLICY}
crypto gdoi group GETVPN
 identity number 1234
 server address ipv4 192.0.2.1
crypto map GM-MAP 10 gdoi
 set group GETVPN
interface GigabitEthernet0/0
 ip address 198.51.100.{wan} 255.255.255.252
 crypto map GM-MAP
interface GigabitEthernet0/1
 ip address 10.1.{site}.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 198.51.100.{gateway}
end
"""


def test_kernel_hosts_ping_through_two_members_with_tun_ports(tmp_path: Path) -> None:
    configs = {"ks": KEY_SERVER, "p": CORE, "gm1": member(1), "gm2": member(2)}
    with ExitStack() as stack:
        a, b = two_sites(stack, tmp_path, configs, "tun:lan0")
        kernel_host(a, "10.1.1.10")
        kernel_host(b, "10.1.2.10")

        for name in ("gm1", "gm2"):
            wait_for_registration(tmp_path / f"{name}.log")
        wait_for_ping(a, "10.1.2.10")
        output = run("ping", "-c", "20", "-i", "0.05", "-W", "2", "10.1.2.10", namespace=a).stdout
        assert re.search(r"20 packets transmitted, 20 received, 0% packet loss", output), output
        with capture(a, "wan-a", tmp_path / "wan.pcapng"):
            run("ping", "-c", "5", "-i", "0.05", "10.1.2.10", namespace=a)
    assert inner_protocols(tmp_path / "wan.pcapng") == {50}


def wait_for_ping(namespace: str, target: str) -> None:
    """The neighbours on the way have to be found by ARP first."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if run("ping", "-c", "1", "-W", "1", target, namespace=namespace).returncode == 0:
            break
        time.sleep(0.2)


def inner_protocols(path: Path) -> set[int]:
    """IP protocols between the two hosts inside the Ethernet frames that the UDP ports carry."""
    found: set[int] = set()
    for frame in read_capture(path):
        if frame.data[12:14] != b"\x08\x00":
            continue
        tunnelled = Packet.parse(frame.data[14:]).payload[8:]
        if tunnelled[12:14] == b"\x08\x00":
            packet = Packet.parse(tunnelled[14:])
            if str(packet.source).startswith("10.1."):
                found.add(packet.protocol)
    return found
