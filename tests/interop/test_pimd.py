"""pimd on Linux as a neighbour: it joins towards the router, registers with it, and stops its registers.

host [10.1.1.2 lan] --- [10.1.1.1 pimd 10.0.0.2 wan0] --- [10.0.0.1 Gi0/0 router Loopback0 10.255.0.1]
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.netns import check, connect, namespaces, run
from tests.interop.router import Router, address_of_device, running_router
from tests.requirements import require

GROUP, ROUTERS_GROUP = "239.1.1.1", "239.2.2.2"
CONFIG = """hostname R
ip multicast-routing
interface Loopback0
 ip address 10.255.0.1 255.255.255.255
 ip pim sparse-mode
 ip igmp join-group 239.2.2.2
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 ip pim sparse-mode
ip pim rp-address {rp}
ip route 10.1.1.0 255.255.255.252 10.0.0.2
"""
# Joins a group until its standard input ends.
MEMBER = f"""
import socket, sys
member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wish = socket.inet_aton("{GROUP}") + socket.inet_aton("10.1.1.2")
member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wish)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Facing:
    """The router, and the namespaces of pimd and of the host behind it."""

    router: Router
    gateway: str
    host: str

    def ping(self, group: str) -> str:
        """What the host hears from a group."""
        return run("ping", "-c", "1", "-W", "1", "-t", "8", group, namespace=self.host).stdout


@contextmanager
def pimd(namespace: str, config: Path) -> Iterator[None]:
    command = ["ip", "netns", "exec", namespace, "pimd", "-f", "-c", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def facing(folder: Path, rp: str) -> Iterator[Facing]:
    require("pimd", "ping", "/proc/net/ip_mr_vif")
    config = folder / "pimd.conf"
    config.write_text(f"rp-address {rp} 224.0.0.0/4\nspt-threshold packets 0 interval 5\n")
    with (
        namespaces("pimd", "host") as (gateway, host),
        running_router(gateway, folder / "router", CONFIG.format(rp=rp), "--port=Gi0/0=tap:wan0") as router,
    ):
        address_of_device(gateway, "wan0", "10.0.0.2/24")
        connect(gateway, host, "10.1.1.1", "10.1.1.2", "lan")
        check("ip", "route", "add", "10.255.0.1", "via", "10.0.0.1", namespace=gateway)
        check("ip", "route", "add", "default", "via", "10.1.1.1", namespace=host)
        check("sysctl", "-qw", "net.ipv4.ip_forward=1", namespace=gateway)
        check("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_broadcasts=0", namespace=host)
        with pimd(gateway, config):
            router.wait_for("show ip pim neighbor", "10.0.0.2 +GigabitEthernet0/0")
            yield Facing(router, gateway, host)


def repeated(attempt: Callable[[], object], seconds: float = 40) -> str:
    """Try until something comes back."""
    deadline = time.monotonic() + seconds
    while not (found := attempt()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.5)
    return str(found)


def test_pimd_joins_the_tree_of_the_router(tmp_path: Path) -> None:
    with facing(tmp_path, "10.255.0.1") as lab:
        command = ["ip", "netns", "exec", lab.host, sys.executable, "-c", MEMBER]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as member:
            shown = lab.router.wait_for(f"show ip mroute {GROUP}", "GigabitEthernet0/0, Forward/Sparse")
            assert f"(*, {GROUP})" in shown
            ping = f"ping {GROUP} source Loopback0 timeout 1"
            repeated(lambda: "from 10.1.1.2" in lab.router.do(ping))
            assert f"(10.255.0.1, {GROUP})" in lab.router.do(f"show ip mroute {GROUP}")
            assert member.stdin is not None
            member.stdin.close()


def test_pimd_registers_with_the_router(tmp_path: Path) -> None:
    with facing(tmp_path, "10.255.0.1") as lab:
        repeated(lambda: "from 10." in lab.ping(ROUTERS_GROUP))
        shown = lab.router.wait_for(f"show ip mroute {ROUTERS_GROUP}", r"\(10.1.1.2, 239.2.2.2\)")
        assert "  Incoming interface: GigabitEthernet0/0, RPF nbr 10.0.0.2" in shown
        # Native packets, and an end to registers.
        repeated(lambda: "from 10." in lab.ping(ROUTERS_GROUP))
        lab.router.wait_for(f"show ip mroute {ROUTERS_GROUP} 10.1.1.2", "flags: .*T\n")


def test_pimd_reads_registers_and_stops_them(tmp_path: Path) -> None:
    """As an RP that is configured by hand pimd does not keep members of its own; that nobody wants a group it says."""
    with facing(tmp_path, "10.0.0.2") as lab:
        lab.router.do("debug ip pim")
        lab.router.do("ping 239.3.3.3 source Loopback0 timeout 1")
        lab.router.wait_for("show logging", "Received v2 Register-Stop on GigabitEthernet0/0 from 10.0.0.2, to us")
        shown = lab.router.do("show ip mroute 239.3.3.3 10.255.0.1")
        assert "flags: PFT\n  Incoming interface: Loopback0, RPF nbr 0.0.0.0\n" in shown
        lab.router.do("ping 239.3.3.3 source Loopback0 timeout 1")
        assert lab.router.do("show logging").count("Send v2 Register to 10.0.0.2") == 1
