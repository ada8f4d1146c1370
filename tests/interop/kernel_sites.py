"""Two sites whose hosts are network namespaces: members on devices of the kernel, provider and key server between."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.interop.netns import check, connect, namespaces, router_process
from tests.interop.router import address_of_device

POLICY = """
crypto isakmp policy 10
 encr aes 256
 hash sha256
 authentication pre-share
 group 14
crypto isakmp key Tun01Key address 0.0.0.0
"""


def two_sites(stack: ExitStack, folder: Path, configs: dict[str, str], device: str) -> tuple[str, str]:
    """The namespaces of two hosts, each with a group member whose LAN is a device; provider and key server run too,
    until the stack unwinds. Logs and saved configurations are in the folder."""
    for name, text in configs.items():
        (folder / f"{name}.cfg").write_text(text)
    nvram = folder / "nvram"
    a, b, core = stack.enter_context(namespaces("a", "b", "core"))
    connect(a, core, "172.31.1.1", "172.31.1.2", "wan-a")
    connect(b, core, "172.31.2.1", "172.31.2.2", "wan-b")
    key = "crypto key generate rsa general-keys label GET-REKEY modulus 2048"
    assert "[OK]" in run_iosemu(core, folder / "ks.cfg", nvram, key)

    def start(name: str, namespace: str, *options: str) -> None:
        log = folder / f"{name}.log"
        stack.enter_context(router_process(namespace, folder / f"{name}.cfg", *options, log=log))

    start(
        "p",
        core,
        "--port=Gi0/0=udp:127.0.0.1:5001:127.0.0.1:5002",
        "--port=Gi0/1=udp:172.31.1.2:5000:172.31.1.1:5000",
        "--port=Gi0/2=udp:172.31.2.2:5000:172.31.2.1:5000",
    )
    start("ks", core, f"--nvram={nvram}", "--port=Gi0/0=udp:127.0.0.1:5002:127.0.0.1:5001")
    start("gm1", a, f"--port=Gi0/1={device}", "--port=Gi0/0=udp:172.31.1.1:5000:172.31.1.2:5000")
    start("gm2", b, f"--port=Gi0/1={device}", "--port=Gi0/0=udp:172.31.2.1:5000:172.31.2.2:5000")
    return a, b


def kernel_host(namespace: str, address: str) -> None:
    """Give the namespace's TUN device an address and the rest of 10/8, once the member has made it."""
    address_of_device(namespace, "lan0", f"{address}/24")
    check("ip", "route", "replace", "10.0.0.0/8", "dev", "lan0", namespace=namespace)


def run_iosemu(namespace: str, config: Path, nvram: Path, command: str) -> str:
    """What a router prints for a command; its keys stay in the folder `nvram`."""
    return check(
        sys.executable, "-m", "iosemu", "run", str(config), "--nvram", str(nvram), "-c", command, namespace=namespace
    )


def wait_for_registration(log: Path) -> None:
    """A member registers within seconds of its start; before that it sends in clear, and to one that has the policy."""
    deadline = time.monotonic() + 30
    while "GM_REGS_COMPL" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
