"""The initiator of `ike_responder.py`: reads jobs as JSON lines, makes the SAs, answers with their number.

Each SA comes from an address of its own (10.50.0.0/16, which the kernel takes for local), all through one socket.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.ike.events import Phase1Established
from tests.engines.ike.directories import SharedKey

PORT = 500
FIRST_ADDRESS = int(IPv4Address("10.50.0.1"))
# Handshakes under way at a time.
WINDOW = 8
# Linux; the socket module names it from Python 3.14 on.
IP_PKTINFO = 8


class Load:
    """One job: SAs with a responder."""

    def __init__(self, connection: socket.socket, psk: bytes, responder: str, group: int, count: int) -> None:
        policy = IkePolicy(10, "aes", 128, "sha256", 1, group)
        self._engine = IkeEngine(IkeConfig((policy,), SharedKey(psk)), os.urandom)
        self._socket = connection
        self._remote = Endpoint(IPv4Address(responder), PORT)
        self._waiting = iter(range(count))
        self.established = 0
        self.failed = 0

    def run(self) -> None:
        """Begin, answer, wait, until all are over."""
        open_now = 0
        selector = selectors.DefaultSelector()
        selector.register(self._socket, selectors.EVENT_READ)
        while True:
            for number in self._next(WINDOW - open_now):
                local = Endpoint(IPv4Address(FIRST_ADDRESS + number), PORT)
                self._engine.initiate(local, self._remote, time.monotonic())
                open_now += 1
            if not open_now:
                return
            self._send()
            if selector.select(1.0):
                self._receive()
            self._engine.handle_timer(time.monotonic())
            self._send()
            events = self._engine.take_events()
            done = sum(isinstance(event, Phase1Established) for event in events)
            self.established += done
            open_now -= done

    def delete(self) -> None:
        """Tell the responder that all SAs end."""
        for sa in self._engine.sas:
            self._engine.delete(sa)
            self._send()

    def _next(self, room: int) -> Iterator[int]:
        for _ in range(room):
            number = next(self._waiting, None)
            if number is None:
                return
            yield number

    def _send(self) -> None:
        for datagram in self._engine.take_datagrams():
            source = struct.pack("=i4s4s", 0, datagram.source.address.packed, bytes(4))
            destination = str(datagram.destination.address), datagram.destination.port
            self._socket.sendmsg([datagram.data], [(socket.IPPROTO_IP, IP_PKTINFO, source)], 0, destination)

    def _receive(self) -> None:
        data, ancillary, _, (address, port) = self._socket.recvmsg(65535, 64)
        for level, kind, content in ancillary:
            if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
                local = Endpoint(IPv4Address(struct.unpack("=i4s4s", content)[2]), PORT)
                self._engine.receive(Datagram(data, Endpoint(IPv4Address(address), port), local), time.monotonic())


def main(psk: bytes) -> None:
    """Do jobs until there are no more."""
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    connection.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    connection.bind(("0.0.0.0", PORT))
    for line in sys.stdin:
        job = json.loads(line)
        load = Load(connection, psk, job["responder"], job["group"], job["count"])
        load.run()
        if not job["keep"]:
            load.delete()
        # What the responder still has to do belongs to this job.
        time.sleep(0.5)
        print(json.dumps({"established": load.established}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("psk", help="the pre-shared key")
    main(parser.parse_args().psk.encode())
