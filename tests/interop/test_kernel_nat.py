"""Linux hosts on both sides of a router that translates: TCP, ICMP and errors, with real time and real checksums.

curl [tap lan0 10.1.1.10] -- R1 10.1.1.1 | 192.0.2.1 -- [tap wan0 192.0.2.10] http.server
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tests.interop.netns import check, namespaces, run
from tests.interop.router import Router, address_of_device, running_router
from tests.requirements import require

CONFIG = """
hostname R1
interface GigabitEthernet0/0
 ip address 10.1.1.1 255.255.255.0
 ip nat inside
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
 ip nat outside
ip nat inside source list 1 interface GigabitEthernet0/1 overload
ip nat inside source static tcp 10.1.1.10 8000 192.0.2.1 80
access-list 1 permit 10.1.1.0 0.0.0.255
"""
# Sends a datagram to a port that nobody serves, and hears of that.
REFUSED = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(("192.0.2.10", 9))
s.send(b"x")
try:
    s.recv(10)
except ConnectionRefusedError:
    print("refused")
"""


@dataclass
class Place:
    """The router, and the namespaces of both hosts."""

    router: Router
    inside: str
    outside: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    require("curl")
    folder = tmp_path_factory.mktemp("nat")
    with ExitStack() as stack:
        inside, outside = stack.enter_context(namespaces("inside", "outside"))
        ports = "--port=Gi0/0=tap:lan0", "--port=Gi0/1=tap:wan0"
        router = stack.enter_context(running_router(inside, folder, CONFIG, *ports))
        # The second device moves to the other host once the router has made it.
        address_of_device(inside, "wan0", "192.0.2.10/24")
        check("ip", "link", "set", "wan0", "netns", outside, namespace=inside)
        address_of_device(outside, "wan0", "192.0.2.10/24")
        address_of_device(inside, "lan0", "10.1.1.10/24")
        check("ip", "route", "add", "192.0.2.0/24", "via", "10.1.1.1", namespace=inside)
        yield Place(router, inside, outside)


@contextmanager
def served(namespace: str, folder: Path, address: str) -> Iterator[Path]:
    """Python's HTTP server in a namespace; gives its log."""
    log = folder / "access.log"
    command = [sys.executable, "-m", "http.server", "8000", "--bind", address, "--directory", str(folder)]
    with log.open("wb") as output:
        server = subprocess.Popen(["ip", "netns", "exec", namespace, *command], stdout=output, stderr=output)
        try:
            for _ in range(100):
                if ":8000" in run("ss", "-ltn", namespace=namespace).stdout:
                    break
                time.sleep(0.1)
            yield log
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_a_host_inside_fetches_from_outside(place: Place, tmp_path: Path) -> None:
    data = Random(1).randbytes(2_000_000)
    (tmp_path / "data").write_bytes(data)
    with served(place.outside, tmp_path, "192.0.2.10") as log:
        fetched = subprocess.run(
            ["ip", "netns", "exec", place.inside, "curl", "-s", "--max-time", "60", "http://192.0.2.10:8000/data"],
            capture_output=True, timeout=90, check=True,
        )  # fmt: skip
        assert sha256(fetched.stdout).digest() == sha256(data).digest()
        assert "\n192.0.2.1 - - " in log.read_text()
    screen = place.router.do("show ip nat translations")
    assert "10.1.1.10:" in screen
    assert "192.0.2.10:8000" in screen


def test_a_host_outside_reaches_a_published_server(place: Place, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"published")
    with served(place.inside, tmp_path, "10.1.1.10") as log:
        got = check("curl", "-s", "--max-time", "20", "http://192.0.2.1/data", namespace=place.outside)
        assert got == "published"
        assert "\n192.0.2.10 - - " in log.read_text()


def test_ping_and_its_errors(place: Place) -> None:
    assert " 0% packet loss" in check("ping", "-c", "3", "-i", "0.2", "192.0.2.10", namespace=place.inside)
    assert " 0% packet loss" in check(
        "ping", "-c", "2", "-i", "0.2", "-s", "4000", "192.0.2.10", namespace=place.inside
    )
    # A closed port outside: the error finds the host that asked.
    tried = run("curl", "-s", "--max-time", "5", "http://192.0.2.10:81/", namespace=place.inside)
    assert tried.returncode == 7
    assert check(sys.executable, "-c", REFUSED, namespace=place.inside) == "refused\n"
