"""The key server of one group: keys, members and rekeys (RFC 6407 sections 3.4 and 4)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.acl import PRIVATE_ACL_PAYLOAD, pack_acl
from iosemu.engines.gdoi.authorization import admits
from iosemu.engines.gdoi.config import ServerConfig, needed_version
from iosemu.engines.gdoi.events import (
    GroupCleared,
    IdentityUnauthorized,
    KeyInstalled,
    MemberRegistered,
    MemberTooOld,
    MemberUnauthorized,
    RegistrationBlocked,
    RekeySent,
    SigningKeyMissing,
    UnsolicitedAcknowledgement,
)
from iosemu.engines.gdoi.key_ring import KeyRing
from iosemu.engines.gdoi.keys import KEK_SPI_OCTETS, Kek, Tek, kek_packet, sa_kek, sa_teks, tek_packet
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.rekey_schedule import KEK_BASE, TEK_BASE, rekey_time, shortened_lifetime, time_on_the_way
from iosemu.engines.gdoi.replay import PRIVATE_REPLAY_PAYLOAD, SYNCHRONISE_EVERY, PseudoClock, ReplayPolicy
from iosemu.engines.gdoi.rounds import RekeyRounds
from iosemu.engines.gdoi.sender_ids import SenderIds, read_sids, sid_packet
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import (
    GDOI_PORT,
    GapAttribute,
    GroupSa,
    KeyDownload,
    KeyType,
    SaKek,
    TekProtocol,
)
from iosemu.wire.isakmp import Delete, Doi, Header, Payload

# A member may ask for several sender IDs, not for all of them.
SIDS_PER_REGISTRATION = 16
# Where a rekey shortens old keys, members begin to send with the new ones this long before the old end (seconds).
ACTIVATION_LEAD = 30


class Duty(Enum):
    """What a key server is among others of the group."""

    ALONE = "alone"
    PRIMARY = "primary"
    SECONDARY = "secondary"


class KeyServer:
    """Policy, keys and members of one group.

    A `duty` of SECONDARY makes no keys and sends no rekeys, one of PRIMARY keeps keys alive although nobody has
    registered yet: other key servers may hand them out. `blocked` turns new members away.
    """

    def __init__(self, config: ServerConfig, random: RandomBytes) -> None:
        self.config = config
        self.members: dict[IPv4Address, Member] = {}
        self.rekeys_sent = 0
        self.rounds = RekeyRounds(config.group, self.members)
        self.pseudotime: PseudoClock | None = None
        self.synchronised_at = 0.0
        self.duty = Duty.ALONE
        self.blocked = False
        self._ring = KeyRing(config, random)
        self._complained = False
        self._events: list[Event] = []

    @property
    def kek(self) -> Kek | None:
        """The rekey SA in force."""
        return self._ring.kek

    @property
    def ring(self) -> KeyRing:
        """All keys, for who shares them with other key servers."""
        return self._ring

    @property
    def sender_ids(self) -> SenderIds:
        """The sender IDs of counter modes."""
        return self._ring.sender_ids

    @property
    def keks(self) -> list[Kek]:
        """The KEK, and its predecessors while they live."""
        return self._ring.keks

    @property
    def teks(self) -> list[Tek]:
        """All data SAs that members hold, oldest first."""
        return self._ring.teks

    # Configuration and administration

    def update_config(self, config: ServerConfig) -> None:
        """Take a changed policy; it reaches the members with the next rekey."""
        self.config = config
        self._complained = False

    def clear(self) -> None:
        """Forget keys and members; every member must register again. The pseudotime goes on: members know it."""
        self._ring.clear(self.config)
        self.members.clear()
        self.rounds.clear()
        self._events.append(GroupCleared(self.config.group))

    def remove_members(self, now: float, immediately: bool = False) -> None:
        """Make every member register again for fresh keys (RFC 6407 section 7.4).

        Their TEKs end at once, or soon so that traffic goes on while they register.
        """
        deletes = [Delete(Doi.GDOI, TekProtocol.KEK, (bytes(KEK_SPI_OCTETS),))]
        if immediately:
            deletes.insert(0, Delete(Doi.GDOI, TekProtocol.ESP, (bytes(4),)))
            self._push([], now, deletes=deletes)
        elif self.teks:
            self._push(self.teks, now, deletes=deletes, gap=self._shorten(self.teks, now))
        self.clear()

    # Registration

    def refusal(self, sa: IsakmpSa) -> Event | None:
        """Why a peer may not join, None when it may: its address, then its identity."""
        config, address = self.config, sa.remote.address
        if self.blocked:
            return RegistrationBlocked(config.group, address)
        if config.authorized is not None and not admits(config.authorized, address):
            return MemberUnauthorized(config.group, address)
        needed = needed_version(config)
        if sa.peer_version is not None and needed is not None and sa.peer_version < needed:
            return MemberTooOld(config.group, address, sa.peer_version, needed)
        if config.identities is not None and (
            reason := config.identities.refusal(sa.peer_identity, sa.peer_certificate)
        ):
            return IdentityUnauthorized(config.group, address, reason)
        return None

    def policy(self, sa: IsakmpSa, now: float) -> GroupSa:
        """The SA payload for a member: keys are made when the first one asks."""
        self._ring.drop_expired(now)
        if self.duty is not Duty.SECONDARY:
            self.make_keys(now)
        private = sa.peer_version is not None
        kek = None
        if self.kek is not None:
            group = self.config.multicast if self.kek.destination is not None else None
            kek = sa_kek(self.kek, self.config.kek, *(group or (sa.local, sa.remote)), now, private)
        return self._group_sa(self.teks, now, kek, private)

    def make_keys(self, now: float) -> None:
        """Make the keys that are not there. The pseudotime begins with the first ones."""
        self._ring.drop_expired(now)
        self._complain_without_key()
        self._announce(self._ring.make_missing(self.config, now))
        self._begin_time(now)

    def keys(self, policy: GroupSa, requested_sids: int, now: float) -> KeyDownload | None:
        """The KD payload for a policy handed out before; None when its keys are gone meanwhile.

        When the sender IDs are used up, all keys are replaced and everybody registers again (RFC 6407 section 3.5).
        """
        teks = {tek.spi: tek for tek in self.teks}
        wanted = {sa.spi for sa in policy.teks}
        if not wanted <= teks.keys() or (policy.kek and (self.kek is None or policy.kek.spi != self.kek.spi)):
            return None
        packets = [kek_packet(self.kek)] if policy.kek and self.kek else []
        packets += [tek_packet(tek) for spi, tek in teks.items() if spi in wanted]
        if any(teks[spi].transform.counter_mode for spi in wanted):
            count = min(max(1, requested_sids), SIDS_PER_REGISTRATION)
            sids = self.sender_ids.take(count)
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
        if self.rounds.last is not None:
            # It has just got what the push under way brings.
            self.rounds.last.forget(address)
        if known is not None:
            member.take_history(known)
        self.members[address] = member
        self._events.append(MemberRegistered(self.config.group, address))

    # Rekey

    def rekey(self, now: float, replace: bool = False, new_kek: bool = False) -> None:
        """Send the current policy with fresh TEKs; the old ones are shortened, or removed at once with `replace`."""
        self._ring.drop_expired(now)
        self._complain_without_key()
        if self.members and not self._can_push():
            return
        old = list(self.teks)
        fresh = self._ring.renew_teks(self.config, {policy.number for policy in self.config.teks}, now)
        self._announce(fresh)
        deletes = []
        gap = None
        if replace and old:
            deletes.append(Delete(Doi.GDOI, TekProtocol.ESP, tuple(tek.spi for tek in old)))
            self._ring.teks = fresh
        elif old:
            gap = self._shorten(old, now)
        outdated = new_kek or self._ring.kek_outdated(self.config)
        successor = self._ring.fresh_kek(self.config, now) if outdated else None
        self._push(
            self.teks if outdated else fresh, now, successor=successor, deletes=deletes, gap=gap, replace=replace
        )

    def distribute(self, now: float, successor: Kek | None = None) -> None:
        """Send the keys in force to all members again, with a KEK that takes the place of theirs if there is one."""
        self._push(self.teks, now, successor=successor)

    def owns(self, spi: bytes) -> bool:
        """Whether a cookie pair names one of this group's rekey SAs."""
        return any(kek.spi == spi for kek in self._ring.keks)

    def receive_acknowledgement(self, header: Header, datagram: Datagram) -> None:
        """Take a GROUPKEY-PUSH-ACK whose cookies are ours."""
        for kek in self._ring.keks:
            if kek.spi == header.cookies:
                try:
                    sequence, address = acknowledgement.verify(kek, header, datagram.data)
                except WireError:
                    break
                self.rounds.acknowledged(kek, sequence, address)
                return
        self._events.append(UnsolicitedAcknowledgement(self.config.group, datagram.source.address))

    # Time

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        return self.rounds.take_datagrams()

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken + self.rounds.take_events()

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(
            self.rounds.next_timer(),
            self.kek_rekey_at(),
            self.synchronises_at(),
            *(self._renewal(tek) for tek in self._ring.newest()),
            *self._ring.expiries(),
        )

    def handle_timer(self, now: float) -> None:
        """Renew, retransmit and expire whatever is due."""
        self.rounds.handle_timer(self.config.kek, now)
        due = {tek.number for tek in self._ring.newest() if _due(self._renewal(tek), now)}
        kek_due = _due(self.kek_rekey_at(), now)
        if due or kek_due:
            self._renew(due, kek_due, now)
        elif _due(self.synchronises_at(), now):
            # Members have these TEKs already: what they take from the push is the pseudotime.
            self.synchronised_at = now
            self._push(self.teks, now)
        self._ring.drop_expired(now)

    def kek_rekey_at(self) -> float | None:
        """When the KEK will be renewed; None without members."""
        if self.kek is None or not self._renews or self.config.signing_key is None:
            return None
        return rekey_time(KEK_BASE, self.kek.lifetime, self.kek.expires_at, self.config.kek, len(self.members))

    def synchronises_at(self) -> float | None:
        """When a push brings the members' pseudotime together unless a rekey does so before; None without one."""
        if self.pseudotime is None or not self.members or not self._renews or not self.by_time:
            return None
        return self.synchronised_at + SYNCHRONISE_EVERY

    def tek_rekey_at(self, tek: Tek) -> float | None:
        """When a TEK will be renewed; None when it has been already, or there are no members."""
        return self._renewal(tek) if tek in self._ring.newest() else None

    # The inside

    @property
    def _renews(self) -> bool:
        """Whether keys are renewed before they end."""
        return self.duty is Duty.PRIMARY or (self.duty is Duty.ALONE and bool(self.members))

    def _renewal(self, tek: Tek) -> float | None:
        if not self._renews:
            return None
        return rekey_time(TEK_BASE, tek.lifetime, tek.expires_at, self.config.kek, len(self.members))

    @property
    def by_time(self) -> bool:
        """Whether replay is checked by time."""
        return any(policy.replay.by_time for policy in self.config.teks)

    def _begin_time(self, now: float) -> None:
        if self.pseudotime is None and self.by_time:
            self.pseudotime, self.synchronised_at = PseudoClock(-now), now

    def _can_push(self) -> bool:
        if self.kek is None or self.config.signing_key is None or not self.members:
            return False
        # Members know the transport of the KEK that they have.
        return (self.config.address if self.kek.destination is None else self.config.multicast) is not None

    def _renew(self, numbers: set[int], kek_due: bool, now: float) -> None:
        """Make new keys and send them. Where they cannot be sent, members find them when they register again."""
        self._complain_without_key()
        fresh = self._ring.renew_teks(self.config, numbers, now)
        self._announce(fresh)
        kek_due = kek_due or (self._ring.kek_outdated(self.config) and self.config.signing_key is not None)
        if self._can_push():
            successor = self._ring.fresh_kek(self.config, now) if kek_due else None
            self._push(self.teks if kek_due else fresh, now, successor=successor)
        elif kek_due:
            self._replace_kek(now)

    def _replace_kek(self, now: float) -> None:
        if self.kek is not None:
            self._ring.old_keks.append(self.kek)
        self._ring.kek = self._ring.fresh_kek(self.config, now)
        self._announce([self._ring.kek])

    def _shorten(self, teks: list[Tek], now: float) -> tuple[Attribute, ...]:
        """Let TEKs end soon here, and tell the members to do the same."""
        delay = max(shortened_lifetime(tek.lifetime) for tek in teks)
        for tek in teks:
            tek.expires_at = min(tek.expires_at, now + delay)
        return (
            Attribute(GapAttribute.ACTIVATION_TIME_DELAY, delay - ACTIVATION_LEAD),
            Attribute(GapAttribute.DEACTIVATION_TIME_DELAY, delay),
        )

    def _complain_without_key(self) -> None:
        if self.config.signing_key is None and self.config.signing_label and not self._complained:
            self._complained = True
            self._events.append(SigningKeyMissing(self.config.group, self.config.signing_label))

    def _announce(self, keys: Iterable[Kek | Tek]) -> None:
        self._events.extend(KeyInstalled(self.config.group, key.key_record()) for key in keys)

    def _group_sa(
        self,
        teks: list[Tek],
        now: float,
        kek: SaKek | None,
        private: bool,
        gap: tuple[Attribute, ...] | None = None,
    ) -> GroupSa:
        payloads = self._private_payloads(teks, now) if private else ()
        return GroupSa(kek, gap, tuple(sa for tek in teks for sa in sa_teks(tek, now)), payloads)

    def _private_payloads(self, teks: list[Tek], now: float) -> tuple[Payload, ...]:
        acl = tuple(entry for policy in self._ring.policies for entry in policy.acl)
        pseudotime = None if self.pseudotime is None or not self.by_time else self.pseudotime.value(now)
        span = time_on_the_way(self.config.kek, len(self.members))
        replay = ReplayPolicy({tek.spi: tek.replay_record(now) for tek in teks}, pseudotime, span)
        return Payload(PRIVATE_ACL_PAYLOAD, pack_acl(acl)), Payload(PRIVATE_REPLAY_PAYLOAD, replay.pack())

    def _push(
        self,
        teks: list[Tek],
        now: float,
        *,
        successor: Kek | None = None,
        deletes: list[Delete] | None = None,
        gap: tuple[Attribute, ...] | None = None,
        replace: bool = False,
    ) -> None:
        kek, key = self.kek, self.config.signing_key
        if kek is None or key is None or not self._can_push():
            return
        # Time may have taken the place of counters since the members registered.
        self._begin_time(now)
        kek.sequence += 1
        # One message serves all members, so the destination of the rekey SA cannot name one of them.
        vrf = next(iter(self.members.values())).local.vrf
        own = Endpoint(self.config.address or IPv4Address(0), GDOI_PORT, vrf)
        multicast = self.config.multicast
        source, group = (own, None) if kek.destination is None or multicast is None else multicast
        ends = multicast if multicast is not None and not self.config.unicast else (own, own)
        packets = ([kek_packet(successor)] if successor else []) + [tek_packet(tek) for tek in teks]
        messages = {}
        for private in self._forms():
            payload = sa_kek(successor, self.config.kek, *ends, now, private) if successor else None
            sa = self._group_sa(teks, now, payload, private, gap) if packets else None
            keys = KeyDownload(tuple(packets)) if packets else None
            messages[private] = push.build(kek, key, kek.sequence, deletes or [], sa, keys, self.config.profile)
        over = min([kek.expires_at, *(tek.expires_at for tek in self.teks)])
        self.rounds.start(kek, messages, self.config.kek, source, group, over, now)
        self.rekeys_sent += 1
        self.synchronised_at = now
        self._events.append(
            RekeySent(self.config.group, source.address, kek.sequence, replace, group.address if group else None)
        )
        if successor is not None:
            self._ring.old_keks.append(kek)
            self._ring.kek = successor
            self._announce([successor])

    def _forms(self) -> set[bool]:
        """Whether a push goes out with private payloads, without, or both. One datagram to a group must suit all."""
        forms = {member.version is not None for member in self.members.values()}
        return forms if self.kek is None or self.kek.destination is None else {all(forms)}


def _due(time: float | None, now: float) -> bool:
    return time is not None and time <= now
