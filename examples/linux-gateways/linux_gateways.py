"""Two Linux hosts behind two group members, on this machine: every box is a network namespace.

    host-a -- lan -- gm1 -- wan --+-- wan -- gm2 -- lan -- host-b
                                  |
                                 ks1

Group members and key server are `iosemu run` with raw ports on veth pairs; the hosts are the kernel's own.

    sudo python3 examples/linux-gateways/linux_gateways.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONFIGS = HERE / "configs"
ROOT = HERE.parent.parent
HOST_A, HOST_B = "10.1.1.10", "10.1.2.10"
# What is left of 1500 octets for a packet inside ESP with any transform and a time stamp.
HOST_MTU = 1400
TELNET = "127.0.0.1:2023"
PATIENCE = 30.0


def run(*command: str, namespace: str = "", timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command, in a namespace if one is named."""
    prefix = ["ip", "netns", "exec", namespace] if namespace else []
    return subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=timeout, check=False)


def check(*command: str, namespace: str = "") -> str:
    """Run a command that must succeed."""
    result = run(*command, namespace=namespace)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


@dataclass(frozen=True)
class Boxes:
    """The names of the namespaces."""

    host_a: str
    gm1: str
    core: str
    gm2: str
    host_b: str
    ks1: str


@contextmanager
def cabling(prefix: str) -> Iterator[Boxes]:
    """All namespaces with their links and the hosts' addresses; they go with the block."""
    names = [f"{prefix}-{name}" for name in ("host-a", "gm1", "core", "gm2", "host-b", "ks1")]
    boxes = Boxes(*names)
    if not os.access("/run", os.W_OK):
        # The root of a user namespace: the host's place for the names of namespaces is not its own.
        check("mount", "-t", "tmpfs", "none", "/run")
    try:
        for name in names:
            check("ip", "netns", "add", name)
            check("ip", "link", "set", "lo", "up", namespace=name)
        check("ip", "link", "add", "wan", "type", "bridge", namespace=boxes.core)
        check("ip", "link", "set", "wan", "up", namespace=boxes.core)
        for box in (boxes.gm1, boxes.gm2, boxes.ks1):
            port = box.rsplit("-", 1)[-1]
            link(box, "wan", boxes.core, port)
            check("ip", "link", "set", port, "master", "wan", namespace=boxes.core)
        for host, member, address in ((boxes.host_a, boxes.gm1, HOST_A), (boxes.host_b, boxes.gm2, HOST_B)):
            link(host, "lan", member, "lan")
            check("ip", "address", "add", f"{address}/24", "dev", "lan", namespace=host)
            check("ip", "link", "set", "lan", "mtu", str(HOST_MTU), namespace=host)
            check("ip", "route", "add", "default", "via", address.rsplit(".", 1)[0] + ".1", namespace=host)
        yield boxes
    finally:
        for name in names:
            run("ip", "netns", "del", name)


def link(left: str, left_name: str, right: str, right_name: str) -> None:
    """A veth pair, up at both ends. Nobody speaks IPv6 on it."""
    pair = ("link", "add", left_name, "netns", left, "type", "veth", "peer", "name", right_name, "netns", right)
    check("ip", *pair)
    for box, name in ((left, left_name), (right, right_name)):
        check("sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{name}/disable_ipv6", namespace=box)
        check("ip", "link", "set", name, "up", namespace=box)


@contextmanager
def router(namespace: str, name: str, folder: Path, *options: str, configs: Path = CONFIGS) -> Iterator[Path]:
    """`iosemu run` of a configuration; yields its log."""
    log = folder / f"{name}.log"
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "iosemu", "run", str(configs / f"{name}.cfg")]
    command += ["--no-console", f"--nvram={folder / name}", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            yield log
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def gateways(prefix: str, folder: Path, configs: Path = CONFIGS, *options: str) -> Iterator[Boxes]:
    """All boxes, with both members registered; `options` are for each router."""
    with ExitStack() as stack:
        boxes = stack.enter_context(cabling(prefix))
        key = "crypto key generate rsa general-keys label GETVPN-REKEY modulus 2048"
        command = (
            sys.executable,
            "-m",
            "iosemu",
            "run",
            str(configs / "KS1.cfg"),
            f"--nvram={folder / 'KS1'}",
            "-c",
            key,
        )
        check("env", f"PYTHONPATH={ROOT}", *command)
        wan, lan = "--port=Gi0/0=raw:wan", "--port=Gi0/1=raw:lan"
        stack.enter_context(router(boxes.ks1, "KS1", folder, wan, *options, configs=configs))
        for box, name in ((boxes.gm1, "GM1"), (boxes.gm2, "GM2")):
            stack.enter_context(router(box, name, folder, wan, lan, *options, configs=configs))
        for name in ("GM1", "GM2"):
            wait_for(folder / f"{name}.log", "GM_REGS_COMPL")
        run("ping", "-c", "3", "-i", "0.2", HOST_B, namespace=boxes.host_a)
        yield boxes


def wait_for(log: Path, text: str) -> None:
    """Until a log has a text in it."""
    deadline = time.monotonic() + PATIENCE
    while text not in log.read_text():
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {text} in {log}:\n{log.read_text()}")
        time.sleep(0.1)


@contextmanager
def iperf_server(namespace: str) -> Iterator[None]:
    """iperf3 at the other end."""
    command = ["ip", "netns", "exec", namespace, "iperf3", "-s"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    """Show what the hosts can do, and what passes between the members."""
    if os.geteuid():
        text = "network namespaces need root: run it with sudo, or inside `unshare -Urnm`"
        print(f"linux_gateways.py: {text}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, gateways(f"gw{os.getpid()}", Path(folder)) as boxes:
        print(run("ping", "-c", "5", "-i", "0.2", HOST_B, namespace=boxes.host_a).stdout)
        with iperf_server(boxes.host_b):
            for options in ((), ("-R",), ("-u", "-b", "50M")):
                print(run("iperf3", "-c", HOST_B, "-t", "5", *options, namespace=boxes.host_a).stdout)
        capture = "timeout 3 tcpdump -ni wan -c 6 & sleep 0.5; wait"
        with subprocess.Popen(
            ["ip", "netns", "exec", boxes.host_a, "ping", "-c", "10", "-i", "0.2", HOST_B], stdout=subprocess.DEVNULL
        ):
            print(run("sh", "-c", capture, namespace=boxes.gm1).stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
