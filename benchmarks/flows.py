"""Cost of a packet on the fast path with few and many flows, access-list entries and SAs.

First of the worker's own work alone, then with devices that bring and take each packet by system calls, which a packet
cannot do without: UDP sockets of this host stand for them. Rows of one run can be compared; the machine decides about
their height. The flows of a row take turns, and each packet is an object of its own, so that every row reads as much
memory. What goes out by one device under one SA shares a batch's calls of the engine and the device, however many flows
it is. What remains is that a flow is looked up for each packet, once where it is sealed and three times where it is
opened (the ESP, what its SA is for, what is inside), which is slower where flows do not fit into the caches.

    python benchmarks/flows.py
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import sys
import time
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sharing import snapshot_of
from iosemu.engines.gdoi.keys import Tek
from iosemu.fastpath.flows import Flows
from iosemu.fastpath.forwarder import Forwarder
from iosemu.fastpath.handover import Handover
from iosemu.fastpath.lines import Line
from iosemu.fastpath.native import best_engine
from iosemu.fastpath.plan import Plan
from iosemu.ports.device import BATCH
from iosemu.ports.offload import PLAIN
from iosemu.router.names import InterfaceName
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import UdpDatagram

GCM = EspTransform("esp-gcm", 128)
ROUNDS, PACKETS, SIZE = 5, 10_000, 1400
# Flows, entries of the group's list, SAs.
CASES = (
    *((flows, 1, 1) for flows in (1, 100, 1_000, 10_000)),
    *((1, entries, 1) for entries in (10, 100)),
    *((1, 1, sas) for sas in (20, 200)),
    (10_000, 100, 200),
)
LAN, WAN = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"


def entry(permit: bool, number: int) -> AclEntry:
    """Between two networks; the last of a list is the one that matches."""
    network = IPv4Network(f"10.{number}.0.0/16")
    mask = int(network.hostmask)
    return AclEntry(permit, 0, int(network.network_address), mask, 0, int(IPv4Network("0.0.0.0/0").hostmask))


def plane(entries: int, sas: int) -> GroupDataPlane:
    """A data plane whose list ends with the entry of the traffic."""
    made = GroupDataPlane(os.urandom)
    acl = (*(entry(False, 100 + number % 100) for number in range(entries - 1)), entry(True, 1))
    teks = tuple(
        Tek((1000 + number).to_bytes(4, "big"), GCM, (acl[-1],), 3600, 1e9, os.urandom(16), b"", os.urandom(4))
        for number in range(sas)
    )
    made.update(GroupPolicy((), acl, teks, (1,), 24))
    return made


class Memory:
    """A device that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def receive(self) -> list[bytes]:
        return []

    def send(self, frames: list[bytes]) -> list[int]:
        self.sent += frames
        return []


class Bench:
    """What a worker consists of, without its thread."""

    def __init__(self, room: int = 1) -> None:
        self.flows, self.forwarder = Flows(time.monotonic), Forwarder(best_engine(), Handover(room, room))
        self.wan, self.lan = (
            Line(InterfaceName("GigabitEthernet", f"0/{n}"), n, 14, mac, Memory()) for n, mac in ((0, WAN), (1, LAN))
        )
        self.flows.lines = {0: self.wan, 1: self.lan}

    @property
    def sent(self) -> list[bytes]:
        """By the device to the WAN."""
        channel = self.wan.channel
        assert isinstance(channel, Memory)
        return channel.sent


def cost(flows: int, entries: int, sas: int) -> tuple[float, ...]:
    """Microseconds of processor time for sealing and for opening a packet, and for both with devices."""
    leader, bench, opener = plane(entries, sas), Bench(), Bench()
    packets = []
    for number in range(flows):
        source, destination = IPv4Address(0x0A010000 + number % 60000), IPv4Address("10.2.0.1")
        datagram = UdpDatagram(5000, 6000, bytes(SIZE - 28)).pack(source, destination)
        packets.append(Packet(source, destination, UDP, datagram).pack())
    for worker in (bench, opener):
        worker.flows.follow(id(leader), snapshot_of(leader))
    head = WAN + LAN + b"\x08\0"
    for packet in packets:
        bench.flows.learn(bench.lan.name, False, packet, Plan(bench.wan.name, head, 1500, None, id(leader)))
        opener.flows.learn(opener.wan.name, True, packet, Plan(opener.lan.name, head, 1500))
    frames = [PLAIN + LAN + WAN + b"\x08\0" + packet for packet in packets]
    sealing = spent(bench, bench.lan, [bytes(bytearray(frames[number % flows])) for number in range(PACKETS)])
    sealed = bench.sent[:PACKETS]
    for frame in sealed:
        opener.flows.learn(opener.wan.name, False, frame[24:], Plan(None, opener=id(leader)))
    opening = spent(opener, opener.wan, sealed)
    plain = [frames[number % flows] for number in range(PACKETS)]
    return sealing, opening, spent_with_devices(bench, bench.lan, plain), spent_with_devices(opener, opener.wan, sealed)


def spent(bench: Bench, line: Line, frames: list[bytes]) -> float:
    """Microseconds for each frame, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        bench.sent.clear()
        started = time.process_time()
        for first in range(0, len(frames), BATCH):
            bench.forwarder.take(line.outer, frames[first : first + BATCH], 0.0)
        best = min(best, time.process_time() - started)
        unpunted(bench)
    return best / len(frames) * 1e6


def spent_with_devices(bench: Bench, line: Line, frames: list[bytes]) -> float:
    """The same with a device that brings them and one that takes what comes of them."""
    out = bench.lan if line is bench.wan else bench.wan
    best = float("inf")
    with ExitStack() as stack:
        (far, near), (taking, sink) = (connected(stack) for _ in range(2))
        channel = bench.forwarder.engine.channel
        feed, line.channel, out.channel = channel(far), channel(near), channel(taking)
        drain = channel(sink)
        for _ in range(ROUNDS):
            spent = 0.0
            for first in range(0, len(frames), BATCH):
                part = frames[first : first + BATCH]
                feed.send(part)
                started = time.process_time()
                bench.forwarder.take(line.outer, line.channel.receive(), 0.0)
                spent += time.process_time() - started
                if len(drain.receive()) != len(part):
                    sys.exit("the sockets of this host have too little room")
            best = min(best, spent)
            unpunted(bench)
    return best / len(frames) * 1e6


def connected(stack: ExitStack) -> tuple[int, int]:
    """Two sockets, of which each sends to the other one."""
    pair = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
    for end in pair:
        end.bind(("127.0.0.1", 0))
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    for end, other in zip(pair, reversed(pair), strict=True):
        end.connect(other.getsockname())
    return pair[0].fileno(), pair[1].fileno()


def unpunted(bench: Bench) -> None:
    """Nothing is measured where the router would have to do it."""
    if bench.forwarder.handover.reasons:
        sys.exit(f"punted: {bench.forwarder.handover.reasons}")


def main() -> None:
    """Print a row for each case, beside the first one measured just before it."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    titles = ("seal us", "open us", "seal+I/O", "open+I/O")
    print(f"{'flows':>7} {'entries':>8} {'SAs':>5}" + "".join(f" {title:>10} {'of base':>7}" for title in titles))
    for case in CASES:
        pairs = [(cost(*CASES[0]), cost(*case)) for _ in range(3)]
        flows, entries, sas = case
        print(f"{flows:>7} {entries:>8} {sas:>5}", end="")
        for column in range(len(titles)):
            found = statistics.median(item[1][column] for item in pairs)
            ratio = statistics.median(item[1][column] / item[0][column] for item in pairs)
            print(f" {found:>10.2f} {ratio:>7.2f}", end="", flush=True)
        print()


if __name__ == "__main__":
    main()
