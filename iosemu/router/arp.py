"""ARP (RFC 826): who has an address, with packets that wait for the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.router.clock import Clock, Timer
from iosemu.router.interfaces import Interface
from iosemu.wire import arp
from iosemu.wire.ethernet import ARP, BROADCAST, IPV4, Frame

AGE = 4 * 3600.0
RETRY = 1.0
ATTEMPTS = 3
QUEUE = 32


@dataclass(slots=True)
class ArpEntry:
    """What is known of one neighbour. `mac` of None is an incomplete entry."""

    address: IPv4Address
    interface: Interface
    mac: bytes | None = None
    learned_at: float = 0.0
    attempts: int = 0
    timer: Timer | None = None
    queue: list[bytes] = field(default_factory=list)


class ArpTable:
    """All neighbours of a router. `answers` tells which addresses this router speaks for on an interface."""

    def __init__(
        self,
        clock: Clock,
        transmit: Callable[[Interface, bytes], None],
        answers: Callable[[Interface, IPv4Address], bool],
    ) -> None:
        self._clock = clock
        self._transmit = transmit
        self._answers = answers
        self._entries: dict[tuple[Interface, IPv4Address], ArpEntry] = {}
        # Who must hear when a neighbour's address changes or is forgotten.
        self.listeners: list[Callable[[], None]] = []

    @property
    def entries(self) -> list[ArpEntry]:
        """All entries by address."""
        return sorted(self._entries.values(), key=lambda entry: entry.address)

    def find(self, interface: Interface, neighbour: IPv4Address) -> ArpEntry | None:
        """What is known of a neighbour."""
        return self._entries.get((interface, neighbour))

    def send(self, interface: Interface, neighbour: IPv4Address, packet: bytes) -> None:
        """Send a packet to a neighbour, after asking for its MAC address where necessary."""
        entry = self._entries.get((interface, neighbour))
        if entry is not None and entry.mac is not None and entry.learned_at + AGE > self._clock.now():
            frame = entry.mac + interface.mac + IPV4 + packet
            self._transmit(interface, frame)
            return
        if entry is None or entry.mac is not None:
            entry = self._entries[interface, neighbour] = ArpEntry(neighbour, interface)
            self._ask(entry)
        if len(entry.queue) < QUEUE:
            entry.queue.append(packet)

    def receive(self, interface: Interface, packet: arp.ArpPacket) -> None:
        """Take a request or a reply."""
        entry = self._entries.get((interface, packet.sender))
        for_us = self._answers(interface, packet.target)
        if entry is not None or (for_us and packet.operation == arp.REQUEST):
            self._learn(interface, packet.sender, packet.sender_mac)
        if for_us and packet.operation == arp.REQUEST:
            reply = arp.ArpPacket(arp.REPLY, interface.mac, packet.target, packet.sender_mac, packet.sender)
            self._frame(interface, packet.sender_mac, reply)

    def announce(self, interface: Interface) -> None:
        """Gratuitous ARP for an interface's addresses."""
        for address in interface.addresses:
            message = arp.ArpPacket(arp.REPLY, interface.mac, address.ip, BROADCAST, address.ip)
            self._frame(interface, BROADCAST, message)

    def flush(self, interface: Interface | None = None) -> None:
        """Forget what was learned, on one interface or on all."""
        for key, entry in list(self._entries.items()):
            if interface in (None, key[0]):
                if entry.timer is not None:
                    entry.timer.cancel()
                del self._entries[key]
        self._tell()

    def _learn(self, interface: Interface, address: IPv4Address, mac: bytes) -> None:
        entry = self._entries.setdefault((interface, address), ArpEntry(address, interface))
        moved = entry.mac is not None and entry.mac != mac
        entry.mac, entry.learned_at = mac, self._clock.now()
        if moved:
            self._tell()
        if entry.timer is not None:
            entry.timer.cancel()
        waiting, entry.queue = entry.queue, []
        for packet in waiting:
            self.send(interface, address, packet)

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    def _ask(self, entry: ArpEntry) -> None:
        if entry.attempts == ATTEMPTS:
            self._entries.pop((entry.interface, entry.address), None)
            return
        entry.attempts += 1
        own = entry.interface.address_towards(entry.address)
        if own is not None:
            request = arp.ArpPacket(arp.REQUEST, entry.interface.mac, own, bytes(6), entry.address)
            self._frame(entry.interface, BROADCAST, request)
        entry.timer = self._clock.call_later(RETRY, lambda: self._ask(entry))

    def _frame(self, interface: Interface, destination: bytes, message: arp.ArpPacket) -> None:
        self._transmit(interface, Frame(destination, interface.mac, ARP, message.pack()).pack())
