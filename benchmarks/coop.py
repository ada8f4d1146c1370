"""Cooperative key servers: size and cost of announcements against the number of members, and how long a failover takes.

python benchmarks/coop.py
"""

from __future__ import annotations

import argparse
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path
from random import Random
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from iosemu.engines.common import Endpoint
from iosemu.engines.coop import channel
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.group_keys import GroupKeys, fingerprint
from iosemu.engines.coop.peers import Contact
from iosemu.engines.coop.server import CoopServer
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.wire.coop import CoopMessage
from iosemu.wire.coop_members import DatabaseForm
from iosemu.wire.isakmp import Header
from tests.engines.coop.pairs import KS1, KS2, Room
from tests.engines.gdoi.network import sa_pair, server_config

GM = IPv4Address("10.0.0.1")
SEEDS = 1000
SIZES = ((DatabaseForm.BASE, (100, 500, 1000, 2000, 4000)), (DatabaseForm.OPTIMIZE, (100, 1000, 4000, 8000)))


class Pair:
    """Two key servers with real keys; messages are protected by a phase 1 SA."""

    def __init__(self, form: DatabaseForm) -> None:
        self.random = Random(1)
        self.now = 0.0
        self.servers: dict[IPv4Address, CoopServer] = {}
        self.sas = dict(zip((KS1, KS2), sa_pair(Endpoint(KS1, 848), Endpoint(KS2, 848), self.random), strict=True))
        self.inbox = channel.Inbox()
        self.sizes: list[int] = []
        self.seconds = {KS1: 0.0, KS2: 0.0}
        for local, peer, priority in ((KS1, KS2, 100), (KS2, KS1, 50)):
            key_server = KeyServer(server_config(), self.random.randbytes)
            keys = GroupKeys(key_server)
            marks = fingerprint(key_server.config)
            config = CoopConfig("G", (0, bytes(4)), local, priority, (peer,), form, fingerprint=marks)
            self.servers[local] = CoopServer(config, keys, self.random.randbytes)
            self.servers[local].start(self.now)
        self.servers[KS1].contact_up(KS2, self.now)
        self.servers[KS2].contact_up(KS1, self.now)
        self.run(60.0)

    def run(self, seconds: float) -> None:
        """Let timers fire and messages pass; what each key server spends on them is added up."""
        end = self.now + seconds
        while True:
            self._exchange()
            due = min(server.next_timer() or 1e15 for server in self.servers.values())
            if due > end:
                break
            self.now = max(self.now, due)
            for address, server in self.servers.items():
                started = time.perf_counter()
                server.handle_timer(self.now)
                self.seconds[address] += time.perf_counter() - started
        self.now = end

    def _exchange(self) -> None:
        moved = True
        while moved:
            moved = False
            for address, server in self.servers.items():
                started = time.perf_counter()
                messages = [(peer, message, message.pack()) for peer, message in server.take_messages()]
                datagrams = [
                    item
                    for _, message, data in messages
                    for item in channel.seal(self.sas[address], message.sequence, data, self.random.randbytes)
                ]
                self.seconds[address] += time.perf_counter() - started
                for peer, message, data in messages:
                    server.sent(peer, message, len(data))
                    self.sizes.append(len(data))
                other = KS2 if address == KS1 else KS1
                started = time.perf_counter()
                for datagram in datagrams:
                    opened = self.inbox.open(self.sas[other], Header.parse(datagram), datagram)
                    if opened is not None:
                        self.servers[other].receive(address, CoopMessage.parse(opened), len(opened), self.now)
                self.seconds[other] += time.perf_counter() - started
                moved = moved or bool(messages)


def announcements() -> None:
    """Sizes in octets, times in milliseconds of one core."""
    print("form      members  all of the table  messages  largest  primary ms  secondary ms | quiet: octets  ms each")
    for form, counts in SIZES:
        for count in counts:
            pair = Pair(form)
            pair.sizes.clear()
            pair.seconds = dict.fromkeys(pair.seconds, 0.0)
            for number in range(count):
                pair.servers[KS1].member_registered(GM + number, (1, 0, 17), pair.now)
            pair.run(15.0)
            assert len(pair.servers[KS2].database) == count
            large = [size for size in pair.sizes if size > 1500] or [max(pair.sizes)]
            synced = f"{sum(large):<18}{len(large):<10}{max(large):<9}"
            spent = f"{pair.seconds[KS1] * 1000:<12.1f}{pair.seconds[KS2] * 1000:<14.1f}"
            pair.sizes.clear()
            pair.seconds = dict.fromkeys(pair.seconds, 0.0)
            pair.run(600.0)
            each = sum(pair.seconds.values()) / len(pair.sizes) * 1000
            print(f"{form.name.lower():<10}{count:<9}{synced}{spent}| {max(pair.sizes):<15}{each:.2f}")


def failover(seed: int, detection: bool) -> float:
    """Seconds from the end of the primary to a new one. With detection, silence is found after 15 to 25 s."""
    random = Random(seed)
    room = Room(*random.sample(range(1, 200), random.choice((2, 2, 3, 5, 8))), seed=seed)
    room.start()
    room.run(60 + random.uniform(0, 20))
    (lead,) = room.primaries
    room.kill(lead)
    died = room.now
    found = died + random.uniform(10, 25)
    while not room.primaries:
        room.run(0.25)
        if detection and room.now >= found:
            detection = False
            for server in room.servers.values():
                server.contact_lost(lead, Contact.NONE, True, room.now)
    return room.now - died


def failovers() -> None:
    """The distribution over many seeds."""
    for detection in (True, False):
        times = [failover(seed, detection) for seed in range(SEEDS)]
        deciles = quantiles(times, n=10)
        name = "with dead peer detection" if detection else "announcements alone"
        figures = f"min {min(times):.1f}, median {median(times):.1f}, 90 % {deciles[8]:.1f}, max {max(times):.1f} s"
        print(f"failover, {name}, {SEEDS} seeds: {figures}")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    announcements()
    failovers()
