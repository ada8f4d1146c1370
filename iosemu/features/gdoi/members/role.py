"""The members of a router, one per `gdoi` entry of an applied crypto map, on the shared speaker."""

from __future__ import annotations

from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.esp.verdict import STALE, Verdict
from iosemu.engines.gdoi import events
from iosemu.engines.gdoi import member_events as gm
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.events import GroupEvent
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.ike.events import ExchangeMessage, NotifyReceived
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.crypto_map.refusals import LOG_INTERVAL
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.memberships import Key
from iosemu.features.gdoi.members.roster import Roster
from iosemu.features.gdoi.messages.debug_lines import debug_line
from iosemu.features.gdoi.messages.event_lines import EventLines
from iosemu.features.gdoi.messages.packet_lines import dump_message, dump_refused_packet
from iosemu.features.gdoi.messages.system_messages import log_bad_answer, log_event, log_time_error
from iosemu.features.gdoi.rekey_sas import RekeyConnections
from iosemu.features.gdoi.switch import GdoiSwitch
from iosemu.features.isakmp.role import RekeySa, Role
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.isakmp import ExchangeType, Header


class MemberRole(Role):
    """Ties the memberships to the speaker."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._isakmp = router.service(IsakmpService)
        self._isakmp.roles.append(self)
        self._roster = Roster(router)
        self._refusals: list[Event] = []
        self.connections = RekeyConnections(self._isakmp.engine)

    @property
    def memberships(self) -> dict[Key, Membership]:
        """All that there are, by interface, map and entry."""
        return self._roster.memberships

    @property
    def distinct(self) -> list[Membership]:
        """One of each member: several interfaces may have one in common."""
        return self._roster.distinct

    # Following the model

    def reconcile(self) -> None:
        """Bring memberships to the maps that are applied to interfaces that are up."""
        self._roster.follow(self._router.clock.now())
        self._isakmp.pump()

    @property
    def needs_isakmp(self) -> bool:
        """To register."""
        return bool(self.memberships)

    def stop(self) -> None:
        """Keys are forgotten with the power."""
        self.memberships.clear()

    # On the speaker

    def phase1_established(self, sa: IsakmpSa, now: float) -> None:
        """Pull under SAs that we initiated."""
        if sa.initiator:
            for membership in self._served_from(sa.local):
                membership.member.registration.phase1_ready(sa, now)

    def phase1_failed(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """The members that waited try their next server."""
        for membership in self._served_from(local):
            membership.member.registration.phase1_failed(remote, now)

    def notified(self, event: NotifyReceived, now: float) -> None:
        """An authentic error notification during a pull is the server's refusal: of the one that its data name, else of
        all under the SA."""
        if event.authentic and event.notification.kind < 16384 and event.sa is not None:
            found = [item.member.registration for item in self._served_from(event.sa.local)]
            named = [item for item in found if item.exchange and item.exchange == event.notification.data]
            for registration in named or found:
                registration.refused(now)

    def _served_from(self, local: Endpoint) -> list[Membership]:
        return [item for item in self.distinct if item.member.config.endpoint == local]

    def receive_exchange(self, message: ExchangeMessage, now: float) -> bool:
        """The server's messages of a registration of ours."""
        for membership in self.memberships.values():
            if membership.member.registration.serves(message.sa, message.header.message_id):
                membership.member.receive_pull(message.header, message.datagram.data, now)
                return True
        return False

    def receive_push(self, header: Header, datagram: Datagram, now: float) -> bool:
        """Pushes under a rekey SA of ours."""
        if header.exchange != ExchangeType.GROUPKEY_PUSH:
            return False
        owners = [item for item in self.distinct if item.member.owns(header.cookies)]
        for membership in owners:
            membership.member.receive_push(header, datagram, now)
        repeated = any(header.cookies in item.member.held.dropped for item in self.memberships.values())
        return bool(owners) or repeated or self._refuse_push(datagram)

    def _refuse_push(self, datagram: Datagram) -> bool:
        """A key server of ours uses a KEK that we do not know: it may have lost its keys, or be another part's after a
        split. Which group it means cannot be seen."""
        known = (item.member for item in self.memberships.values() if item.member.kek is not None)
        member = next((item for item in known if datagram.source.address in item.config.servers), None)
        if member is None:
            return False
        config = member.config
        refusal = gm.RekeyRefused(config.group, datagram.source.address, config.local, "the KEK is not known")
        self._refusals.append(refusal)
        return True

    def take_datagrams(self) -> list[Datagram]:
        """Of all memberships."""
        return [datagram for item in self.memberships.values() for datagram in item.member.take_datagrams()]

    def take_events(self) -> list[Event]:
        """Of all memberships. Changes of policy reach the data plane here, before anything else happens."""
        found, self._refusals = self._refusals, []
        for membership in self.distinct:
            news = membership.member.take_events()
            changed = any(isinstance(event, gm.PolicyChanged) for event in news)
            complete = any(isinstance(event, gm.RegistrationComplete) for event in news)
            for item in self._roster.sharing(membership):
                if changed:
                    item.feed(self._router.clock.now())
                item.opened |= complete
                self._roster.listen(item)
            if changed:
                self._roster.report(membership)
            if complete and membership.local_acl:
                news.append(gm.AclMerged(membership.member.config.group))
            found += news
        return found

    def handle_event(self, event: Event, now: float) -> None:
        """Log, and see to phase 1."""
        if isinstance(event, gm.Phase1Needed):
            self._need_phase1(event, now)
        elif isinstance(event, gm.ServerSilent):
            self._isakmp.engine.delete(event.sa)
        elif isinstance(event, gm.SentAway) and event.authenticate:
            self._end_phase1(event.group)
        elif isinstance(event, events.KeyInstalled):
            self._isakmp.log_key(event.record)
            self.connections.observe(event, self._keks())
        elif isinstance(event, events.PullRefused):
            log_bad_answer(self._router.syslog, event)
        elif isinstance(event, events.MessageSeen):
            dump_message(self._router.service(EventLines), "GM", event)
        if (line := debug_line(event)) is not None:
            self._router.service(EventLines).tell(line, event)
        log_event(self._router.syslog, event, self._vrf_text(event))
        if isinstance(event, gm.RegistrationStarted):
            self._router.service(GdoiSwitch).need("member", True)

    def _vrf_text(self, event: Event) -> str:
        """The VRFs of the first membership that an event can be about, as log lines name them."""
        memberships = self.of_group(event.group) if isinstance(event, GroupEvent) else []
        front, inside = self._roster.vrfs_of(memberships[0]) if memberships else ("", "")
        return f"fvrf {front or 'default'} ivrf {inside or 'default'}"

    def next_timer(self) -> float | None:
        """The earliest of all memberships."""
        return earliest(*(item.member.next_timer() for item in self.memberships.values()))

    def handle_timer(self, now: float) -> None:
        """Tell those whose time has come."""
        for membership in self.memberships.values():
            due = membership.member.next_timer()
            if due is not None and due <= now:
                membership.member.handle_timer(now)

    def _need_phase1(self, event: gm.Phase1Needed, now: float) -> None:
        """An SA that is up serves all registrations with its server."""
        sa = self._isakmp.engine.find_established(event.local, event.remote)
        if sa is not None and sa.initiator:
            self.phase1_established(sa, now)
        else:
            self._isakmp.engine.initiate(event.local, event.remote, now)

    def _end_phase1(self, group: str) -> None:
        """Keep no phase 1 SA with the key servers of a group: the next registration authenticates anew."""
        for membership in self.of_group(group):
            config = membership.member.config
            for sa in self._isakmp.engine.sas:
                if sa.initiator and sa.local == config.endpoint and sa.remote.address in config.servers:
                    self._isakmp.engine.delete(sa)

    # For commands and shows

    def of_group(self, name: str) -> list[Membership]:
        """The memberships in a group."""
        return self._roster.of_group(name)

    def are_open(self, interface: InterfaceName, name: str, numbers: list[int]) -> bool:
        """Whether all these entries of a map were registered once since it was applied or cleared."""
        found = [self.memberships.get((interface, name, number)) for number in numbers]
        return bool(found) and all(item is not None and item.opened for item in found)

    def data_error(self, membership: Membership, verdict: Verdict, packet: bytes) -> None:
        """The data plane met an unknown SPI or a time stamp outside the window."""
        dump_refused_packet(self._router.service(EventLines), membership.member.config.group, verdict, packet)
        if verdict.reason == STALE and membership.plane.time.history:
            now, error = self._router.clock.now(), membership.plane.time.history[-1]
            if now >= membership.logged_at + LOG_INTERVAL:
                membership.logged_at = now
                log_time_error(self._router.syslog, membership.member.config.group, error)
        if membership.member.recovery.interval is not None:
            membership.member.data_error(self._router.clock.now())
            self._isakmp.pump()

    def set_direction(self, name: str | None, direction: SaDirection | None) -> bool:
        """Use the SAs of a group, or of all, in other directions until the router restarts; None ends that."""
        found = [item for item in self.distinct if name in (None, item.member.config.group)]
        for membership in found:
            before = membership.member.direction
            membership.member.direction_override = direction
            membership.feed(self._router.clock.now())
            if direction is SaDirection.BOTH and before is not SaDirection.BOTH:
                group = membership.member.config.group
                text = f"IPSec SAs converted to Duplex in group {group} on a GM by a local event."
                self._router.syslog.log("GDOI", 5, "GM_CONV_SA_DUPLEX_LOCAL", text)
        return bool(found)

    def clear(self, name: str | None) -> None:
        """Delete what was downloaded and register again."""
        for membership in self.distinct:
            group = membership.member.config.group
            if name in (None, group):
                text = f"Config: GM cleared gdoi configuration for the group {group}."
                self._router.syslog.log("GDOI", 5, "GM_CLEAR_REGISTER", text)
                for item in self._roster.sharing(membership):
                    item.opened = False
                membership.member.clear(self._router.clock.now())
        self._isakmp.pump()

    def _keks(self) -> list[Kek]:
        return [kek for item in self.distinct for kek in item.member.held.keks]

    def rekey_sas(self) -> list[RekeySa]:
        """Those of all memberships."""
        found = []
        for membership in self.distinct:
            member = membership.member
            source = member.registration.registered_with
            found += [self.connections.describe(kek, member.rekey_address, source) for kek in member.held.keks]
        return found
