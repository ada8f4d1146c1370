"""Questions of others: registrations, resolutions and purges, answered here or passed on (RFC 2332 section 5)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.nhrp.cache import CacheEntry, Kind, Mark, host_of
from iosemu.engines.nhrp.config import Location
from iosemu.engines.nhrp.events import AddressTaken, ClientUp, Dropped
from iosemu.engines.nhrp.station import ENTRY, Station
from iosemu.wire.errors import WireError
from iosemu.wire.nhrp import ErrorCode, Flag, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Code, Extension, ExtensionType

HOST_PREFIX = 32


class Responder:
    """Answers for what is behind this router, and knows whom it told."""

    def __init__(self, station: Station) -> None:
        self._station = station

    # Registrations

    def register(self, packet: NhrpPacket, nbma: IPv4Address, now: float) -> None:
        """Take a client's registration, or pass it on to the server that it is for."""
        station = self._station
        if packet.destination != station.config.address:
            self._pass_on(packet, nbma, packet.destination, ExtensionType.FORWARD_TRANSIT)
            return
        asked = packet.entries or (ClientEntry(holding=station.config.holding),)
        unique = bool(packet.flags & Flag.UNIQUE_REGISTRATION)
        entries = tuple(self._bind(packet, entry, unique, now) for entry in asked)
        self._answer(packet, Operation.REGISTRATION_REPLY, entries, packet.nbma)

    def _bind(self, packet: NhrpPacket, entry: ClientEntry, unique: bool, now: float) -> ClientEntry:
        station = self._station
        client, nbma = entry.protocol or packet.source, entry.nbma or packet.nbma
        old = station.cache.host(client)
        held = old is not None and old.usable and old.nbma != nbma
        if client == station.config.address or (held and old is not None and old.kind is Kind.STATIC):
            station.events.append(AddressTaken(client, nbma))
            return replace(entry, code=Code.ADMINISTRATIVELY_PROHIBITED)
        if held and old is not None and Mark.UNIQUE in old.marks:
            station.events.append(AddressTaken(client, nbma))
            return replace(entry, code=Code.ALREADY_REGISTERED)
        marks = Mark.REGISTERED | (Mark.UNIQUE if unique else Mark.NONE)
        fresh = old is None or held or Mark.REGISTERED not in old.marks
        if station.learn(host_of(client), client, nbma, now, float(entry.holding or 1), marks) is None:
            return replace(entry, code=Code.INSUFFICIENT_RESOURCES)
        if fresh:
            station.events.append(ClientUp(client, nbma))
        return replace(entry, code=Code.SUCCESS)

    # Resolutions

    def resolve(self, packet: NhrpPacket, nbma: IPv4Address, now: float) -> None:
        """Answer where the address is behind this router; else pass the question on."""
        station = self._station
        location = station.locate(packet.destination)
        if location is None:
            self._deny(packet)
        elif location.next_hop is not None:
            self._pass_on(packet, nbma, location.next_hop, ExtensionType.FORWARD_TRANSIT)
        else:
            prefix = self._told(packet, location, now)
            entry = station.own_entry(prefix=prefix.prefixlen)
            # Who asks will soon send, and is to be answered by the same way.
            asked = packet.entries[0].holding if packet.entries else station.config.holding
            old = station.cache.host(packet.source)
            if packet.source != station.config.address and (old is None or not old.usable):
                marks = Mark.ROUTER | Mark.IMPLICIT
                holding = float(min(asked, station.config.holding) or 1)
                station.learn(host_of(packet.source), packet.source, packet.nbma, now, holding, marks)
            self._answer(packet, Operation.RESOLUTION_REPLY, (entry,), packet.nbma)

    def _told(self, packet: NhrpPacket, location: Location, now: float) -> IPv4Network:
        """The network to answer with, noted with the station that is told. A default route says little: then it is the
        address alone."""
        station, config = self._station, self._station.config
        prefix = location.prefix if location.prefix.prefixlen else host_of(packet.destination)
        if prefix == host_of(config.address):
            return prefix
        entry = station.cache.get(prefix)
        if entry is None or Mark.LOCAL not in entry.marks:
            marks = Mark.ROUTER | Mark.UNIQUE | Mark.LOCAL
            entry = CacheEntry(prefix, config.address, config.nbma, Kind.DYNAMIC, now, None, marks, told={})
            if not station.cache.put(entry):
                return prefix
        assert entry.told is not None
        entry.told[packet.nbma] = packet.source, packet.request
        entry.expires = now + config.holding
        station.deadlines.set((ENTRY, prefix), entry.expires)
        return prefix

    def _deny(self, packet: NhrpPacket) -> None:
        entry = ClientEntry(Code.NO_BINDING, HOST_PREFIX)
        self._answer(packet, Operation.RESOLUTION_REPLY, (entry,), packet.nbma)

    # Purges

    def purge(self, packet: NhrpPacket, nbma: IPv4Address) -> None:
        """Forget what a station takes back; only itself may do so."""
        station = self._station
        for item in packet.entries:
            if item.protocol is None:
                continue
            prefix = HOST_PREFIX if item.prefix > HOST_PREFIX or not item.prefix else item.prefix
            entry = station.cache.get(IPv4Network((item.protocol, prefix), strict=False))
            mine = entry is not None and entry.kind is Kind.DYNAMIC and Mark.LOCAL not in entry.marks
            if entry is not None and mine and packet.nbma == entry.nbma:
                station.forget(entry.target)
        if not packet.flags & Flag.NO_REPLY:
            self._answer(packet, Operation.PURGE_REPLY, packet.entries, packet.nbma)

    def withdraw(self, entry: CacheEntry) -> None:
        """Take back what others were told."""
        station = self._station
        for nbma, (address, _) in (entry.told or {}).items():
            taken = ClientEntry(prefix=entry.target.prefixlen, protocol=entry.target.network_address)
            number = station.next_request()
            station.send(station.request(Operation.PURGE_REQUEST, address, number, 0, taken), nbma)
        station.forget(entry.target)

    # Replies, here or on their way

    def pass_back(self, packet: NhrpPacket, nbma: IPv4Address) -> None:
        """Pass a reply on to the station that asked."""
        self._pass_on(packet, nbma, packet.source, ExtensionType.REVERSE_TRANSIT)

    def _answer(
        self, packet: NhrpPacket, operation: Operation, entries: tuple[ClientEntry, ...], nbma: IPv4Address
    ) -> None:
        """Send a reply: the request with another type and entries, and who answers."""
        own = Extension(ExtensionType.RESPONDER_ADDRESS, self._station.own_entry().pack())
        extensions = tuple(own if item.kind == own.kind else item for item in packet.extensions)
        self._station.send(replace(packet, operation=operation, entries=entries, extensions=extensions, hops=255), nbma)

    def _pass_on(self, packet: NhrpPacket, sender: IPv4Address, next_hop: IPv4Address, record: ExtensionType) -> None:
        """Pass a packet on to a station of the tunnel, after writing down that it went through here."""
        station = self._station
        nbma = station.nbma_of(next_hop)
        if nbma is None or nbma == sender or next_hop == station.config.address:
            if packet.operation is Operation.RESOLUTION_REQUEST:
                self._deny(packet)
            else:
                station.events.append(Dropped(f"no way to {next_hop}", sender))
            return
        if packet.hops <= 1:
            station.report(packet, ErrorCode.HOP_COUNT_EXCEEDED, packet.nbma)
            return
        try:
            seen = any(item.kind == record and self._seen(item) for item in packet.extensions)
        except WireError:
            station.events.append(Dropped("malformed transit record", sender))
            return
        if seen:
            station.report(packet, ErrorCode.LOOP_DETECTED, packet.nbma)
            return
        extensions = tuple(self._recorded(item) if item.kind == record else item for item in packet.extensions)
        station.send(replace(packet, hops=packet.hops - 1, extensions=extensions), nbma)

    def _recorded(self, record: Extension) -> Extension:
        return replace(record, value=record.value + self._station.own_entry().pack())

    def _seen(self, record: Extension) -> bool:
        """Whether a packet has been through here."""
        own = self._station.config.address
        return any(entry.protocol == own for entry in record.entries)
