"""The lab of examples/linux-gateways: kernel hosts behind two members on raw ports, with keys that change meanwhile."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from tests.interop.gateways import Lab, lab
from tests.interop.netns import check, overflows, run
from tests.interop.router import Router
from tests.requirements import require


def change_keys(routers: dict[str, Router], times: int) -> None:
    """New keys from the server, until both members have them."""
    for _ in range(times):
        before = {name: routers[name].log.count("GM_RECV_REKEY") for name in ("GM1", "GM2")}
        routers["KS1"].do("crypto gdoi ks rekey")
        for name, count in before.items():
            routers[name].wait_for_log("(?s)" + "GM_RECV_REKEY.*" * (count + 1))


@pytest.fixture(scope="module", params=["native", "Python"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """With the module in C and two queues for each card, and with neither."""
    native = request.param == "native"
    if native:
        require("module:iosemu.fastpath._native")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOSEMU_NATIVE", str(int(native)))
        patch.setenv("IOSEMU_WORKERS", "2" if native else "1")
        with lab(tmp_path_factory.mktemp("gateways")) as found:
            yield found


def iperf(script: ModuleType, boxes: Any, routers: dict[str, Router], *options: str) -> dict[str, Any]:
    """Run iperf3 from host to host while keys change twice; its summary."""
    command = ["ip", "netns", "exec", boxes.host_a, "iperf3", "-J", "-c", script.HOST_B, *options]
    with script.iperf_server(boxes.host_b):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        change_keys(routers, 2)
        output, _ = process.communicate(timeout=60)
    return dict(json.loads(output))


def test_udp_loses_nothing_while_keys_change(running: Lab) -> None:
    script, boxes, routers = running
    before = overflows(boxes.host_b)
    result = iperf(script, boxes, routers, "-u", "-b", "10M", "-l", "1000", "-t", "4")
    assert result["end"]["sum"]["packets"] > 4000
    assert result["end"]["sum"]["lost_packets"] == overflows(boxes.host_b) - before


def test_tcp_does_not_stall_while_keys_change(running: Lab) -> None:
    script, boxes, routers = running
    result = iperf(script, boxes, routers, "-t", "4", "-i", "1")
    assert min(item["sum"]["bits_per_second"] for item in result["intervals"]) > 1e6


def test_file_arrives_whole_while_keys_change(running: Lab, tmp_path: Path) -> None:
    script, boxes, routers = running
    data = Random(3).randbytes(60 << 20)
    (tmp_path / "file").write_bytes(data)
    serve = ["ip", "netns", "exec", boxes.host_b, sys.executable, "-m", "http.server", "8000", "-d", str(tmp_path)]
    fetch = "import sys, urllib.request, hashlib; r = urllib.request.urlopen(sys.argv[1]); "
    fetch += "print(hashlib.sha256(r.read()).hexdigest())"
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        command = [
            "ip",
            "netns",
            "exec",
            boxes.host_a,
            sys.executable,
            "-c",
            fetch,
            f"http://{script.HOST_B}:8000/file",
        ]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        change_keys(routers, 2)
        output, _ = client.communicate(timeout=60)
    finally:
        server.terminate()
        server.wait()
    assert output.strip() == hashlib.sha256(data).hexdigest()


def test_lan_that_is_taken_away_and_given_back(running: Lab) -> None:
    script, boxes, routers = running
    flood = ["ip", "netns", "exec", boxes.host_a, "ping", "-f", "-c", "2000", script.HOST_B]
    process = subprocess.Popen(flood, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    check("ip", "link", "set", "lan", "down", namespace=boxes.gm1)
    routers["GM1"].wait_for("show ip interface brief", r"GigabitEthernet0/1 .*down +down")
    check("ip", "link", "set", "lan", "up", namespace=boxes.gm1)
    routers["GM1"].wait_for("show ip interface brief", r"GigabitEthernet0/1 .*up +up")
    process.wait(timeout=60)
    output = run("ping", "-c", "5", "-i", "0.2", script.HOST_B, namespace=boxes.host_a).stdout
    assert " 0% packet loss" in output


def test_engine_tells_what_it_does(running: Lab) -> None:
    script, boxes, routers = running
    routers["GM1"].do("clear platform software iosemu")
    script.run("ping", "-f", "-c", "500", script.HOST_B, namespace=boxes.host_a)
    time.sleep(1)
    printed = routers["GM1"].do("show platform software iosemu")
    assert re.search(r"Forwarding engine: (native, 2 workers|Python, 1 worker), \d+ flows", printed), printed
    forwarded = re.search(r"Forwarded +(\d+)", printed)
    assert forwarded is not None
    assert int(forwarded[1]) >= 1000
    assert re.search(r"GigabitEthernet0/1 +\d+ +\d+ +\d+\.\d\d +\d+", printed), printed


def test_lan_that_is_removed_during_traffic(running: Lab) -> None:
    script, boxes, routers = running
    flood = ["ip", "netns", "exec", boxes.host_a, "ping", "-f", "-c", "5000", script.HOST_B]
    process = subprocess.Popen(flood, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    check("ip", "link", "del", "lan", namespace=boxes.gm1)
    routers["GM1"].wait_for("show ip interface brief", r"GigabitEthernet0/1 .*down +down")
    process.terminate()
    process.wait(timeout=60)
    # With one device left nothing is forwarded between devices; the router itself goes on.
    assert "Forwarding engine: none" in routers["GM1"].do("show platform software iosemu")
    assert "Success rate is 100 percent" in routers["GM1"].do("ping 192.0.2.9")
