"""The group memberships of a router: one per `gdoi` entry of an applied crypto map."""

from __future__ import annotations

from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.tunnel import DfRule
from iosemu.engines.esp.verdict import STALE, Verdict
from iosemu.engines.gdoi import events
from iosemu.engines.gdoi.acl import AclEntry
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.events import GroupEvent
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.ike.events import ExchangeMessage, NotifyReceived
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.features.crypto_map.config import MapEntry
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.crypto_map.refusals import LOG_INTERVAL
from iosemu.features.gdoi.config import GdoiGroups
from iosemu.features.gdoi.debug_lines import debug_line
from iosemu.features.gdoi.event_lines import EventLines
from iosemu.features.gdoi.membership import Membership
from iosemu.features.gdoi.memberships import Key, incomplete, makes_another, wanted
from iosemu.features.gdoi.messages import log_bad_answer, log_event, log_time_error
from iosemu.features.gdoi.packet_lines import dump_message, dump_refused_packet
from iosemu.features.gdoi.rekey_sas import RekeyConnections
from iosemu.features.gdoi.show_text import address_text
from iosemu.features.gdoi.switch import GdoiSwitch
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.features.isakmp.role import RekeySa, Role
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.track.service import TrackService
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.isakmp import ExchangeType, Header


class MemberRole(Role):
    """Starts and ends memberships as crypto maps come and go, and ties them to speaker and forwarding path."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._isakmp = router.service(IsakmpService)
        self._isakmp.roles.append(self)
        self.memberships: dict[Key, Membership] = {}
        self._refusals: list[Event] = []
        self._incomplete: set[Key] = set()
        self.connections = RekeyConnections(self._isakmp.engine)

    # Following the model

    def reconcile(self) -> None:
        """Bring memberships to the maps that are applied to interfaces that are up."""
        wishes = wanted(self._router)
        completed = self._tell_incomplete()
        now = self._router.clock.now()
        for key in [key for key in self.memberships if key not in wishes]:
            self._end(key, now)
        for key, wish in wishes.items():
            config, entry, local_acl = wish.config, wish.entry, wish.local_acl
            current = self.memberships.get(key)
            if current is not None and makes_another(current.member, config):
                self._end(key, now)
                current = None
            if current is None:
                current = self._begin(key, config, entry, local_acl, now)
                if key in completed:
                    text = f"GM enabled GDOI crypto map in group {config.group}"
                    self._router.syslog.log("GDOI", 5, "GM_ENABLE_GDOI_CM", text)
            elif current.member.config != config:
                current.member.reconfigure(config, now)
            if current.local_acl != local_acl:
                current.local_acl, current.local_acl_name = local_acl, entry.local_acl
                self._complain(current)
                current.feed(now)
            current.vrfs = self._vrfs(current)
            group = self._router.model.block(GdoiGroups).groups[config.group]
            current.revert, current.track = group.fail_close_revert, group.active_sa_track
            self._report(current)
            current.plane.df_rule = DfRule(self._router.model.block(IpsecConfig).df_bit_on(key[0]))
            current.plane.fragment_first = self._router.model.block(IpsecConfig).fragment_first
        self._isakmp.pump()

    @property
    def needs_isakmp(self) -> bool:
        """To register."""
        return bool(self.memberships)

    def stop(self) -> None:
        """Keys are forgotten with the power."""
        self.memberships.clear()

    def _report(self, membership: Membership) -> None:
        """Set the tracking object that shows whether a group has a data SA with some life left."""
        if membership.track is not None:
            group = membership.member.config.group
            active = any(item.member.teks for item in self.of_group(group))
            self._router.service(TrackService).report(membership.track, active)

    def _tell_incomplete(self) -> set[Key]:
        """Say once of an applied entry that its group lacks its identity or servers; those that lack them no more."""
        found = incomplete(self._router)
        for key in found.keys() - self._incomplete:
            text = f"Registration: incomplete config for group {found[key]}"
            self._router.syslog.log("GDOI", 3, "GM_INCOMPLETE_CFG", text)
        completed = self._incomplete - found.keys()
        self._incomplete = set(found)
        return completed

    def _begin(
        self, key: Key, config: MemberConfig, entry: MapEntry, local_acl: tuple[AclEntry, ...], now: float
    ) -> Membership:
        random = self._router.clock.random_bytes
        member = GroupMember(config, random)
        plane = GroupDataPlane(random, connection_ids=self._router.service(CryptoPath).connection_ids)
        membership = Membership(key[0], key[1], member, plane, local_acl, entry.local_acl)
        self.memberships[key] = membership
        log = self._router.syslog.log
        log("GDOI", 5, "GM_CM_ATTACH", f"Crypto map attached for GM in group {config.group}")
        self._complain(membership)
        membership.feed(self._router.clock.now())
        member.start(now)
        return membership

    def _complain(self, membership: Membership) -> None:
        """A local list can only take traffic out of the key server's policy."""
        for item in membership.local_acl:
            if item.permit:
                ends = f"{address_text(item, item.source)} to {address_text(item, item.destination)}"
                text = "GM doesn't support permit configured under local access-list."
                self._router.syslog.log("GDOI", 3, "GM_ACL_PERMIT", f"{text} Traffic from {ends} will be dropped.")

    def _end(self, key: Key, now: float) -> None:
        membership = self.memberships.pop(key)
        membership.member.leave(now)
        self._report(membership)
        self._listen(membership)
        group = membership.member.config.group
        self._router.syslog.log("GDOI", 5, "GM_CM_DETACH", f"Crypto map detached for GM in group {group}")
        for event in membership.member.take_events():
            log_event(self._router.syslog, event)
            if (line := debug_line(event)) is not None:
                self._router.service(EventLines).tell(line, event)
        if not self.memberships:
            self._router.service(GdoiSwitch).need("member", False)

    # On the speaker

    def phase1_established(self, sa: IsakmpSa, now: float) -> None:
        """Pull under SAs that we initiated."""
        if sa.initiator:
            for membership in self.memberships.values():
                if membership.member.config.endpoint == sa.local:
                    membership.member.registration.phase1_ready(sa, now)

    def phase1_failed(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """The members that waited try their next server."""
        for membership in self.memberships.values():
            if membership.member.config.endpoint == local:
                membership.member.registration.phase1_failed(remote, now)

    def notified(self, event: NotifyReceived, now: float) -> None:
        """An authentic error notification during a pull is the server's refusal."""
        if event.authentic and event.notification.kind < 16384:
            for membership in self.memberships.values():
                if event.sa is not None and membership.member.config.endpoint == event.sa.local:
                    membership.member.registration.refused(now)

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
        owners = [item for item in self.memberships.values() if item.member.owns(header.cookies)]
        for membership in owners:
            membership.member.receive_push(header, datagram, now)
        return bool(owners) or self._refuse_push(datagram)

    def _refuse_push(self, datagram: Datagram) -> bool:
        """A key server of ours uses a KEK that we do not know: it may have lost its keys, or be another part's after a
        split. Which group it means cannot be seen."""
        known = (item.member for item in self.memberships.values() if item.member.kek is not None)
        member = next((item for item in known if datagram.source.address in item.config.servers), None)
        if member is None:
            return False
        config = member.config
        refusal = events.RekeyRefused(config.group, datagram.source.address, config.local, "the KEK is not known")
        self._refusals.append(refusal)
        return True

    def take_datagrams(self) -> list[Datagram]:
        """Of all memberships."""
        return [datagram for item in self.memberships.values() for datagram in item.member.take_datagrams()]

    def take_events(self) -> list[Event]:
        """Of all memberships. Changes of policy reach the data plane here, before anything else happens."""
        found, self._refusals = self._refusals, []
        for membership in self.memberships.values():
            news = membership.member.take_events()
            if any(isinstance(event, events.PolicyChanged) for event in news):
                membership.feed(self._router.clock.now())
                self._report(membership)
            if any(isinstance(event, events.RegistrationComplete) for event in news):
                membership.opened = True
                if membership.local_acl:
                    news.append(events.AclMerged(membership.member.config.group))
            self._listen(membership)
            found += news
        return found

    def _listen(self, membership: Membership) -> None:
        """Be in the group that rekeys are sent to, on the interface of the map."""
        wanted, interface = membership.member.held.multicast, self._router.interfaces.get(membership.interface)
        if wanted == membership.group or interface is None:
            return
        if membership.group is not None:
            self._router.ip.multicast.leave(interface, membership.group)
        if wanted is not None:
            self._router.ip.multicast.join(interface, wanted)
        membership.group = wanted

    def handle_event(self, event: Event, now: float) -> None:
        """Log, and see to phase 1."""
        if isinstance(event, events.Phase1Needed):
            self._need_phase1(event, now)
        elif isinstance(event, events.ServerSilent):
            self._isakmp.engine.delete(event.sa)
        elif isinstance(event, events.SentAway) and event.authenticate:
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
        names = [self._vrfs(item) for item in self.of_group(event.group)] if isinstance(event, GroupEvent) else []
        front, inside = names[0] if names else ("", "")
        log_event(self._router.syslog, event, f"fvrf {front or 'default'} ivrf {inside or 'default'}")
        if isinstance(event, events.RegistrationStarted):
            self._router.service(GdoiSwitch).need("member", True)

    def _vrfs(self, membership: Membership) -> tuple[str, str]:
        """The VRF of the key servers, and that of the traffic."""
        at = self._router.interfaces.get(membership.interface)
        return membership.member.config.vrf, at.vrf if at is not None else ""

    def next_timer(self) -> float | None:
        """The earliest of all memberships."""
        return earliest(*(item.member.next_timer() for item in self.memberships.values()))

    def handle_timer(self, now: float) -> None:
        """Tell those whose time has come."""
        for membership in self.memberships.values():
            due = membership.member.next_timer()
            if due is not None and due <= now:
                membership.member.handle_timer(now)

    def _need_phase1(self, event: events.Phase1Needed, now: float) -> None:
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
        return [item for item in self.memberships.values() if item.member.config.group == name]

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
        found = [item for item in self.memberships.values() if name in (None, item.member.config.group)]
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
        for membership in self.memberships.values():
            group = membership.member.config.group
            if name in (None, group):
                text = f"Config: GM cleared gdoi configuration for the group {group}."
                self._router.syslog.log("GDOI", 5, "GM_CLEAR_REGISTER", text)
                membership.opened = False
                membership.member.clear(self._router.clock.now())
        self._isakmp.pump()

    def _keks(self) -> list[Kek]:
        return [kek for item in self.memberships.values() for kek in item.member.held.keks]

    def rekey_sas(self) -> list[RekeySa]:
        """Those of all memberships."""
        found = []
        for membership in self.memberships.values():
            member = membership.member
            source = member.registration.registered_with
            found += [self.connections.describe(kek, member.rekey_address, source) for kek in member.held.keks]
        return found
