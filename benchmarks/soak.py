"""Memory over ten million packets: two members in one process seal and open, flows come and go, keys change.

    python benchmarks/soak.py [MILLIONS]

Prints the resident memory after each million. IOSEMU_NATIVE=0 leaves the module in C out.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flows import GCM, LAN, WAN, Bench, Memory, entry

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sharing import snapshot_of
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import PseudoClock, Replay, ReplayMethod
from iosemu.fastpath.lines import Line, flow_key
from iosemu.fastpath.native import best_engine
from iosemu.fastpath.plan import Plan
from iosemu.ports.device import BATCH
from iosemu.ports.offload import PLAIN
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import UdpDatagram

HEAD = WAN + LAN + b"\x08\0"
FLOWS, SIZE = 2_000, 200
# Packets between two changes of keys, and between two reports of counters.
KEYS, REPORT = 250_000, 10_000


def resident() -> float:
    """Megabytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def frame(number: int) -> bytes:
    """A packet of a flow, behind an offload header."""
    source, destination = IPv4Address(0x0A010000 + number), IPv4Address("10.2.0.1")
    datagram = UdpDatagram(5000, 6000, bytes(SIZE - 28)).pack(source, destination)
    return PLAIN + LAN + WAN + b"\x08\0" + Packet(source, destination, UDP, datagram).pack()


def taken(line: Line) -> list[bytes]:
    """What a device has been sent."""
    assert isinstance(line.channel, Memory)
    sent, line.channel.sent = line.channel.sent, []
    return sent


class Member:
    """A worker without its thread, and a router that answers it at once."""

    def __init__(self, sid: int) -> None:
        self.bench, self._leader, self._sid = Bench(BATCH), GroupDataPlane(os.urandom), sid

    def rekey(self, tek: Tek) -> None:
        """Take another key."""
        self._leader.update(GroupPolicy((), tek.entries, (tek,), (self._sid,), 24, PseudoClock()), now=1.0)
        self.bench.flows.follow(id(self._leader), snapshot_of(self._leader))
        self.bench.forwarder.forget()

    def carry(self, line: Line, frames: list[bytes]) -> None:
        """Take a batch. A flow that the worker does not know it learns, and its packet comes again."""
        forwarder = self.bench.forwarder
        forwarder.take(line.outer, frames, 1.0)
        while forwarder.handover.punts:
            punts = forwarder.handover.take()
            forwarder.handover.done(len(punts))
            for punt in punts:
                self._teach(line, punt.opened, punt.packet)
                side, data = (line.inner, PLAIN + punt.data) if punt.opened else (line.outer, punt.data)
                forwarder.take(side, [data], 1.0)
                forwarder.answered(side, flow_key(punt.packet), 1.0)

    def _teach(self, line: Line, opened: bool, packet: bytes) -> None:
        bench, leader = self.bench, self._leader
        if line is bench.lan:
            plan = Plan(bench.wan.name, HEAD, 1500, None, id(leader))
        else:
            plan = Plan(bench.lan.name, HEAD, 1500) if opened else Plan(None, opener=id(leader))
        bench.flows.learn(line.name, opened, packet, plan)


def key(number: int) -> Tek:
    """The keys of a group one after the other, replay checked by time and by counters in turn."""
    permit = entry(True, 1)
    tek = Tek(number.to_bytes(4, "big"), GCM, (permit,), 3600, 1e9, os.urandom(16), b"", os.urandom(4))
    tek.replay = Replay(ReplayMethod.TIME, 5) if number % 2 else Replay(ReplayMethod.COUNTER, 64)
    return tek


def main() -> None:
    """Run, and print a row for each million."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("millions", nargs="?", type=int, default=10)
    millions = parser.parse_args().millions
    sender, receiver, frames = Member(1), Member(2), [frame(number) for number in range(FLOWS)]
    print(f"{best_engine().name} engine, {FLOWS} flows, other keys after {KEYS} packets")
    print(f"{'packets':>10} {'arrived':>10} {'us each':>8} {'MB':>8}")
    arrived = done = 0
    started = time.process_time()
    for million in range(1, millions + 1):
        while done < million * 1_000_000:
            if done % KEYS < BATCH:
                tek = key(1000 + done // KEYS)
                sender.rekey(tek)
                receiver.rekey(tek)
            first = done % (FLOWS - BATCH)
            sender.carry(sender.bench.lan, frames[first : first + BATCH])
            receiver.carry(receiver.bench.wan, taken(sender.bench.wan))
            arrived += len(taken(receiver.bench.lan))
            done += BATCH
            if done % REPORT < BATCH:
                for member in (sender, receiver):
                    member.bench.flows.take_work()
        spent = (time.process_time() - started) / done * 1e6
        print(f"{done:>10} {arrived:>10} {spent:>8.2f} {resident():>8.1f}", flush=True)


if __name__ == "__main__":
    main()
