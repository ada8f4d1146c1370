"""The lab of examples/linux-gateways with short lifetimes: TEKs and KEK are renewed and end under the hosts' traffic.

Emulated time goes SPEED times as fast, so that the shortest lifetimes of IOS end within seconds.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.interop.gateways import lab
from tests.interop.netns import overflows
from tests.interop.router import Router

SPEED = 10
SECONDS = 14
TEK, KEK = 120, 300
SHORT = {
    "lifetime seconds 3600": f"lifetime seconds {TEK}",
    "  rekey algorithm aes 256\n": f"  rekey algorithm aes 256\n  rekey lifetime seconds {KEK}\n",
    # In emulated seconds, of which many pass while the machine has no time for a process.
    "window-size 5": "window-size 100",
}
UDP, TCP = ("-u", "-b", "5M", "-l", "1000"), ("-b", "10M")
# Fetches a file again and again, as fast as a slow line would, and prints its checksums.
FETCH = """
import hashlib, socket, sys, time
host, seconds = sys.argv[1], float(sys.argv[2])
end = time.monotonic() + seconds
while time.monotonic() < end:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    line.settimeout(10)
    line.connect((host, 8000))
    line.sendall(b"GET /file HTTP/1.0\\r\\n\\r\\n")
    received = b""
    while data := line.recv(65536):
        received += data
        time.sleep(0.01)
    print(hashlib.sha256(received.partition(b"\\r\\n\\r\\n")[2]).hexdigest(), flush=True)
"""


@contextmanager
def servers(namespace: str, folder: Path) -> Iterator[None]:
    """iperf3 on two ports, and files over HTTP."""
    commands = [["iperf3", "-s", "-p", port] for port in ("5201", "5202")]
    commands.append([sys.executable, "-m", "http.server", "8000", "-d", str(folder)])
    started = [
        subprocess.Popen(
            ["ip", "netns", "exec", namespace, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        time.sleep(1)
        yield
    finally:
        for process in started:
            process.terminate()
            process.wait()


def spis(member: Router) -> set[str]:
    """Of the data SAs that a member has."""
    return set(re.findall(r"spi: (0x[0-9A-F]+)", member.do("show crypto ipsec sa")))


def test_keys_end_under_traffic(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    data = Random(5).randbytes(3 << 20)
    (files / "file").write_bytes(data)
    with lab(tmp_path, SHORT, f"--speed={SPEED}") as (script, boxes, routers), servers(boxes.host_b, files):
        members = [routers[name] for name in ("GM1", "GM2")]
        before, keks = [spis(member) for member in members], [member.log.count("KEK_UPDATED") for member in members]
        host = ["ip", "netns", "exec", boxes.host_a]
        commands = [
            ["iperf3", "-J", "-i", "1", "-t", str(SECONDS), "-c", script.HOST_B, "-p", port, *options]
            for port, options in (("5201", UDP), ("5202", TCP))
        ]
        commands.append([sys.executable, "-c", FETCH, script.HOST_B, str(SECONDS)])
        commands.append(["ping", "-q", "-i", "0.02", "-c", str(SECONDS * 50), script.HOST_B])
        full = overflows(boxes.host_b)
        running = [subprocess.Popen([*host, *command], stdout=subprocess.PIPE, text=True) for command in commands]
        udp, tcp, fetched, pinged = (process.communicate(timeout=90)[0] for process in running)
        full = overflows(boxes.host_b) - full

        for member, old, count in zip(members, before, keks, strict=True):
            assert not spis(member) & old, member.log
            assert member.log.count("KEK_UPDATED") > count, member.log
    assert json.loads(udp)["end"]["sum"]["packets"] > 600 * SECONDS
    assert json.loads(udp)["end"]["sum"]["lost_packets"] == full
    assert min(interval["sum"]["bits_per_second"] for interval in json.loads(tcp)["intervals"]) > 1e6
    assert set(fetched.split()) == {hashlib.sha256(data).hexdigest()}
    assert " 0% packet loss" in pinged, pinged
