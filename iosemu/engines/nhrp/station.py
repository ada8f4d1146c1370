"""What the parts of a station share: its configuration, cache, deadlines, and what it has to send and to report."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.common import Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark, NhrpCache
from iosemu.engines.nhrp.config import Locate, NhrpConfig
from iosemu.engines.nhrp.events import Exchanged, ShortcutsChanged
from iosemu.wire.nhrp import INDICATIONS, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Extension, ExtensionType, authentication

# What a deadline is for: a server, a request for an address, an entry.
Due = tuple[str, "IPv4Address | IPv4Network"]
SERVER, REQUEST, ENTRY = "server", "request", "entry"


class Station:
    """State of one tunnel interface. `outbox` and `events` are emptied by the owner of the engine."""

    def __init__(self, config: NhrpConfig, locate: Locate) -> None:
        self.config = config
        self.locate = locate
        self.cache = NhrpCache()
        self.deadlines: Deadlines[Due] = Deadlines()
        self.outbox: list[tuple[bytes, IPv4Address]] = []
        self.events: list[Event] = []
        self.sent: Counter[Operation] = Counter()
        self.received: Counter[Operation] = Counter()
        self._request = 0

    def next_request(self) -> int:
        """A number for a request of ours."""
        self._request = (self._request + 1) & 0xFFFFFFFF
        return self._request

    def own_entry(self, code: int = 0, prefix: int = 0) -> ClientEntry:
        """An entry that names this station."""
        config = self.config
        return ClientEntry(code, prefix, config.mtu, config.holding, config.nbma, config.address)

    def request(
        self, operation: Operation, destination: IPv4Address, number: int, flags: int, entry: ClientEntry
    ) -> NhrpPacket:
        """A request of ours, with the extensions in which others write down who answered and passed it on."""
        kinds = ExtensionType.RESPONDER_ADDRESS, ExtensionType.FORWARD_TRANSIT, ExtensionType.REVERSE_TRANSIT
        own = self.config.nbma, self.config.address
        extensions = tuple(Extension(kind) for kind in kinds)
        return NhrpPacket(operation, *own, destination, number, flags, (entry,), extensions)

    def send(self, packet: NhrpPacket, nbma: IPv4Address) -> None:
        """Send a packet to an address below the tunnel, with the string of the network."""
        others = tuple(item for item in packet.extensions if item.kind != ExtensionType.AUTHENTICATION)
        # An error is the only packet without extensions (RFC 2332 section 5.2.7).
        if self.config.authentication is not None and packet.operation is not Operation.ERROR_INDICATION:
            others = (*others, authentication(self.config.authentication))
        packet = replace(packet, extensions=others)
        self.sent[packet.operation] += 1
        self.events.append(Exchanged(packet, nbma, True))
        self.outbox.append((packet.pack(), nbma))

    def report(self, about: NhrpPacket, code: int, nbma: IPv4Address) -> None:
        """Tell a station that its packet is wrong; nobody is told about an indication."""
        if about.operation in INDICATIONS:
            return
        own = self.config.nbma, self.config.address
        quoted = about.pack()
        self.send(NhrpPacket(Operation.ERROR_INDICATION, *own, about.source, error=code, quoted=quoted), nbma)

    def learn(
        self, target: IPv4Network, next_hop: IPv4Address, nbma: IPv4Address, now: float, holding: float, marks: Mark
    ) -> CacheEntry | None:
        """Enter a binding for some seconds; a configured one of the same network stays. None when there is no room."""
        old = self.cache.get(target)
        if old is not None and old.kind is Kind.STATIC:
            return old
        same = old is not None and old.kind is Kind.DYNAMIC and (old.next_hop, old.nbma) == (next_hop, nbma)
        created = old.created if old is not None and same else now
        entry = CacheEntry(target, next_hop, nbma, Kind.DYNAMIC, created, now + holding, marks)
        entry.used = old.used if old is not None and same else None
        if not self.cache.put(entry):
            return None
        self.deadlines.set((ENTRY, target), now + holding)
        if Mark.SHORTCUT in marks | (old.marks if old is not None else Mark.NONE):
            self.events.append(ShortcutsChanged())
        return entry

    def forget(self, target: IPv4Network) -> CacheEntry | None:
        """Take an entry out of the cache."""
        entry = self.cache.remove(target)
        self.deadlines.set((ENTRY, target), None)
        if entry is not None and Mark.SHORTCUT in entry.marks:
            self.events.append(ShortcutsChanged())
        return entry

    def nbma_of(self, next_hop: IPv4Address) -> IPv4Address | None:
        """The address below the tunnel of a station, as far as it is known."""
        entry = self.cache.host(next_hop)
        if entry is None or not entry.usable:
            entry = self.cache.find(next_hop)
        return entry.nbma if entry is not None else None

    def set_statics(self, now: float) -> None:
        """Make the configured bindings those of the configuration, and of nothing else."""
        wanted = {item.target: item for item in self.config.maps}
        for entry in list(self.cache):
            if entry.kind is Kind.STATIC and entry.target not in wanted:
                self.forget(entry.target)
        for target, item in wanted.items():
            old = self.cache.get(target)
            if old is None or old.kind is not Kind.STATIC or old.nbma != item.nbma:
                self.forget(target)
                self.cache.put(CacheEntry(target, target.network_address, item.nbma, Kind.STATIC, now))
