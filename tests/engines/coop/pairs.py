"""A few key servers in one room: everything arrives at once, `cut` says what does not. Messages go over the wire."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from random import Random
from typing import Any

from iosemu.engines.common import Event
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.events import ContactNeeded
from iosemu.engines.coop.peers import Contact
from iosemu.engines.coop.server import CoopServer
from iosemu.wire.coop import CoopMessage, CoopRole
from tests.engines.coop.light import LightKeys

KS1, KS2, KS3, KS4 = (IPv4Address("192.0.2.1") + number for number in range(4))


class Room:
    """Key servers with these priorities, at 192.0.2.1 and up; `start` boots them."""

    def __init__(self, *priorities: int, seed: int = 1, **fields: Any) -> None:
        self.random = Random(seed)
        self.now = 1000.0
        self.addresses = [KS1 + number for number in range(len(priorities))]
        self.configs = {}
        for address, priority in zip(self.addresses, priorities, strict=True):
            peers = tuple(other for other in self.addresses if other != address)
            config = CoopConfig("GETVPN", (0, b"\0\0\4\xd2"), address, priority, peers)
            self.configs[address] = replace(config, **fields)
        self.servers: dict[IPv4Address, CoopServer] = {}
        self.keys: dict[IPv4Address, LightKeys] = {}
        self.cut: set[tuple[IPv4Address, IPv4Address]] = set()
        self.events: dict[IPv4Address, list[Event]] = {address: [] for address in self.addresses}
        self.messages: list[tuple[IPv4Address, CoopMessage]] = []
        self.sizes: list[int] = []

    def start(self, *addresses: IPv4Address) -> None:
        """Boot key servers; all of them unless some are named."""
        for address in addresses or self.addresses:
            self.keys[address] = LightKeys(self.random)
            self.servers[address] = CoopServer(self.configs[address], self.keys[address], self.random.randbytes)
            self.servers[address].start(self.now)
        self.settle()

    def kill(self, address: IPv4Address) -> None:
        """The process is gone."""
        del self.servers[address], self.keys[address]

    def separate(self, *addresses: IPv4Address) -> None:
        """These on one side, all others on the other."""
        self.cut = {(a, b) for a in self.addresses for b in self.addresses if (a in addresses) != (b in addresses)}

    def mend(self) -> None:
        """All reach all."""
        self.cut = set()

    @property
    def primaries(self) -> list[IPv4Address]:
        return [address for address, server in self.servers.items() if server.role is CoopRole.PRIMARY]

    def of(self, address: IPv4Address, kind: type[Event]) -> list[Event]:
        """What a key server reported."""
        return [event for event in self.events[address] if isinstance(event, kind)]

    def settle(self) -> None:
        """Deliver until nothing moves."""
        for _ in range(200):
            moved = [self._step(address) for address in list(self.servers)]
            if not any(moved):
                return
        raise AssertionError("the room does not come to rest")

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        self.settle()
        while True:
            due = [server.next_timer() or 1e15 for server in self.servers.values()]
            due += [keys.next_timer() for keys in self.keys.values()]
            if not due or min(due) > end:
                break
            self.now = max(self.now, min(due))
            for address, server in list(self.servers.items()):
                if self.keys[address].next_timer() <= self.now:
                    self.keys[address].handle_timer(self.now)
                if (server.next_timer() or 1e15) <= self.now:
                    server.handle_timer(self.now)
            self.settle()
        self.now = end

    def _step(self, address: IPv4Address) -> bool:
        server, keys = self.servers[address], self.keys[address]
        server.poll(self.now)
        messages = server.take_messages()
        for peer, message in messages:
            data = message.pack()
            if len(data) > server.config.pdu:
                server.too_large(peer, len(data))
                continue
            server.sent(peer, message, len(data))
            self.messages.append((address, message))
            self.sizes.append(len(data))
            target = self.servers.get(peer.address)
            if target is not None and (address, peer.address) not in self.cut:
                target.receive(address, CoopMessage.parse(data), len(data), self.now)
        if not server.holds_pushes:
            keys.outgoing.clear()
        events = server.take_events()
        self.events[address] += events
        for event in events:
            if isinstance(event, ContactNeeded):
                self._contact(address, event.peer)
        return bool(messages or events)

    def _contact(self, address: IPv4Address, peer: IPv4Address) -> None:
        if peer in self.servers and not {(address, peer), (peer, address)} & self.cut:
            self.servers[address].contact_up(peer, self.now)
            self.servers[peer].contact_up(address, self.now)
        else:
            self.servers[address].contact_lost(peer, Contact.FAILED, True, self.now)
