"""The memberships that there are: begun, changed and ended as the configuration wants it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.tunnel import DfRule
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.member_events import AclMerged
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.entry_text import address_text
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.memberships import Key, Wish, incomplete, makes_another, wanted
from iosemu.features.gdoi.messages.debug_lines import debug_line
from iosemu.features.gdoi.messages.event_lines import EventLines
from iosemu.features.gdoi.messages.system_messages import log_event
from iosemu.features.gdoi.switch import GdoiSwitch
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.features.track.service import TrackService
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router


class Roster:
    """The memberships of a router by interface, crypto map and entry."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.memberships: dict[Key, Membership] = {}
        self._incomplete: set[Key] = set()

    def of_group(self, name: str) -> list[Membership]:
        """The memberships in a group."""
        return [item for item in self.distinct if item.member.config.group == name]

    @property
    def distinct(self) -> list[Membership]:
        """One membership of each member."""
        found: dict[int, Membership] = {}
        for item in self.memberships.values():
            found.setdefault(id(item.member), item)
        return list(found.values())

    def sharing(self, membership: Membership) -> list[Membership]:
        """All memberships of its member, itself included."""
        return [item for item in self.memberships.values() if item.member is membership.member]

    # Following the model

    def follow(self, now: float) -> None:
        """Bring memberships to the maps that are applied to interfaces that are up."""
        wishes = wanted(self._router)
        completed = self._tell_incomplete()
        for key in [key for key in self.memberships if key not in wishes]:
            self._end(key, now)
        for key, wish in wishes.items():
            current = self.memberships.get(key)
            if current is not None and makes_another(current.member, wish.config):
                self._end(key, now)
                current = None
            if current is None:
                current = self._begin(key, wish, now)
                if key in completed:
                    self._log(5, "GM_ENABLE_GDOI_CM", f"GM enabled GDOI crypto map in group {wish.config.group}")
            elif current.member.config != wish.config:
                current.member.reconfigure(wish.config, now)
            self._adjust(current, wish, now)

    def _tell_incomplete(self) -> set[Key]:
        """Say once of an applied entry that its group lacks its identity or servers; those that lack them no more."""
        found = incomplete(self._router)
        for key in found.keys() - self._incomplete:
            self._log(3, "GM_INCOMPLETE_CFG", f"Registration: incomplete config for group {found[key]}")
        completed = self._incomplete - found.keys()
        self._incomplete = set(found)
        return completed

    def _begin(self, key: Key, wish: Wish, now: float) -> Membership:
        known = self._same_member(key, wish)
        self._log(5, "GM_CM_ATTACH", f"Crypto map attached for GM in group {wish.config.group}")
        if known is not None:
            membership = self.memberships[key] = replace(known, interface=key[0], group=None)
            membership.interfaces.append(key[0])
            return membership
        random = self._router.clock.random_bytes
        member = GroupMember(wish.config, random)
        plane = GroupDataPlane(random, connection_ids=self._router.service(CryptoPath).connection_ids)
        membership = Membership(key[0], key[1], member, plane, wish.local_acl, wish.entry.local_acl, [key[0]])
        self.memberships[key] = membership
        self._complain(membership)
        membership.feed(now)
        member.start(now)
        return membership

    def _same_member(self, key: Key, wish: Wish) -> Membership | None:
        """The membership of another interface with the same entry, if both speak from one address."""
        vrf = self._vrf_at(key[0])
        for (interface, *entry), item in self.memberships.items():
            if entry == [*key[1:]] and item.member.config == wish.config and self._vrf_at(interface) == vrf:
                return item
        return None

    def _adjust(self, membership: Membership, wish: Wish, now: float) -> None:
        """Take what can be changed while a member goes on."""
        if membership.local_acl != wish.local_acl:
            membership.local_acl, membership.local_acl_name = wish.local_acl, wish.entry.local_acl
            if membership.interface == membership.interfaces[0]:
                self._complain(membership)
                if membership.local_acl and membership.member.acl:
                    log_event(self._router.syslog, AclMerged(wish.config.group))
            membership.feed(now)
        membership.vrfs = self.vrfs_of(membership)
        group = self._router.model.block(GdoiGroups).groups[wish.config.group]
        membership.revert, membership.track = group.fail_close_revert, group.active_sa_track
        self.report(membership)
        ipsec = self._router.model.block(IpsecConfig)
        membership.plane.df_rule = DfRule(ipsec.df_bit_on(membership.interfaces[0]))
        membership.plane.fragment_first = ipsec.fragment_first

    def _complain(self, membership: Membership) -> None:
        """A local list can only take traffic out of the key server's policy."""
        for item in membership.local_acl:
            if item.permit:
                ends = f"{address_text(item, item.source)} to {address_text(item, item.destination)}"
                text = "GM doesn't support permit configured under local access-list."
                self._log(3, "GM_ACL_PERMIT", f"{text} Traffic from {ends} will be dropped.")

    def _end(self, key: Key, now: float) -> None:
        membership = self.memberships.pop(key)
        membership.interfaces.remove(key[0])
        group = membership.member.config.group
        if self.sharing(membership):
            self._hear(membership, None)
            self._log(5, "GM_CM_DETACH", f"Crypto map detached for GM in group {group}")
            return
        membership.member.leave(now)
        self.report(membership)
        self.listen(membership)
        self._log(5, "GM_CM_DETACH", f"Crypto map detached for GM in group {group}")
        for event in membership.member.take_events():
            log_event(self._router.syslog, event)
            if (line := debug_line(event)) is not None:
                self._router.service(EventLines).tell(line, event)
        if not self.memberships:
            self._router.service(GdoiSwitch).need("member", False)

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        self._router.syslog.log("GDOI", severity, mnemonic, text)

    # What a membership touches on its router

    def vrfs_of(self, membership: Membership) -> tuple[str, str]:
        """The VRF of the key servers, and that of the traffic."""
        return membership.member.config.vrf, self._vrf_at(membership.interface)

    def _vrf_at(self, interface: InterfaceName) -> str:
        at = self._router.interfaces.get(interface)
        return at.vrf if at is not None else ""

    def report(self, membership: Membership) -> None:
        """Set the tracking object that shows whether a group has a data SA with some life left."""
        if membership.track is not None:
            group = membership.member.config.group
            active = any(item.member.teks for item in self.of_group(group))
            self._router.service(TrackService).report(membership.track, active)

    def listen(self, membership: Membership) -> None:
        """Be in the group that rekeys are sent to, on the interface of the map."""
        self._hear(membership, membership.member.held.multicast)

    def _hear(self, membership: Membership, wanted: IPv4Address | None) -> None:
        interface = self._router.interfaces.get(membership.interface)
        if wanted == membership.group or interface is None:
            return
        if membership.group is not None:
            self._router.ip.multicast.leave(interface, membership.group)
        if wanted is not None:
            self._router.ip.multicast.join(interface, wanted)
        membership.group = wanted
