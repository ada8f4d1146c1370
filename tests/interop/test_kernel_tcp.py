"""Routers and the Linux kernel speak TCP with each other: curl and Python's HTTP server are the other side.

curl, http.server [tap or tun lan0 10.1.1.10] -- R1 10.1.1.1
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.interop.kernel_sites import kernel_host
from tests.interop.netns import check, namespaces, router_process, run
from tests.interop.tshark import capture
from tests.requirements import require

ROUTER, HOST = "10.1.1.1", "10.1.1.10"
LOGIN = "anybody:S3cret"
CONFIG = f"""
hostname R1
enable secret 0 S3cret
interface GigabitEthernet0/0
 ip address {ROUTER} 255.255.255.0
ip http server
ip http path flash:
end
"""


@contextmanager
def router(kind: str, folder: Path, *options: str, before: list[str] | None = None) -> Iterator[str]:
    """R1 at work in a namespace with the host at the other end of its port; gives the namespace's name. The command
    `before` runs on the host from before R1 boots."""
    (folder / "r1.cfg").write_text(CONFIG)
    (folder / "nvram" / "flash").mkdir(parents=True)
    port = f"--port=Gi0/0={kind}:lan0"
    with ExitStack() as stack:
        (name,) = stack.enter_context(namespaces("host"))
        if before is not None:
            stack.enter_context(process(name, before))
        nvram = f"--nvram={folder / 'nvram'}"
        stack.enter_context(router_process(name, folder / "r1.cfg", port, nvram, *options, log=folder / "r1.log"))
        kernel_host(name, HOST)
        yield name


@contextmanager
def process(namespace: str, command: list[str]) -> Iterator[None]:
    """A command that runs in a namespace until the block ends."""
    started = subprocess.Popen(["ip", "netns", "exec", namespace, *command], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        started.terminate()
        started.wait(timeout=20)


def curl(namespace: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("curl", "-sS", "--max-time", "60", *arguments, namespace=namespace)


def faults(capture_file: Path) -> str:
    """What tshark finds wrong in the packets of the router; those of the kernel have no checksums yet when they are
    captured."""
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0"
    return check("tshark", "-r", str(capture_file), *checks, "-Y", f"ip.src == {ROUTER} && ({wrong})")


@pytest.mark.parametrize("kind", ["tap", "tun"])
def test_curl_fetches_from_a_router(kind: str, tmp_path: Path) -> None:
    require("curl", "tshark")
    with router(kind, tmp_path) as host:
        content = Random(1).randbytes(1_000_000)
        (tmp_path / "nvram" / "flash" / "image.bin").write_bytes(content)
        with capture(host, "lan0", tmp_path / "lan.pcapng"):
            refused = curl(host, "-o", "/dev/null", "-w", "%{http_code}", f"http://{ROUTER}/")
            assert refused.stdout == "401", refused.stderr
            page = curl(host, "-i", "-u", LOGIN, f"http://{ROUTER}/")
            assert page.stdout.startswith("HTTP/1.1 200"), page.stderr
            assert "<TITLE>R1 Home Page</TITLE>" in page.stdout
            files = [tmp_path / f"got{number}" for number in range(3)]
            url = f"http://{ROUTER}/image.bin"
            parallel = ["--parallel", "-u", LOGIN, *(word for file in files for word in ("-o", str(file), url))]
            fetched = curl(host, *parallel)
            assert fetched.returncode == 0, fetched.stderr
            closed = curl(host, f"http://{ROUTER}:81/")
            assert closed.returncode == 7, closed.stderr
        assert all(file.read_bytes() == content for file in files)
    assert faults(tmp_path / "lan.pcapng") == ""
    counted = check("tshark", "-r", str(tmp_path / "lan.pcapng"), "-Y", f"tcp.len > 0 && ip.src == {ROUTER}")
    assert len(counted.splitlines()) > 3 * 1_000_000 // 1460


@pytest.mark.parametrize("kind", ["tap", "tun"])
def test_a_router_fetches_from_a_server_of_the_host(kind: str, tmp_path: Path) -> None:
    require("tshark")
    content = Random(2).randbytes(1_000_000)
    site = tmp_path / "site"
    site.mkdir()
    (site / "image.bin").write_bytes(content)
    url = f"http://{HOST}:8000/image.bin"
    # The wait is for the capture; a SYN that finds no host yet is repeated.
    items = ("-c", "wait 4", "-c", f"copy {url} flash:", "-c", f"copy {url}x flash:", "-c", "show ip http client all")
    serve = [sys.executable, "-m", "http.server", "8000", "--directory", str(site)]
    with router(kind, tmp_path, *items, before=serve) as host, capture(host, "lan0", tmp_path / "lan.pcapng"):
        wait_for(tmp_path / "r1.log", "HTTP client status")
    log = (tmp_path / "r1.log").read_text()
    assert "1000000 bytes copied in " in log, log
    assert f"%Error opening {url}x (No such file or directory)" in log
    assert (tmp_path / "nvram" / "flash" / "image.bin").read_bytes() == content
    assert faults(tmp_path / "lan.pcapng") == ""


def wait_for(log: Path, text: str) -> None:
    """Wait until a text is in a log."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if text in log.read_text():
            return
        time.sleep(0.2)
