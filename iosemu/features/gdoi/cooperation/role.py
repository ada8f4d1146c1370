"""The cooperation of this router's key servers with others, on the shared speaker."""

from __future__ import annotations

from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.coop import channel, events
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.group_keys import GroupKeys
from iosemu.engines.coop.peers import Contact, Status
from iosemu.engines.coop.server import CoopServer
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.server_events import GroupCleared, MemberEjected, MemberRegistered
from iosemu.engines.ike.events import ExchangeMessage
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.cooperation.policy import coop_config
from iosemu.features.gdoi.messages.coop_messages import debug_line, log_event
from iosemu.features.gdoi.messages.event_lines import EventLines
from iosemu.features.gdoi.messages.packet_lines import dump_announcement
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.features.isakmp.role import Role
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.router import Router
from iosemu.wire.coop import CoopMessage
from iosemu.wire.coop import CoopRole as RoleName
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import ExchangeType


class CoopRole(Role):
    """One CoopServer per group whose key server has an address and peers."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._isakmp = router.service(IsakmpService)
        self._isakmp.roles.append(self)
        self._key_servers = router.service(ServerRole)
        self._key_servers.observers.append(self)
        self._inbox = channel.Inbox()
        self._owners: dict[str, KeyServer] = {}
        self.servers: dict[str, CoopServer] = {}

    # Following the model

    def reconcile(self) -> None:
        """Start, change and end the cooperation of groups."""
        now = self._router.clock.now()
        wanted = {}
        for group in self._router.model.block(GdoiGroups).groups.values():
            key_server = self._key_servers.servers.get(group.name)
            config = coop_config(group, key_server) if key_server is not None else None
            if key_server is not None and config is not None:
                wanted[group.name] = key_server, config
        for name in list(self.servers):
            if name not in wanted or wanted[name][0] is not self._owners[name]:
                self._end(name)
        for name, (key_server, config) in wanted.items():
            server = self.servers.get(name)
            if server is None:
                self._begin(name, key_server, config, now)
            elif server.config != config:
                server.update_config(config, now)
        self._isakmp.pump()

    def stop(self) -> None:
        """All is forgotten with the power."""
        self.servers.clear()

    def _begin(self, name: str, key_server: KeyServer, config: CoopConfig, now: float) -> None:
        keys = GroupKeys(key_server)
        server = self.servers[name] = CoopServer(config, keys, self._router.clock.random_bytes)
        self._owners[name] = key_server
        for member in key_server.members.values():
            server.member_registered(member.address, member.version, now)
        keys.wait()
        server.start(now)

    def _end(self, name: str) -> None:
        server, key_server = self.servers.pop(name), self._owners.pop(name)
        for peer in server.config.peers:
            log_event(self._router.syslog, events.PeerRemoved(name, peer))
        GroupKeys(key_server).release()

    # What the key servers report

    def holds_pushes(self, name: str) -> bool:
        """Whether a group's pushes must wait until its other key servers have the keys."""
        server = self.servers.get(name)
        if server is None:
            return False
        server.poll(self._router.clock.now())
        return server.holds_pushes

    def may_reauthenticate(self, name: str) -> bool:
        """Only a primary may, and only when no other key server could go on with keys of its own."""
        server = self.servers.get(name)
        return server is None or (server.role is RoleName.PRIMARY and server.all_reachable)

    def key_server_event(self, event: Event, now: float) -> None:
        """Members that come and go."""
        server = (
            self.servers.get(event.group)
            if isinstance(event, MemberRegistered | MemberEjected | GroupCleared)
            else None
        )
        if server is None:
            return
        if isinstance(event, MemberRegistered):
            member = self._owners[event.group].members.get(event.member)
            server.member_registered(event.member, member.version if member else None, now)
        elif isinstance(event, MemberEjected):
            server.member_removed(event.member, now)
        elif isinstance(event, GroupCleared):
            self._cleared(event.group, server, now)

    def _cleared(self, name: str, server: CoopServer, now: float) -> None:
        """A primary makes keys anew; any other key server asks the primary for what it has forgotten."""
        if server.role is RoleName.PRIMARY:
            server.members_cleared(now)
            return
        config, key_server = server.config, self._owners[name]
        del self.servers[name]
        self._begin(name, key_server, config, now)

    # On the speaker

    def phase1_established(self, sa: IsakmpSa, now: float) -> None:
        """With a peer of some groups. One is enough: what was begun besides is given up."""
        servers = self._with(sa)
        for other in self._isakmp.engine.sas if servers else ():
            if other.initiator and not other.established and (other.local, other.remote) == (sa.local, sa.remote):
                self._isakmp.engine.delete(other)
        for server in servers:
            server.contact_up(sa.remote.address, now)

    def phase1_failed(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """A peer does not answer, or refuses."""
        for server in self.servers.values():
            if server.config.local == local.address and local.port == GDOI_PORT:
                server.contact_lost(remote.address, Contact.FAILED, True, now)

    def phase1_deleted(self, sa: IsakmpSa, now: float) -> None:
        """The SA that was used is gone; the next message asks for another one unless there is one."""
        self._inbox.forget(sa)
        if self._isakmp.engine.find_established(sa.local, sa.remote) is None:
            for server in self._with(sa):
                server.contact_lost(sa.remote.address, Contact.NONE, False, now)

    def peer_dead(self, sa: IsakmpSa, now: float) -> None:
        """Dead peer detection has given a peer up."""
        for server in self._with(sa):
            server.contact_lost(sa.remote.address, Contact.NONE, True, now)

    def receive_exchange(self, message: ExchangeMessage, now: float) -> bool:
        """Messages of key servers."""
        if message.header.exchange != ExchangeType.COOP:
            return False
        sa, source = message.sa, message.sa.remote.address
        try:
            data = self._inbox.open(sa, message.header, message.datagram.data)
            self._isakmp.engine.heard(sa, now)
            if data is None:
                return True
            parsed = CoopMessage.parse(data)
        except WireError as error:
            for server in self._with(sa):
                server.refused(source, str(error))
            return True
        for server in self.servers.values():
            if server.config.group == parsed.group:
                lines = self._router.service(EventLines)
                dump_announcement(lines, server.config.name, source, parsed, len(data), sent=False)
                server.receive(source, parsed, len(data), now)
        return True

    def take_datagrams(self) -> list[Datagram]:
        """Messages are handed to the speaker, which sends them under its SAs."""
        for server in self.servers.values():
            server.poll(self._router.clock.now())
            for peer, message in server.take_messages():
                data = message.pack()
                if len(data) > server.config.pdu:
                    server.too_large(peer, len(data))
                    continue
                ends = Endpoint(server.config.local, GDOI_PORT), Endpoint(peer.address, GDOI_PORT)
                sa = self._isakmp.engine.find_established(*ends)
                if sa is None:
                    server.contact_lost(peer.address, Contact.NONE, False, self._router.clock.now())
                    continue
                for datagram in channel.seal(sa, message.sequence, data, self._router.clock.random_bytes):
                    self._isakmp.engine.send(sa, datagram)
                self._isakmp.engine.wanted(sa)
                server.sent(peer, message, len(data))
                lines = self._router.service(EventLines)
                dump_announcement(lines, server.config.name, peer.address, message, len(data), sent=True)
        return self._isakmp.engine.take_datagrams()

    def take_events(self) -> list[Event]:
        """Of all groups."""
        return [event for server in self.servers.values() for event in server.take_events()]

    def handle_event(self, event: Event, now: float) -> None:
        """Log, and begin phase 1 where it is wanted."""
        log_event(self._router.syslog, event)
        if (line := debug_line(event)) is not None:
            self._router.service(EventLines).tell(line, event)
        if isinstance(event, events.ContactNeeded):
            self._contact(event, now)

    def next_timer(self) -> float | None:
        """The earliest of all groups."""
        return earliest(*(server.next_timer() for server in self.servers.values()))

    def handle_timer(self, now: float) -> None:
        """Tell those whose time has come."""
        for server in self.servers.values():
            due = server.next_timer()
            if due is not None and due <= now:
                server.handle_timer(now)

    # For commands

    def named(self, name: str | None) -> list[CoopServer]:
        """One group, or all."""
        return [server for group, server in self.servers.items() if name in (None, group)]

    def clear_roles(self, name: str | None) -> None:
        """Hold elections."""
        for server in self.named(name):
            server.clear_role(self._router.clock.now())
        self._isakmp.pump()

    def _with(self, sa: IsakmpSa) -> list[CoopServer]:
        """The groups that speak with a peer."""
        ends = sa.local.address, sa.remote.address
        if sa.service_port != GDOI_PORT:
            return []
        return [s for s in self.servers.values() if s.config.local == ends[0] and ends[1] in s.peers]

    def _contact(self, event: events.ContactNeeded, now: float) -> None:
        server = self.servers.get(event.group)
        if server is None:
            return
        local, remote = Endpoint(server.config.local, GDOI_PORT), Endpoint(event.peer, GDOI_PORT)
        peer, engine = server.peers.get(event.peer), self._isakmp.engine
        sa = engine.find_established(local, remote)
        if sa is not None and peer is not None and peer.status is Status.DEAD:
            # Nobody answered under this SA: the peer has forgotten it.
            engine.delete(sa)
            sa = None
        if sa is not None:
            server.contact_up(event.peer, now)
        else:
            engine.initiate(local, remote, now)
