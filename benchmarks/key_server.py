"""A key server with many members: CPU per registration, memory per member, CPU of a rekey to all of them.

Only what the key server does is counted; the members in the same process are not. Phase 1 is real main mode. Beside the
registrations stands how many there could be if a key server did nothing but the Diffie-Hellman of phase 1: one key pair
and one shared secret for each. The exit status is 1 where a limit is missed.

    python benchmarks/key_server.py [--registrations N] [--members N...]
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from iosemu.crypto.dh import generate
from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.gdoi import acknowledgement
from iosemu.engines.gdoi.config import GroupIdentity, MemberConfig
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.member_events import Phase1Needed
from iosemu.engines.gdoi.pull_server import PullServer
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.ike.events import ExchangeMessage, Phase1Established
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import ExchangeType, Header
from tests.engines.gdoi.network import SERVER, server_config
from tests.engines.ike.directories import SharedKey

GROUPS = {14: 600.0, 19: 1200.0}
MEMORY_LIMIT, REKEY_LIMIT, REKEY_MEMBERS = 10.0, 3.0, 8000
FIRST = IPv4Address("10.0.0.1")


class Server:
    """A key server behind its speaker; `cpu` is what both have used, in seconds."""

    def __init__(self, group: int) -> None:
        self.random = Random(1).randbytes
        self.policy = IkePolicy(10, "aes", 128, "sha256", 1, group, 86400)
        self.config = IkeConfig((self.policy,), SharedKey(b"secret"))
        self.keys = KeyServer(server_config(lifetime=86400), self.random)
        self.pulls = PullServer(lambda _: self.keys, self.random)
        self.ike = IkeEngine(self.config, self.random)
        self.cpu = 0.0

    def answer(self, datagram: Datagram, now: float) -> list[Datagram]:
        """What comes back for a message."""
        started = time.process_time()
        self.ike.receive(datagram, now)
        for event in self.ike.take_events():
            if isinstance(event, ExchangeMessage):
                reply = self.pulls.receive(event.sa, event.header, event.datagram.data, now)
                if reply is not None and reply.message:
                    self.ike.send(event.sa, reply.message)
        self.keys.take_events()
        self.pulls.take_events()
        answers = self.ike.take_datagrams()
        self.cpu += time.process_time() - started
        return answers

    def register(self, number: int, now: float) -> None:
        """A member comes, registers, and is forgotten by everybody but the server."""
        address = FIRST + number
        ike = IkeEngine(self.config, self.random)
        member = GroupMember(MemberConfig("GETVPN", GroupIdentity(1234), address, (SERVER,)), self.random)
        member.start(now)
        moved = True
        while moved and member.state is not MemberState.REGISTERED:
            moved = False
            for event in member.take_events():
                if isinstance(event, Phase1Needed):
                    ike.initiate(event.local, event.remote, now)
            for datagram in ike.take_datagrams() + member.take_datagrams():
                moved = True
                for answer in self.answer(datagram, now):
                    ike.receive(answer, now)
            for happened in ike.take_events():
                if isinstance(happened, Phase1Established):
                    member.registration.phase1_ready(happened.sa, now)
                elif isinstance(happened, ExchangeMessage):
                    member.receive_pull(happened.header, happened.datagram.data, now)
        assert member.state is MemberState.REGISTERED


def resident() -> float:
    """Resident memory in kB."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    return 0.0


def registrations(group: int, count: int) -> dict[str, float]:
    """Registrations per second of one core."""
    server = Server(group)
    server.register(0, 0.0)
    server.cpu = 0.0
    for number in range(1, count + 1):
        server.register(number, number / 1000)
    return {"per_second": count / server.cpu, "bound": bound(group, count)}


def bound(group: int, count: int) -> float:
    """Diffie-Hellman exchanges per second of one core."""
    random = Random(1).randbytes
    peer = generate(group, random).public
    started = time.process_time()
    for _ in range(count):
        generate(group, random).shared(peer)
    return count / (time.process_time() - started)


def members(count: int) -> dict[str, float]:
    """Memory of each of many members, and the CPU of a rekey that all of them acknowledge."""
    server = Server(19)
    server.register(0, 0.0)
    before = resident()
    for number in range(1, count):
        server.register(number, number / 100)
    now = count / 100 + 120
    kilobytes = (resident() - before) / count
    kek = server.keys.kek
    assert kek is not None
    started = time.process_time()
    server.keys.rekey(now)
    sent = server.keys.take_datagrams()
    while len(sent) < count:
        due = server.keys.pushes.rounds.next_timer()
        assert due is not None
        server.keys.handle_timer(due)
        sent += server.keys.take_datagrams()
    used = time.process_time() - started
    answers = [
        Datagram(acknowledgement.build(kek, kek.sequence, item.destination.address), item.destination, item.source)
        for item in sent
    ]
    started = time.process_time()
    for answer in answers:
        header = Header.parse(answer.data)
        assert header.exchange == ExchangeType.GROUPKEY_PUSH_ACK
        server.keys.receive_acknowledgement(header, answer)
    used += time.process_time() - started
    assert all(member.acks_received == 1 for member in server.keys.members.values())
    assert sent[0].source == Endpoint(SERVER, GDOI_PORT)
    return {"kilobytes": kilobytes, "rekey_seconds": used}


JOBS: dict[str, Callable[..., dict[str, float]]] = {"registrations": registrations, "members": members}


def measure(*arguments: str) -> dict[str, float]:
    """One job in a fresh process."""
    result = subprocess.run([sys.executable, __file__, "--job", *arguments], capture_output=True, text=True, check=True)
    return dict(json.loads(result.stdout))


def main() -> int:
    """Print the figures; 1 where one misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registrations", type=int, default=1000)
    parser.add_argument("--members", type=int, nargs="+", default=[1000, 2000, 4000, 8000])
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        kind, *numbers = options.job
        print(json.dumps(JOBS[kind](*map(int, numbers))))
        return 0
    missed = 0
    for group, limit in GROUPS.items():
        found = measure("registrations", str(group), str(options.registrations))
        missed += found["per_second"] < limit
        print(
            f"registrations per second, group {group:<22} {found['per_second']:8.0f}     (limit {limit:g};"
            f" Diffie-Hellman alone {found['bound']:.0f})"
        )
    for count in options.members:
        figures = measure("members", str(count))
        missed += figures["kilobytes"] > MEMORY_LIMIT
        print(f"{count} members: memory of each {figures['kilobytes']:23.1f} kB  (limit {MEMORY_LIMIT:g})")
        bounded = f"   (limit {REKEY_LIMIT:g})" if count == REKEY_MEMBERS else ""
        missed += count == REKEY_MEMBERS and figures["rekey_seconds"] > REKEY_LIMIT
        print(f"{count} members: CPU of an acknowledged rekey {figures['rekey_seconds']:10.2f} s{bounded}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
