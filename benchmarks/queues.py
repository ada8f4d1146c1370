"""What one more queue brings: workers side by side, each a process with a queue of its own, all under one SA.

Each worker seals frames without devices, as fast as it can, and takes its sequence numbers from the memory that all
share. Devices and hosts are left out because they need cores too: so it shows what the workers leave each other, and
needs as many cores as there are workers. Whether they are there is what the first row shows: loops that do nothing.

    python benchmarks/queues.py [WORKERS]

IOSEMU_NATIVE=0 leaves the module in C out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from ipaddress import IPv4Address
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flows import LAN, WAN, Bench, plane

from iosemu.engines.esp.sharing import snapshot_of
from iosemu.fastpath.native import best_engine
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.shared import share
from iosemu.ports.device import BATCH
from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN
from iosemu.wire.ipv4 import TCP, UDP, Packet
from iosemu.wire.udp import UdpDatagram

FORK = multiprocessing.get_context("fork")
ROUNDS, SECONDS, FRAMES = 5, 1.0, 10 * BATCH
HEAD = LAN + WAN + b"\x08\0"
ENDS = IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1")


def datagram(size: int) -> bytes:
    """A frame with one UDP packet of a size."""
    return PLAIN + HEAD + Packet(*ENDS, UDP, UdpDatagram(5000, 6000, bytes(size - 28)).pack(*ENDS)).pack()


def segments(count: int, size: int) -> bytes:
    """A frame with data for so many TCP segments, as a host gives it."""
    header = bytes((0x13, 0x88, 0x17, 0x70)) + bytes(8) + bytes((0x50, 0x10)) + bytes(6)
    packet = Packet(*ENDS, TCP, header + bytes(count * size)).pack()
    return HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 54, size, 34, 16) + HEAD + packet


# What each frame stands for.
CASES = {
    "empty loop": (b"", 1),
    "UDP 64": (datagram(64), 1),
    "UDP 1400": (datagram(1400), 1),
    "TCP 44 x 1380": (segments(44, 1380), 44),
}


def work(bench: Bench, frame: bytes, ready: Connection, result: Connection) -> None:
    """Seal for some time; how many frames. Without a frame, count."""
    frames = [bytes(bytearray(frame)) for _ in range(FRAMES)] if frame else []
    ready.recv()
    done, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        bench.sent.clear()
        for first in range(0, len(frames), BATCH):
            bench.forwarder.take(bench.lan.outer, frames[first : first + BATCH], 0.0)
        for _ in range(0 if frame else FRAMES):
            pass
        done += FRAMES
    result.send((done, bench.forwarder.handover.reasons))


def rate(workers: int, frame: bytes) -> float:
    """Frames per second of all workers."""
    leader = plane(1, 1)
    for sa in leader.sas.values():
        share(sa)
    bench = Bench()
    bench.flows.follow(id(leader), snapshot_of(leader))
    if frame:
        plan = Plan(bench.wan.name, WAN + LAN + b"\x08\0", 1500, None, id(leader))
        bench.flows.learn(bench.lan.name, False, frame[24:], plan)
    starts, ends = zip(*(FORK.Pipe(duplex=False) for _ in range(workers)), strict=True)
    results, givers = zip(*(FORK.Pipe(duplex=False) for _ in range(workers)), strict=True)
    processes = [FORK.Process(target=work, args=(bench, frame, *pipes)) for pipes in zip(starts, givers, strict=True)]
    for process in processes:
        process.start()
    for end in ends:
        end.send(None)
    total = 0
    for result in results:
        done, punted = result.recv()
        total += done
        if punted:
            sys.exit(f"punted: {punted}")
    for process in processes:
        process.join()
    return total / SECONDS


def main() -> None:
    """Print a row for each kind of frame and number of workers, and how often it is what one does alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workers", nargs="?", type=int, default=os.cpu_count() or 1)
    counts = range(1, parser.parse_args().workers + 1)
    print(f"{best_engine().name} engine, {os.cpu_count()} cores")
    print(f"{'frames':>14} {'workers':>8} {'kpackets/s':>11} {'of one':>7}")
    rounds = [
        {(name, count): rate(count, frame) * packets for name, (frame, packets) in CASES.items() for count in counts}
        for _ in range(ROUNDS)
    ]
    for name, count in rounds[0]:
        found = statistics.median(row[name, count] for row in rounds) / 1e3
        ratios = sorted(row[name, count] / row[name, 1] for row in rounds)
        print(
            f"{name:>14} {count:>8} {found:>11.0f} {statistics.median(ratios):>7.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"
        )


if __name__ == "__main__":
    main()
