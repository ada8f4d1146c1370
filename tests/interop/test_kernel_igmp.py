"""A Linux host in multicast groups behind the router: its kernel reports them, and both send to groups.

linux [10.0.0.2 lan0] --- [10.0.0.1 Gi0/0 router Loopback0 10.255.0.1, the RP]
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.interop.netns import check, namespaces, run
from tests.interop.router import Router, address_of_device, running_router
from tests.requirements import require

GROUP = "239.1.1.1"
CONFIG = """hostname R
ip multicast-routing
interface Loopback0
 ip address 10.255.0.1 255.255.255.255
 ip pim sparse-mode
 ip igmp join-group 239.2.2.2
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 ip pim sparse-mode
 ip igmp version {version}
 ip igmp query-interval 5
ip pim rp-address 10.255.0.1
"""
# Joins a group, and leaves it when its standard input ends.
MEMBER = f"""
import socket, sys
member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wish = socket.inet_aton("{GROUP}") + socket.inet_aton("10.0.0.2")
member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wish)
sys.stdin.read()
"""


@contextmanager
def facing(folder: Path, version: int) -> Iterator[tuple[Router, str]]:
    require("ping")
    with (
        namespaces("host") as (namespace,),
        running_router(namespace, folder, CONFIG.format(version=version), "--port=Gi0/0=tap:lan0") as router,
    ):
        address_of_device(namespace, "lan0", "10.0.0.2/24")
        check("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_broadcasts=0", namespace=namespace)
        check("ip", "route", "add", "default", "via", "10.0.0.1", namespace=namespace)
        yield router, namespace


@contextmanager
def member(namespace: str) -> Iterator[None]:
    command = ["ip", "netns", "exec", namespace, sys.executable, "-c", MEMBER]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_kernel_joins_and_answers(tmp_path: Path, version: int) -> None:
    with facing(tmp_path, version) as (router, namespace):
        # Once it has heard the querier the kernel speaks its version.
        router.wait_for("show ip pim interface", "GigabitEthernet0/0")
        with member(namespace):
            shown = router.wait_for("show ip igmp membership", rf"\*,{GROUP} .*{version}A +Gi0/0")
            assert "10.0.0.2" in shown
            assert "from 10.0.0.2" in router.do(f"ping {GROUP} source Loopback0 timeout 1")
        if version > 1:
            # It says so when it leaves, and nobody else answers the query.
            router.wait_for("show ip igmp groups", rf"\A(?!(.|\n)*{GROUP})", timeout=10)


def test_the_router_answers_in_a_group(tmp_path: Path) -> None:
    with facing(tmp_path, 2) as (router, namespace):
        router.wait_for("show ip pim interface", "GigabitEthernet0/0")
        answer = run("ping", "-c", "2", "-W", "2", "-t", "8", "239.2.2.2", namespace=namespace)
        assert "from 10." in answer.stdout, answer.stdout
        assert "(10.0.0.2, 239.2.2.2)" in router.do("show ip mroute 239.2.2.2")
