"""The client side: registrations with next hop servers (RFC 2332 section 5.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.nhrp.events import Dropped, RegistrationRefused, ServerDown, ServerUp
from iosemu.engines.nhrp.states import ServerState, Step, advance
from iosemu.engines.nhrp.station import SERVER, Station
from iosemu.wire.nhrp import Flag, NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Code

# Seconds until an unanswered registration is repeated, and after how many the server counts as lost.
RETRIES = (1, 2, 4, 8, 16, 32, 64)
PATIENCE = 3
WHOLE_ADDRESS = 255


@dataclass(slots=True)
class Registration:
    """How this station stands with one server. `unanswered` counts requests since the last reply, `requests` all."""

    server: IPv4Address
    state: ServerState = ServerState.WAITING
    request: int = 0
    unanswered: int = 0
    since: float = 0.0
    requests: int = 0
    replies: int = 0


class Registrations:
    """One registration per configured server."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.by_server: dict[IPv4Address, Registration] = {}

    def follow(self, now: float) -> None:
        """Begin with new servers, and forget those that are configured no more."""
        wanted = {server.address for server in self._station.config.servers}
        for address in [address for address in self.by_server if address not in wanted]:
            del self.by_server[address]
            self._station.deadlines.set((SERVER, address), None)
        for address in sorted(wanted - self.by_server.keys()):
            self.by_server[address] = Registration(address, since=now)
            self._station.deadlines.set((SERVER, address), now)

    def restart(self, now: float) -> None:
        """Register anew with all servers, because what we registered has changed."""
        for address in self.by_server:
            self._station.deadlines.set((SERVER, address), now)

    def responding(self) -> list[IPv4Address]:
        """The servers that answer, the preferred first."""
        ranked = sorted(self._station.config.servers, key=lambda server: server.priority)
        states = {address: item.state for address, item in self.by_server.items()}
        return [item.address for item in ranked if states.get(item.address) is ServerState.RESPONDING]

    def due(self, server: IPv4Address, now: float) -> None:
        """Send the next registration to a server."""
        station, config = self._station, self._station.config
        registration = self.by_server[server]
        nbma = station.nbma_of(server)
        if registration.unanswered >= PATIENCE:
            self._leave(registration, Step.SILENT, now)
        wait = RETRIES[min(registration.unanswered, len(RETRIES) - 1)] if nbma is not None else RETRIES[-1]
        station.deadlines.set((SERVER, server), now + wait)
        if nbma is None:
            return
        registration.state = advance(registration.state, Step.ASKED)
        if not registration.unanswered:
            registration.request = station.next_request()
        registration.unanswered, registration.requests = registration.unanswered + 1, registration.requests + 1
        flags = Flag.UNIQUE_REGISTRATION if config.unique else 0
        prefix = WHOLE_ADDRESS if config.unique else 32
        entry = ClientEntry(prefix=prefix, mtu=config.mtu, holding=config.holding)
        station.send(station.request(Operation.REGISTRATION_REQUEST, server, registration.request, flags, entry), nbma)

    def replied(self, packet: NhrpPacket, nbma: IPv4Address, now: float) -> None:
        """Take a reply to a registration of ours."""
        station = self._station
        registration = self.by_server.get(packet.destination)
        if registration is None or packet.request != registration.request or not registration.unanswered:
            station.events.append(Dropped("reply to no registration of ours", nbma))
            return
        code = packet.entries[0].code if packet.entries else Code.SUCCESS
        if code != Code.SUCCESS:
            station.events.append(RegistrationRefused(registration.server, code))
            self._leave(registration, Step.REFUSED, now)
            return
        registration.unanswered, registration.replies = 0, registration.replies + 1
        if registration.state is not ServerState.RESPONDING:
            registration.since = now
            station.events.append(ServerUp(registration.server, nbma))
        registration.state = advance(registration.state, Step.ACCEPTED)
        station.deadlines.set((SERVER, registration.server), now + station.config.registration_interval)

    def _leave(self, registration: Registration, step: Step, now: float) -> None:
        """The server does not serve us, whatever the reason."""
        if registration.state is ServerState.RESPONDING:
            registration.since = now
            nbma = self._station.nbma_of(registration.server) or IPv4Address(0)
            self._station.events.append(ServerDown(registration.server, nbma))
        if registration.state is not ServerState.WAITING:
            registration.state = advance(registration.state, step)
