"""Two Linux hosts, each behind a group member on a TAP device, speak IPv6 through a group whose keys come by IPv4.

    host a [tap lan0] GM1 --udp-- P --udp-- GM2 [tap lan0] host b
                                  |
                                 KS1

Host a knows nothing but what GM1 advertises; host b has an address and a route of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import ExitStack
from ipaddress import IPv6Address
from pathlib import Path

from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import Packet
from tests.interop.kernel_sites import POLICY, two_sites, wait_for_registration
from tests.interop.netns import check, namespaces, router_process, run
from tests.interop.router import address_of_device
from tests.interop.tshark import capture
from tests.requirements import require

KEY_SERVER = f"""
hostname KS1
{POLICY}
crypto ipsec transform-set GET-TS esp-gcm 256
 mode tunnel
crypto ipsec profile GET-PROF
 set transform-set GET-TS
crypto gdoi group ipv6 GETV6
 identity number 1234
 server local
  rekey authentication mypubkey rsa GET-REKEY
  rekey transport unicast
  sa ipsec 10
   profile GET-PROF
   match address ipv6 GET-POLICY
   replay counter window-size 64
  address ipv4 192.0.2.1
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.252
ip route 0.0.0.0 0.0.0.0 192.0.2.2
ipv6 access-list GET-POLICY
 permit ipv6 2001:DB8:12::/48 2001:DB8:12::/48
end
"""
CORE = """
hostname P
ipv6 unicast-routing
interface GigabitEthernet0/0
 ip address 192.0.2.2 255.255.255.252
interface GigabitEthernet0/1
 ip address 198.51.100.1 255.255.255.252
 ipv6 address 2001:DB8:FF:1::1/64
interface GigabitEthernet0/2
 ip address 198.51.100.5 255.255.255.252
 ipv6 address 2001:DB8:FF:2::1/64
ipv6 route 2001:DB8:12:1::/64 2001:DB8:FF:1::2
ipv6 route 2001:DB8:12:2::/64 2001:DB8:FF:2::2
end
"""


def member(site: int) -> str:
    wan, gateway = 4 * site - 2, 4 * site - 3
    return f"""
hostname GM{site}
ipv6 unicast-routing
{POLICY}
crypto gdoi group ipv6 GETV6
 identity number 1234
 server address ipv4 192.0.2.1
crypto map ipv6 GM-MAP 10 gdoi
 set group GETV6
interface GigabitEthernet0/0
 ip address 198.51.100.{wan} 255.255.255.252
 ipv6 address 2001:DB8:FF:{site}::2/64
 ipv6 crypto map GM-MAP
interface GigabitEthernet0/1
 ipv6 address 2001:DB8:12:{site}::1/64
 ipv6 nd ra interval 4
ip route 0.0.0.0 0.0.0.0 198.51.100.{gateway}
ipv6 route ::/0 2001:DB8:FF:{site}::1
end
"""


B = "2001:db8:12:2::10"
SERVER = """
import socket
with socket.create_server(("::", 7000), family=socket.AF_INET6) as listener:
    print("ready", flush=True)
    connection, _ = listener.accept()
    with connection:
        total = 0
        while data := connection.recv(65536):
            total += len(data)
        connection.sendall(str(total).encode())
"""
CLIENT = f"""
import socket
with socket.create_connection(("{B}", 7000), timeout=40) as connection:
    connection.sendall(bytes(400000))
    connection.shutdown(socket.SHUT_WR)
    print(connection.recv(100).decode())
"""


def test_kernel_hosts_speak_ipv6_through_a_group(tmp_path: Path) -> None:
    require("root", "/proc/sys/net/ipv6")
    configs = {"ks": KEY_SERVER, "p": CORE, "gm1": member(1), "gm2": member(2)}
    with ExitStack() as stack:
        a, b = two_sites(stack, tmp_path, configs, "tap:lan0")
        address_of_device(b, "lan0", f"{B}/64")
        check("ip", "route", "add", "2001:db8:12::/48", "via", "2001:db8:12:2::1", "dev", "lan0", namespace=b)
        address_of_device(a, "lan0", "192.168.99.1/24")
        own = autoconfigured(a)
        for name in ("gm1", "gm2"):
            wait_for_registration(tmp_path / f"{name}.log")
        wait_for_answer(a)
        printed = run("ping", "-6", "-c", "20", "-i", "0.05", "-W", "2", B, namespace=a).stdout
        assert " 0% packet loss" in printed, printed
        # What does not fit is told of by the member, then split by the host.
        printed = run("ping", "-6", "-c", "5", "-i", "0.2", "-s", "2500", B, namespace=a).stdout
        assert re.search(r" [3-5] received", printed), printed
        route = check("ip", "-6", "route", "get", B, namespace=a)
        assert "mtu 14" in route, route
        with capture(a, "wan-a", tmp_path / "wan.pcapng"):
            assert transferred(a, b) == "400000\n"
    assert between(tmp_path / "wan.pcapng", own) == {50}


def test_kernel_hosts_speak_ipv6_between_devices_of_a_router(tmp_path: Path) -> None:
    """Two devices are what the fast path serves: it leaves IPv6 to the router."""
    require("root", "/proc/sys/net/ipv6")
    (tmp_path / "r.cfg").write_text(BETWEEN)
    with ExitStack() as stack:
        a, b, own = stack.enter_context(namespaces("a", "b", "r"))
        ports = "--port=Gi0/1=tap:lan0", "--port=Gi0/2=tap:lan1"
        stack.enter_context(router_process(own, tmp_path / "r.cfg", *ports, log=tmp_path / "r.log"))
        for namespace, device, address in ((a, "lan0", "192.168.99.1/24"), (b, "lan1", f"{B}/64")):
            address_of_device(own, device, address)
            check("ip", "link", "set", device, "netns", namespace, namespace=own)
            check("ip", "link", "set", device, "up", namespace=namespace)
        check("ip", "address", "add", f"{B}/64", "dev", "lan1", namespace=b)
        check("ip", "route", "add", "2001:db8:12::/48", "via", "2001:db8:12:2::1", "dev", "lan1", namespace=b)
        autoconfigured(a)
        wait_for_answer(a)
        printed = run("ping", "-6", "-c", "20", "-i", "0.05", "-W", "2", "-s", "3000", B, namespace=a).stdout
        assert " 0% packet loss" in printed, printed
        assert transferred(a, b) == "400000\n"


BETWEEN = """
hostname R
ipv6 unicast-routing
interface GigabitEthernet0/1
 ipv6 address 2001:DB8:12:1::1/64
 ipv6 nd ra interval 4
interface GigabitEthernet0/2
 ipv6 address 2001:DB8:12:2::1/64
end
"""


def transferred(client: str, server: str) -> str:
    """What a host says that it got when another one sends it 400000 octets: the kernel leaves their segments and
    checksums to the device."""
    line = ["ip", "netns", "exec", server, sys.executable, "-c", SERVER]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return check(sys.executable, "-c", CLIENT, namespace=client)


def autoconfigured(namespace: str) -> str:
    """The address that the kernel made of what the router advertises."""
    deadline = time.monotonic() + 40
    while True:
        shown = check("ip", "-6", "-o", "address", "show", "dev", "lan0", "scope", "global", namespace=namespace)
        found = re.search(r"inet6 (2001:db8:12:1:\S+)/64", shown)
        if found and "tentative" not in shown:
            return found[1]
        assert time.monotonic() < deadline, shown
        time.sleep(0.2)


def wait_for_answer(namespace: str) -> None:
    """The neighbours on the way have to be found first."""
    deadline = time.monotonic() + 40
    while run("ping", "-6", "-c", "1", "-W", "1", B, namespace=namespace).returncode:
        assert time.monotonic() < deadline, run("ip", "-6", "neighbor", namespace=namespace).stdout
        time.sleep(0.2)


def between(path: Path, host: str) -> set[int]:
    """The protocols of IPv6 packets of a host inside the Ethernet frames that the UDP ports carry, as far as the first
    piece of a large one shows."""
    found: set[int] = set()
    for frame in read_capture(path):
        if frame.data[12:14] == b"\x08\x00":
            outer = Packet.parse(frame.data[14:])
            tunnelled = outer.payload[8:]
            if tunnelled[12:14] == b"\x86\xdd" and not outer.fragment_offset:
                ends = tunnelled[22:38], tunnelled[38:54]
                if IPv6Address(host).packed in ends:
                    found.add(tunnelled[20])
    return found
