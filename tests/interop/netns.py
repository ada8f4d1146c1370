"""Network namespaces for tests: made, used and removed by the test that asks for them."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.requirements import require

_NUMBERS = itertools.count(1)


def run(*command: str, namespace: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command, in a namespace if one is named; its output is captured."""
    prefix = ["ip", "netns", "exec", namespace] if namespace else []
    return subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=timeout, check=False)


def check(*command: str, namespace: str | None = None) -> str:
    """Run a command that must succeed."""
    result = run(*command, namespace=namespace)
    assert result.returncode == 0, f"{' '.join(command)}: {result.stderr}"
    return result.stdout


def overflows(namespace: str) -> int:
    """Datagrams that have come to a host and found no room in the socket of whoever is to read them: on a busy machine
    iperf3 is sometimes too slow, and counts them as lost."""
    names, values = re.findall(r"^Udp: (.*)$", check("cat", "/proc/net/snmp", namespace=namespace), re.MULTILINE)
    return int(dict(zip(names.split(), values.split(), strict=True))["RcvbufErrors"])


@contextmanager
def namespaces(*names: str) -> Iterator[tuple[str, ...]]:
    """Namespaces with loopback up, under names that are used once: other processes and tests have their own."""
    require("root", "ip", "/dev/net/tun")
    full = tuple(f"iosemu-{os.getpid()}-{next(_NUMBERS)}-{name}" for name in names)
    try:
        for name in full:
            check("ip", "netns", "add", name)
            check("ip", "link", "set", "lo", "up", namespace=name)
        yield full
    finally:
        for name in full:
            run("ip", "netns", "del", name)


def connect(left: str, right: str, left_address: str, right_address: str, interface: str) -> None:
    """A veth pair between two namespaces; both ends bear the name `interface` and a /30 address."""
    check("ip", "link", "add", interface, "netns", left, "type", "veth", "peer", "name", interface, "netns", right)
    for namespace, address in ((left, left_address), (right, right_address)):
        check("ip", "address", "add", f"{address}/30", "dev", interface, namespace=namespace)
        check("ip", "link", "set", interface, "up", namespace=namespace)


@contextmanager
def router_process(namespace: str, config: Path, *options: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An `iosemu run --no-console` service inside a namespace; ended by SIGTERM."""
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "iosemu", "run", str(config), "--no-console"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *options], stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)
