"""DMVPN phase 3: a hub tells a sender that there is a shorter way, and the sender asks for it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.engines.nhrp.cache import Mark
from iosemu.engines.nhrp.events import Dropped
from iosemu.engines.nhrp.station import Station
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import header_length
from iosemu.wire.nhrp import NhrpPacket, Operation

# How much of the packet behind its header is quoted, and how many pairs of addresses are remembered.
QUOTED, LIMIT = 8, 8192


class Redirects:
    """Sends redirects, at most one for a pair of addresses in some seconds, and follows those of others."""

    def __init__(self, station: Station, ask: Callable[[IPv4Address, float], None]) -> None:
        self._station = station
        self._ask = ask
        self._sent: dict[bytes, float] = {}

    def transit(self, packet: bytes, nbma: IPv4Address, now: float) -> None:
        """See a packet that came out of the tunnel: one that goes back into it to another station has a shorter way."""
        station, config = self._station, self._station.config
        if not config.redirect:
            return
        try:
            header = header_length(packet)
        except WireError:
            return
        source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
        if destination.is_multicast or self._sent.get(packet[12:20], 0.0) > now:
            return
        location = station.locate(destination)
        if location is None or location.next_hop is None:
            return
        onward = station.nbma_of(location.next_hop)
        if onward is None or onward == nbma:
            return
        if len(self._sent) >= LIMIT:
            self._sent = {pair: until for pair, until in self._sent.items() if until > now}
        if len(self._sent) >= LIMIT:
            return
        self._sent[packet[12:20]] = now + config.redirect_timeout
        own = config.nbma, config.address
        kind = Operation.TRAFFIC_INDICATION
        station.send(NhrpPacket(kind, *own, source, quoted=packet[: header + QUOTED]), nbma)

    def redirected(self, packet: NhrpPacket, nbma: IPv4Address, now: float) -> None:
        """Follow a redirect of a station that we send by."""
        station, config = self._station, self._station.config
        known = any(entry.nbma == nbma and entry.usable for entry in station.cache)
        if not config.shortcut or not known or len(packet.quoted) < 20:
            reason = "redirect without shortcuts" if known and not config.shortcut else "redirect of a stranger"
            station.events.append(Dropped(reason, nbma))
            return
        destination = IPv4Address(packet.quoted[16:20])
        location = station.locate(destination)
        if destination.is_multicast or location is None or location.next_hop is None:
            station.events.append(Dropped("redirect about no packet of ours", nbma))
            return
        entry = station.cache.find(destination)
        if entry is None or not (Mark.SHORTCUT | Mark.NEXT_HOP) & entry.marks:
            self._ask(destination, now)
