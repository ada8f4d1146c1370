"""What it costs to shut out one member: a rekey of the hierarchy of keys, beside fresh keys for all by registration.

For each number of members: octets of the push (one to a multicast group, one for each member with unicast), CPU of the
key server to make and sign it and of one member to take it; and octets and CPU of the key server if all registered
again instead (GROUPKEY-PULL only, phase 1 not counted).

python benchmarks/lkh.py [--members N...]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from iosemu.engines.common import Datagram
from iosemu.wire.isakmp import ExchangeType, Header
from tests.engines.gdoi.network import Network, Node, exchange_of, server_config

MEMBERS = [10, 100, 1000, 4000]


def joined(count: int) -> tuple[Network, list[Node]]:
    """A group whose members have registered and got one KEK by the hierarchy, so that all inner keys are in use."""
    network = Network(server_config(lkh=True, lifetime=86400))
    nodes = []
    for number in range(count):
        node = network.add(number + 1)
        node.member.start(network.now)
        network.settle()
        nodes.append(node)
    network.server.rekey(network.now, new_kek=True)
    network.run_until(network.now + 600.0)
    return network, nodes


def registration() -> tuple[int, float]:
    """Octets of one GROUPKEY-PULL, and the key server's CPU for it in seconds."""
    network = Network(server_config(lkh=True, lifetime=86400))
    network.join(1)
    network.log.clear()
    count, used, octets = 50, 0.0, 0
    receive = network.pulls.receive

    def timed(*arguments: object) -> object:
        nonlocal used
        started = time.process_time()
        reply = receive(*arguments)  # type: ignore[arg-type]
        used += time.process_time() - started
        return reply

    network.pulls.receive = timed  # type: ignore[assignment, method-assign]
    for number in range(2, count + 2):
        network.join(number)
    octets = sum(len(item.data) for item in network.log if exchange_of(item) == ExchangeType.GROUPKEY_PULL)
    return octets // count, used / count


def exclusion(count: int) -> tuple[int, int, float, float]:
    """Update arrays, octets of the push, CPU of the key server and of one member, both in seconds."""
    network, nodes = joined(count)
    server = network.server
    started = time.process_time()
    assert server.exclude(nodes[count // 3].member.config.local, network.now)
    made = time.process_time() - started
    sent: list[Datagram] = server.take_datagrams()
    push = sent[0].data
    receiver = next(node for node in nodes if node.member.config.local == sent[0].destination.address)
    started = time.process_time()
    receiver.member.receive_push(Header.parse(push), sent[0], network.now)
    taken = time.process_time() - started
    assert receiver.member.kek is not None
    assert server.kek is not None
    assert receiver.member.kek.spi == server.kek.spi
    return (count - 1).bit_length(), len(push), made, taken


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, nargs="+", default=MEMBERS)
    counts = parser.parse_args().members
    each, cpu = registration()
    print(f"one registration: {each} octets, {cpu * 1000:.2f} ms of the key server")
    print("members  levels  push octets  server ms  member ms | all register: octets  server ms")
    for count in counts:
        levels, octets, made, taken = exclusion(count)
        row = f"{count:7}  {levels:6}  {octets:11}  {made * 1000:9.2f}  {taken * 1000:9.2f}"
        print(f"{row} | {each * (count - 1):20}  {cpu * (count - 1) * 1000:9.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
