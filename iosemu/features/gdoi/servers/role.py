"""The key servers of a router, on the shared speaker."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Protocol

from iosemu.engines.common import Datagram, Event, earliest
from iosemu.engines.gdoi.events import KeyInstalled, MessageSeen, PullRefused
from iosemu.engines.gdoi.group_state import Duty
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.pull_server import PullServer
from iosemu.engines.gdoi.server_events import WrongInterface
from iosemu.engines.ike.events import ExchangeMessage
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.messages.debug_lines import debug_line
from iosemu.features.gdoi.messages.event_lines import EventLines
from iosemu.features.gdoi.messages.packet_lines import dump_message
from iosemu.features.gdoi.messages.system_messages import log_bad_request, log_event
from iosemu.features.gdoi.rekey_sas import RekeyConnections
from iosemu.features.gdoi.servers.served_groups import ServedGroups
from iosemu.features.isakmp.role import RekeySa, Role
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.router import Router
from iosemu.wire.isakmp import ExchangeType, Header
from iosemu.wire.isakmp_payloads import Identity


class Observer(Protocol):
    """Who shares keys and members of groups with other key servers."""

    def holds_pushes(self, name: str) -> bool:
        """Whether the pushes of a group must wait."""

    def may_reauthenticate(self, name: str) -> bool:
        """Whether the members of a group may be made to authenticate anew."""

    def key_server_event(self, event: Event, now: float) -> None:
        """Something happened on a key server."""


class ServerRole(Role):
    """Ties the key servers to the speaker; `observers` hear of what happens there."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._isakmp = router.service(IsakmpService)
        self._isakmp.roles.append(self)
        self._pull = PullServer(self._find, router.clock.random_bytes, self._check_interface)
        self._groups = ServedGroups(router)
        self.observers: list[Observer] = []
        self.connections = RekeyConnections(self._isakmp.engine)

    # Following the model

    def reconcile(self) -> None:
        """Start, change and end key servers."""
        self._groups.follow()
        self._isakmp.pump()

    @property
    def servers(self) -> dict[str, KeyServer]:
        """The key servers by group."""
        return self._groups.servers

    @property
    def needs_isakmp(self) -> bool:
        """For registrations."""
        return self._groups.configured

    def stop(self) -> None:
        """Keys and members are forgotten with the power."""
        self.servers.clear()

    def _check_interface(self, server: KeyServer, sa: IsakmpSa) -> Event | None:
        """Whether a registration came in where the group takes none."""
        group = self._router.model.block(GdoiGroups).groups.get(server.config.group)
        wanted = group.local.registration_interface if group and group.local else None
        if wanted is None or wanted == self._isakmp.arrival:
            return None
        return WrongInterface(server.config.group, sa.remote.address)

    # On the speaker

    def receive_exchange(self, message: ExchangeMessage, now: float) -> bool:
        """GROUPKEY-PULL under an SA that the member initiated."""
        sa = message.sa
        if sa.initiator or message.header.exchange != ExchangeType.GROUPKEY_PULL or not self.servers:
            return False
        reply = self._pull.receive(sa, message.header, message.datagram.data, now)
        if reply is not None and reply.notify is not None:
            # Several registrations may be under way under one SA: those who know us are told which one is meant.
            which = b"" if sa.peer_version is None else message.header.message_id.to_bytes(4, "big")
            self._isakmp.engine.notify(sa, reply.notify, which)
        elif reply is not None:
            self._isakmp.engine.send(sa, reply.message)
        return True

    def receive_push(self, header: Header, datagram: Datagram, now: float) -> bool:
        """Acknowledgements of our pushes."""
        if header.exchange != ExchangeType.GROUPKEY_PUSH_ACK:
            return False
        for server in self.servers.values():
            if server.owns(header.cookies):
                server.receive_acknowledgement(header, datagram)
                return True
        return False

    def take_datagrams(self) -> list[Datagram]:
        """Pushes."""
        self._reauthenticate(self._router.clock.now())
        free = [
            server
            for name, server in self.servers.items()
            if not any(observer.holds_pushes(name) for observer in self.observers)
        ]
        return [datagram for server in free for datagram in server.take_datagrams()]

    def _reauthenticate(self, now: float) -> None:
        """Where members must authenticate anew, make them do so as soon as nothing is in its way."""
        for name, server in self.servers.items():
            if server.reauthentication_due and all(item.may_reauthenticate(name) for item in self.observers):
                server.reauthenticate(now)

    def take_events(self) -> list[Event]:
        """Of all groups and of registration."""
        found = self._pull.take_events()
        return found + [event for server in self.servers.values() for event in server.take_events()]

    def handle_event(self, event: Event, now: float) -> None:
        """Log; new keys also go to the key log."""
        if isinstance(event, KeyInstalled):
            self._isakmp.log_key(event.record)
            self.connections.observe(event, [kek for server in self.servers.values() for kek in server.keks])
        if (line := debug_line(event)) is not None:
            self._router.service(EventLines).tell(line, event)
        if isinstance(event, PullRefused):
            log_bad_request(self._router.syslog, event)
        elif isinstance(event, MessageSeen):
            dump_message(self._router.service(EventLines), "KS", event)
        log_event(self._router.syslog, event)
        for observer in self.observers:
            observer.key_server_event(event, now)

    def next_timer(self) -> float | None:
        """The earliest of all groups."""
        return earliest(*(server.next_timer() for server in self.servers.values()))

    def handle_timer(self, now: float) -> None:
        """Tell those whose time has come."""
        for server in self.servers.values():
            due = server.next_timer()
            if due is not None and due <= now:
                server.handle_timer(now)

    # For commands and shows

    def led(self, name: str | None) -> tuple[list[KeyServer], list[str]]:
        """One group or all: those whose keys are this key server's to change, and the names of the others."""
        found = [server for group, server in self.servers.items() if name in (None, group)]
        led = [server for server in found if server.duty is not Duty.SECONDARY]
        return led, [server.config.group for server in found if server not in led]

    def rekey(self, servers: list[KeyServer], replace: bool) -> None:
        """Send rekeys."""
        for server in servers:
            server.rekey(self._router.clock.now(), replace)
        self._isakmp.pump()

    def renew_policy(self, servers: list[KeyServer]) -> None:
        """Replace KEK and TEKs now, and tell the members."""
        for server in servers:
            server.rekey(self._router.clock.now(), new_kek=True)
        self._isakmp.pump()

    def clear(self, name: str | None) -> None:
        """Forget keys and members."""
        for group, server in self.servers.items():
            if name in (None, group):
                server.clear()
                text = f"Config: KS cleared gdoi configuration for the group {group}."
                self._router.syslog.log("GDOI", 5, "KS_CLEAR_REGISTER", text)
        self._isakmp.pump()

    def remove_members(self, servers: list[KeyServer], immediately: bool) -> None:
        """Make the members leave and register again."""
        for server in servers:
            server.remove_members(self._router.clock.now(), immediately)
        self._isakmp.pump()

    def rekey_sas(self) -> list[RekeySa]:
        """Those of all groups; a unicast one has no single destination."""
        found = []
        for server in self.servers.values():
            group = server.config.multicast
            where = group[1].address if group is not None and not server.config.unicast else "0.0.0.0"
            source = server.config.address or "0.0.0.0"
            found += [self.connections.describe(kek, where, source) for kek in server.keks]
        return found

    def exclude(self, name: str | None, member: IPv4Address) -> list[str]:
        """Shut a member out of one group, or of all; the groups where that was done."""
        found = [server for server in self.led(name)[0] if server.exclude(member, self._router.clock.now())]
        self._isakmp.pump()
        return [server.config.group for server in found]

    def distrust(self, name: str) -> None:
        """Members of a group may not be who they were: phase 1 with them ends, and they must register again."""
        server = self.servers[name]
        server.reauthentication_due = True
        for sa in self._isakmp.engine.sas:
            if not sa.initiator and sa.remote.address in server.members:
                self._isakmp.engine.delete(sa)
        self._isakmp.pump()

    def _find(self, identity: Identity) -> KeyServer | None:
        return next(
            (item for item in self.servers.values() if item.config.identity.matches(identity, item.config.profile)),
            None,
        )
