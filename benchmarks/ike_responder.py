"""Phase 1 as a responder: CPU per main mode handshake and memory per SA, iosemu beside strongSwan's charon.

Both answer the same initiator in the same run, by turns. Root and strongSwan are needed.

python benchmarks/ike_responder.py [--rounds N] [--handshakes N] [--sas N]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.interop.netns import check, connect, namespaces
from tests.interop.router import address_of_device, running_router
from tests.interop.strongswan import charon

PSK = "Benchmark-Key"
IOSEMU, CHARON = "192.0.2.1", "198.51.100.2"
# The initiator's addresses, one for each SA.
PEERS = "10.50.0.0/16"
GROUPS = {14: "aes128-sha256-modp2048", 19: "aes128-sha256-ecp256"}
LIMITS = {14: 0.7, 19: 1.3}
MEMORY_LIMIT = 15.0
POLICY = """crypto isakmp policy {group}
 encr aes
 hash sha256
 authentication pre-share
 group {group}
"""
CONFIG = f"""{"".join(POLICY.format(group=group) for group in GROUPS)}crypto isakmp key {PSK} address 0.0.0.0
interface GigabitEthernet0/0
 ip address {IOSEMU} 255.255.255.0
ip route 10.50.0.0 255.255.0.0 192.0.2.2
"""
CONNECTION = f"""connections {{
  any {{
    version = 1
    proposals = {", ".join(GROUPS.values())}
    local_addrs = {CHARON}
    unique = never
    rekey_time = 0
    local {{
      auth = psk
    }}
    remote {{
      auth = psk
    }}
  }}
}}
secrets {{
  ike {{
    secret = {PSK}
  }}
}}
"""
# As fast as charon can be: nothing logged, no limits, a table as large as the number of SAs asks for.
SETTINGS = """
  dos_protection = no
  block_threshold = 0
  ikesa_table_size = 4096
  ikesa_table_segments = 16
"""
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kilobytes(pid: int) -> int:
    """The memory that a process has in use."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ValueError(f"process {pid} has no memory")


class Initiator:
    """The load generator, a process of its own in a namespace."""

    def __init__(self, namespace: str) -> None:
        command = ["ip", "netns", "exec", namespace, sys.executable, str(ROOT / "benchmarks" / "ike_initiator.py"), PSK]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def handshakes(self, responder: str, group: int, count: int, keep: bool) -> None:
        """Make that many SAs, each from an address of its own, and delete them again unless they are to be kept."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        job = {"responder": responder, "group": group, "count": count, "keep": keep}
        print(json.dumps(job), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        assert answer == {"established": count}, answer

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)


@contextmanager
def responders() -> Iterator[tuple[Initiator, dict[str, int]]]:
    """Fresh processes: the initiator, and the process IDs of both responders by their addresses."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        load, peer = stack.enter_context(namespaces("load", "peer"))
        router = stack.enter_context(running_router(load, folder / "router", CONFIG, "--port=Gi0/0=tap:wan0"))
        address_of_device(load, "wan0", "192.0.2.2/24")
        connect(load, peer, "198.51.100.1", CHARON, "veth0")
        check("ip", "route", "add", "local", PEERS, "dev", "lo", namespace=load)
        check("ip", "route", "add", PEERS, "via", "198.51.100.1", namespace=peer)
        swan = stack.enter_context(charon(peer, folder / "charon", settings=SETTINGS, level=-1))
        swan.load(CONNECTION)
        initiator = Initiator(load)
        stack.callback(initiator.close)
        for address in (IOSEMU, CHARON):
            initiator.handshakes(address, 19, 50, keep=False)
        yield initiator, {IOSEMU: router.pid, CHARON: swan.pid}


def compare(initiator: Initiator, pids: dict[str, int], group: int, rounds: int, handshakes: int) -> None:
    """CPU per handshake of both, by turns."""
    spent: dict[str, list[float]] = {address: [] for address in pids}
    for _ in range(rounds):
        for address, pid in pids.items():
            before = cpu_seconds(pid)
            initiator.handshakes(address, group, handshakes, keep=False)
            spent[address].append((cpu_seconds(pid) - before) / handshakes * 1000)
    ratios = [ours / theirs for ours, theirs in zip(spent[IOSEMU], spent[CHARON], strict=True)]
    for name, address in (("iosemu", IOSEMU), ("charon", CHARON)):
        report(f"group {group}, {name}: CPU per handshake and delete", spent[address], "ms")
    report(f"group {group}: iosemu by charon", ratios, "", LIMITS[group])


def memory(initiator: Initiator, pids: dict[str, int], sas: int) -> None:
    """Growth of resident memory per SA."""
    for name, address in (("iosemu", IOSEMU), ("charon", CHARON)):
        before = resident_kilobytes(pids[address])
        initiator.handshakes(address, 19, sas, keep=True)
        grown = (resident_kilobytes(pids[address]) - before) / sas
        report(f"{name}: memory per SA, {sas} SAs", [grown], "kB", MEMORY_LIMIT)


def report(name: str, figures: list[float], unit: str, limit: float | None = None) -> None:
    """One line: median, range and the limit set for it."""
    low, middle, high = min(figures), statistics.median(figures), max(figures)
    bound = f"; limit {limit:g}" if limit is not None else ""
    print(f"{name:<52} {middle:8.3f} {unit:<3} ({low:.3f} to {high:.3f}{bound})", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--handshakes", type=int, default=500)
    parser.add_argument("--sas", type=int, default=2000)
    options = parser.parse_args()
    for number in GROUPS:
        with responders() as (generator, processes):
            compare(generator, processes, number, options.rounds, options.handshakes)
    with responders() as (generator, processes):
        memory(generator, processes, options.sas)
