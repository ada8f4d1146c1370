"""The key server of one group: registration, rekeys and time (RFC 6407 sections 3.4 and 4)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Event, earliest
from iosemu.engines.gdoi import acknowledgement, admission
from iosemu.engines.gdoi.config import ServerConfig
from iosemu.engines.gdoi.group_policy import registration_policy
from iosemu.engines.gdoi.group_state import Duty, GroupState
from iosemu.engines.gdoi.kek_payloads import kek_packet
from iosemu.engines.gdoi.keys import KEK_SPI_OCTETS, Kek, Tek
from iosemu.engines.gdoi.lkh import download_packet
from iosemu.engines.gdoi.lkh_tree import TreeFullError
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.push_sender import PushSender
from iosemu.engines.gdoi.rekey_schedule import shortened_lifetime
from iosemu.engines.gdoi.sender_ids import read_sids, sid_packet
from iosemu.engines.gdoi.server_events import (
    GroupCleared,
    MemberExcluded,
    MemberRegistered,
    NoSenderIds,
    RegistrationBlocked,
    UnsolicitedAcknowledgement,
)
from iosemu.engines.gdoi.tek_payloads import tek_packet
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, KeyPacket
from iosemu.wire.gdoi.numbers import GapAttribute, KeyType, TekProtocol
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import Doi, Header
from iosemu.wire.isakmp_payloads import Delete

# A member may ask for several sender IDs, not for all of them.
SIDS_PER_REGISTRATION = 16
# An SPI of zeros stands for all of them (RFC 6407 section 5.9).
ALL_KEKS = Delete(Doi.GDOI, TekProtocol.KEK, (bytes(KEK_SPI_OCTETS),))
# Where a rekey shortens old keys, members begin to send with the new ones this long before the old end (seconds).
ACTIVATION_LEAD = 30


class KeyServer(GroupState):
    """Policy, keys and members of one group, and what happens to them."""

    def __init__(self, config: ServerConfig, random: RandomBytes) -> None:
        super().__init__(config, random)
        self.pushes = PushSender(self)
        # Members must authenticate anew as soon as the owner says that they may.
        self.reauthentication_due = False
        self._excluding = False

    # Configuration and administration

    def clear(self) -> None:
        """Forget keys and members; every member must register again. The pseudotime goes on: members know it."""
        self.ring.clear(self.config)
        self.members.clear()
        self.pushes.rounds.clear()
        self.reauthentication_due = self._excluding = False
        self.tree = None
        self.events.append(GroupCleared(self.config.group))

    def remove_members(self, now: float, immediately: bool = False) -> None:
        """Make every member register again for fresh keys (RFC 6407 section 7.4)."""
        self.send_away(now, immediately)
        self.clear()

    def send_away(self, now: float, immediately: bool = False) -> None:
        """Tell every member to register again. Their TEKs end at once, or soon so that traffic goes on while they do:
        the key server must not use its keys any more."""
        if immediately:
            self.pushes.send([], now, deletes=[Delete(Doi.GDOI, TekProtocol.ESP, (bytes(4),)), ALL_KEKS])
        elif self.teks:
            self.pushes.send(self.teks, now, deletes=[ALL_KEKS], gap=self._shorten(self.teks, now))
        self.pushes.say_farewell()

    def reauthenticate(self, now: float) -> None:
        """Make every member prove again who it is, and give fresh keys to those who can.

        Who cannot is left with TEKs that end soon. Where nobody can be told, nothing is changed.
        """
        self.reauthentication_due = False
        if self.teks and self.pushes.possible:
            gap = self._shorten(self.teks, now)
            self.pushes.send(self.teks, now, deletes=[ALL_KEKS], gap=gap, authenticate=True)
            self.pushes.say_farewell()
            self.clear()

    def exclude(self, address: IPv4Address, now: float) -> bool:
        """Shut one member out, and nobody else; False where there is no such member, or no hierarchy of keys.

        RFC 6407 section 7.4: a push makes the next KEK known to the others. When all of them have it, another one under
        that KEK brings new TEKs.
        """
        if self.tree is None or address not in self.members or self.config.signing_key is None:
            return False
        del self.members[address]
        self.events.append(MemberExcluded(self.config.group, address))
        self.pushes.forget(address)
        successor = self.ring.fresh_kek(self.config, now)
        if self.pushes.possible:
            self.pushes.send([], now, successor=successor)
            self._excluding = True
        else:
            self.clear()
        return True

    # Registration

    def refusal(self, sa: IsakmpSa) -> Event | None:
        """Why a peer may not join, None when it may."""
        if self.blocked:
            return RegistrationBlocked(self.config.group, sa.remote.address)
        counting = any(policy.transform.counter_mode for policy in self.ring.policies or self.config.teks)
        if counting and not self.sender_ids.possible:
            return NoSenderIds(self.config.group, sa.remote.address)
        return admission.refusal(self.config, sa)

    def policy(self, sa: IsakmpSa, now: float) -> GroupSa:
        """The SA payload for a member: keys are made when the first one asks."""
        self.ring.drop_expired(now)
        if self.duty is not Duty.SECONDARY:
            self.make_keys(now)
        return registration_policy(self, sa, now)

    def make_keys(self, now: float) -> None:
        """Make the keys that are not there. The pseudotime begins with the first ones."""
        self.ring.drop_expired(now)
        self.complain_without_key()
        had = self.kek
        self.announce(self.ring.make_missing(self.config, now))
        if self.kek is not had:
            self.plant()
        self.begin_time(now)

    def keys(self, policy: GroupSa, member: IPv4Address, requested_sids: int, now: float) -> KeyDownload | None:
        """The KD payload for a policy that a member was given before; None when its keys are gone meanwhile.

        When the sender IDs are used up, all keys are replaced and everybody registers again (RFC 6407 section 3.5).
        """
        teks = {tek.spi: tek for tek in self.teks}
        wanted = {sa.spi for sa in policy.teks}
        if not wanted <= teks.keys() or (policy.kek and (self.kek is None or policy.kek.spi != self.kek.spi)):
            return None
        try:
            packets = [self._kek_packet(self.kek, member)] if policy.kek and self.kek else []
        except TreeFullError:
            return None
        packets += [tek_packet(tek) for spi, tek in teks.items() if spi in wanted]
        if any(teks[spi].transform.counter_mode for spi in wanted):
            count = min(max(1, requested_sids), SIDS_PER_REGISTRATION)
            sids = self.sender_ids.take(count)
            if sids is None and self.duty is Duty.SECONDARY:
                # The keys are the primary's, and others may have sender IDs left.
                self.events.append(NoSenderIds(self.config.group, member))
                return None
            if sids is None:
                self.remove_members(now, immediately=True)
                return None
            packets.append(sid_packet(sids, self.sender_ids.bits, self.config.profile))
        return KeyDownload(tuple(packets))

    def register(self, sa: IsakmpSa, keys: KeyDownload, now: float) -> None:
        """A member has all it needs."""
        address = sa.remote.address
        known = self.members.pop(address, None)
        found = (read_sids(packet, self.config.profile) for packet in keys.packets if packet.kind == KeyType.SID)
        sids = tuple(sid for _, some in found for sid in some)
        member = Member(address, sa.local, sa.remote, sa.peer_version, now, sids)
        self.pushes.forget(address)
        if known is not None:
            member.take_history(known)
        self.members[address] = member
        self.events.append(MemberRegistered(self.config.group, address))

    # Rekey

    def rekey(self, now: float, replace: bool = False, new_kek: bool = False) -> None:
        """Send the current policy with fresh TEKs; the old ones are shortened, or removed at once with `replace`."""
        self.ring.drop_expired(now)
        self.complain_without_key()
        if self.members and not self.pushes.possible:
            return
        old = list(self.teks)
        fresh = self.ring.renew_teks(self.config, {policy.number for policy in self.config.teks}, now)
        self.announce(fresh)
        deletes = []
        gap = None
        if replace and old:
            deletes.append(Delete(Doi.GDOI, TekProtocol.ESP, tuple(tek.spi for tek in old)))
            self.ring.teks = fresh
        elif old:
            gap = self._shorten(old, now)
        outdated = new_kek or self.ring.kek_outdated(self.config)
        successor = self.ring.fresh_kek(self.config, now) if outdated else None
        self.pushes.send(
            self.teks if outdated else fresh, now, successor=successor, deletes=deletes, gap=gap, replace=replace
        )
        if successor is not None and self.kek is not successor:
            self._replace_untold(successor)

    def distribute(self, now: float, successor: Kek | None = None) -> None:
        """Send the keys in force to all members again, with a KEK that takes the place of theirs if there is one."""
        self.pushes.send(self.teks, now, successor=successor)

    def owns(self, spi: bytes) -> bool:
        """Whether a cookie pair names one of this group's rekey SAs."""
        return any(kek.spi == spi for kek in self.ring.keks) or any(item.owns(spi) for item in self.pushes.farewells)

    def receive_acknowledgement(self, header: Header, datagram: Datagram) -> None:
        """Take a GROUPKEY-PUSH-ACK whose cookies are ours."""
        for kek in self.ring.keks:
            if kek.spi == header.cookies:
                try:
                    sequence, address = acknowledgement.verify(kek, header, datagram.data)
                except WireError:
                    break
                self.pushes.rounds.acknowledged(kek, sequence, address)
                return
        for farewell in self.pushes.farewells:
            if farewell.owns(header.cookies):
                farewell.acknowledged(header, datagram.data)
                return
        self.events.append(UnsolicitedAcknowledgement(self.config.group, datagram.source.address))

    # Time

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        return self.pushes.take_datagrams()

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken = self.events + self.pushes.rounds.take_events()
        self.events.clear()
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(
            self.pushes.next_timer(),
            self.kek_rekey_at(),
            self.synchronises_at(),
            self._follow_up_at(),
            *(self.renewal(tek) for tek in self.ring.newest()),
            *self.ring.expiries(),
        )

    def handle_timer(self, now: float) -> None:
        """Renew, retransmit and expire whatever is due."""
        self.pushes.handle_timer(now)
        if _due(self._follow_up_at(), now):
            self._excluding = False
            self.rekey(now)
        due = {tek.number for tek in self.ring.newest() if _due(self.renewal(tek), now)}
        kek_due = _due(self.kek_rekey_at(), now)
        if due or kek_due:
            self._renew(due, kek_due, now)
        elif _due(self.synchronises_at(), now):
            # Members have these TEKs already: what they take from the push is the pseudotime.
            self.synchronised_at = now
            self.pushes.send(self.teks, now)
        self.ring.drop_expired(now)

    # The inside

    def _follow_up_at(self) -> float | None:
        """When new TEKs follow the KEK that leaves somebody out: at once when nothing is in their way."""
        return 0.0 if self._excluding and self.pushes.rounds.next_timer() is None else None

    def _kek_packet(self, kek: Kek, member: IPv4Address) -> KeyPacket:
        return kek_packet(kek) if self.tree is None else download_packet(kek, self.tree.join(member))

    def _renew(self, numbers: set[int], kek_due: bool, now: float) -> None:
        """Make new keys and send them. Where they cannot be sent, members find them when they register again."""
        self.complain_without_key()
        fresh = self.ring.renew_teks(self.config, numbers, now)
        self.announce(fresh)
        kek_due = kek_due or (self.ring.kek_outdated(self.config) and self.config.signing_key is not None)
        successor = self.ring.fresh_kek(self.config, now) if kek_due else None
        if self.pushes.possible:
            self.pushes.send(self.teks if kek_due else fresh, now, successor=successor)
        elif successor is not None:
            self._replace_untold(successor)

    def _replace_untold(self, successor: Kek) -> None:
        """Bring a KEK into force that nobody can be told of: members get it when they register."""
        self.ring.replace_kek(successor)
        self.plant()
        self.announce([successor])

    def _shorten(self, teks: list[Tek], now: float) -> tuple[Attribute, ...]:
        """Let TEKs end soon here, and tell the members to do the same."""
        delay = max(shortened_lifetime(tek.lifetime) for tek in teks)
        for tek in teks:
            tek.expires_at = min(tek.expires_at, now + delay)
        return (
            Attribute(GapAttribute.ACTIVATION_TIME_DELAY, delay - ACTIVATION_LEAD),
            Attribute(GapAttribute.DEACTIVATION_TIME_DELAY, delay),
        )


def _due(time: float | None, now: float) -> bool:
    return time is not None and time <= now
