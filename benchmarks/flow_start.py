"""How fast UDP flows begin: what is lost and what arrives out of order while the router still works out their plans.

Two kernel hosts behind two group members, as in examples/linux-gateways. Each flow is a burst at full rate from its
first packet on. Needs root.

    sudo python3 benchmarks/flow_start.py [--rate 50000] [--flows 20] [--packets 2000]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples" / "linux-gateways"))

from linux_gateways import HOST_B, gateways

# Between two flows, and after the last packet (seconds).
PAUSE, SILENCE = 0.3, 1.5
SENDER = """
import socket, struct, sys, time
host, rate, flows, packets, pause = sys.argv[1], *map(float, sys.argv[2:])
for flow in range(int(flows)):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((host, 7000))
    begun = time.perf_counter()
    for number in range(int(packets)):
        while time.perf_counter() < begun + number / rate:
            pass
        sender.send(struct.pack("!II", flow, number))
    time.sleep(pause)
"""
RECEIVER = """
import json, socket, struct, sys
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
receiver.bind(("", 7000))
receiver.settimeout(30)
print("ready", flush=True)
seen = {}
try:
    while True:
        flow, number = struct.unpack("!II", receiver.recv(100))
        receiver.settimeout(float(sys.argv[1]))
        seen.setdefault(flow, []).append(number)
except TimeoutError:
    print(json.dumps(seen))
"""


def late(numbers: list[int]) -> int:
    """How many came behind one that was sent after them."""
    found, highest = 0, -1
    for number in numbers:
        found += number < highest
        highest = max(highest, number)
    return found


def main() -> int:
    """Run, and print what arrived of each flow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=50_000, help="packets per second")
    parser.add_argument("--flows", type=int, default=20)
    parser.add_argument("--packets", type=int, default=2_000, help="of each flow")
    options = parser.parse_args()
    if os.geteuid():
        print("flow_start.py: network namespaces need root", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, gateways(f"start{os.getpid()}", Path(folder)) as boxes:
        python = (sys.executable, "-c")
        receive = ("ip", "netns", "exec", boxes.host_b, *python, RECEIVER, str(PAUSE + SILENCE))
        numbers = map(str, (options.rate, options.flows, options.packets, PAUSE))
        with subprocess.Popen(receive, stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdout is not None
            receiver.stdout.readline()
            begun = time.perf_counter()
            subprocess.run(("ip", "netns", "exec", boxes.host_a, *python, SENDER, HOST_B, *numbers), check=True)
            spent = time.perf_counter() - begun - options.flows * PAUSE
            seen = {int(flow): found for flow, found in json.loads(receiver.stdout.read()).items()}
    print(f"{options.flows * options.packets / spent:.0f} packets per second were sent")
    print(f"{'flow':>5} {'lost':>6} {'late':>6}")
    rows = [(options.packets - len(seen.get(flow, ())), late(seen.get(flow, []))) for flow in range(options.flows)]
    for flow, (lost, behind) in enumerate(rows):
        print(f"{flow:>5} {lost:>6} {behind:>6}")
    print(f"{'all':>5} {sum(row[0] for row in rows):>6} {sum(row[1] for row in rows):>6}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
