"""Stations of one tunnel network that hear each other at once, with a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from iosemu.engines.common import Event
from iosemu.engines.nhrp.cache import host_of
from iosemu.engines.nhrp.config import Location, NhrpConfig, Server, StaticMap
from iosemu.engines.nhrp.engine import NhrpEngine
from iosemu.wire.icmp import ECHO_REQUEST, echo
from iosemu.wire.ipv4 import ICMP, Packet
from iosemu.wire.nhrp import NhrpPacket

NETWORK = IPv4Network("10.13.0.0/24")
E = TypeVar("E", bound=Event)


def above(number: int) -> IPv4Address:
    return IPv4Address(f"10.13.0.{number}")


def below(number: int) -> IPv4Address:
    return IPv4Address(f"203.0.113.{number}")


def lan(number: int) -> IPv4Network:
    return IPv4Network(f"10.13.{number}.0/24")


class Cloud:
    """Station 1 is the hub, all others are spokes with a LAN each; `routes` can be edited."""

    def __init__(self, spokes: int = 2, edit: Callable[[int, NhrpConfig], NhrpConfig] = lambda _, c: c) -> None:
        self.now = 0.0
        self.stations: dict[int, NhrpEngine] = {}
        self.events: dict[int, list[Event]] = {}
        self.sent: list[tuple[int, NhrpPacket, IPv4Address]] = []
        self.deaf: set[int] = set()
        self.routes: dict[int, dict[IPv4Network, IPv4Address | None]] = {}
        everyone = range(1, spokes + 2)
        for number in everyone:
            # The hub knows all LANs; a spoke its own, and all others behind the hub.
            others = (
                {lan(item): above(item) for item in everyone}
                if number == 1
                else {IPv4Network("10.13.0.0/16"): above(1)}
            )
            self.routes[number] = {**others, NETWORK: None, lan(number): None}
            self.add(number, edit(number, self.config(number)))

    @staticmethod
    def config(number: int) -> NhrpConfig:
        plain = NhrpConfig(above(number), NETWORK, below(number), 13, authentication="GETDM13")
        if number == 1:
            return replace(plain, multicast_dynamic=True, redirect=True)
        maps = (StaticMap(host_of(above(1)), below(1)),)
        return replace(plain, servers=(Server(above(1)),), maps=maps, multicast=(below(1),), shortcut=True)

    def add(self, number: int, config: NhrpConfig) -> None:
        self.stations[number] = NhrpEngine(config, lambda address: self.locate(number, address), self.now)
        self.events[number] = []

    def locate(self, number: int, address: IPv4Address) -> Location | None:
        if address == above(number):
            return Location(host_of(address))
        matching = [(prefix, hop) for prefix, hop in self.routes[number].items() if address in prefix]
        if not matching:
            return None
        prefix, hop = max(matching, key=lambda item: item[0].prefixlen)
        return Location(prefix, address) if prefix == NETWORK else Location(prefix, hop)

    def settle(self) -> None:
        """Carry packets until nobody has any more to say."""
        busy = True
        while busy:
            busy = False
            for number, station in self.stations.items():
                outbox, events = station.take()
                self.events[number] += events
                for data, nbma in outbox:
                    busy = True
                    self.sent.append((number, NhrpPacket.parse(data), nbma))
                    self.deliver(data, nbma, station.config.nbma)

    def deliver(self, data: bytes, nbma: IPv4Address, sender: IPv4Address) -> None:
        for number, station in self.stations.items():
            if station.config.nbma == nbma and number not in self.deaf:
                station.receive(data, sender, self.now)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        self.settle()
        while True:
            due = [time for station in self.stations.values() if (time := station.next_deadline()) is not None]
            if not due or min(due) > end:
                break
            self.now = max(self.now, min(due))
            for station in self.stations.values():
                station.tick(self.now)
            self.settle()
        self.now = end

    def data(self, source: IPv4Address, destination: IPv4Address) -> bytes:
        return Packet(source, destination, ICMP, echo(ECHO_REQUEST, 1, 1, bytes(40)).pack()).pack()

    def through_hub(self, spoke: int, destination: IPv4Address) -> None:
        """A packet of a spoke's LAN that comes out of the tunnel at the hub."""
        packet = self.data(lan(spoke)[10], destination)
        self.stations[1].transit(packet, self.stations[spoke].config.nbma, self.now)
        self.settle()

    def of(self, number: int, kind: type[E]) -> list[E]:
        return [event for event in self.events[number] if isinstance(event, kind)]
