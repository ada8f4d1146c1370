"""The key server of one group: keys, members and rekeys (RFC 6407 sections 3.4 and 4)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Event, earliest
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.acl import PRIVATE_ACL_PAYLOAD, pack_acl
from iosemu.engines.gdoi.config import ServerConfig
from iosemu.engines.gdoi.events import (
    KeyInstalled,
    MemberEjected,
    MemberRegistered,
    RekeySent,
    SigningKeyMissing,
    UnsolicitedAcknowledgement,
)
from iosemu.engines.gdoi.key_ring import KeyRing
from iosemu.engines.gdoi.keys import KEK_SPI_OCTETS, Kek, Tek, kek_packet, sa_kek, sa_teks, tek_packet
from iosemu.engines.gdoi.member_table import EJECT_AFTER, Member, RekeyRound
from iosemu.engines.gdoi.rekey_schedule import KEK_BASE, TEK_BASE, rekey_time, shortened_lifetime
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import GapAttribute, GroupSa, KeyDownload, KeyPacket, KeyType, SaKek, SidKey, TekProtocol
from iosemu.wire.isakmp import Delete, Doi, Header, Payload

# A member may ask for several sender IDs, not for all of them.
SIDS_PER_REGISTRATION = 16


class KeyServer:
    """Policy, keys and members of one group."""

    def __init__(self, config: ServerConfig, random: RandomBytes) -> None:
        self.config = config
        self.members: dict[IPv4Address, Member] = {}
        self.rekeys_sent = 0
        self.last_round: RekeyRound | None = None
        self.last_round_duration = 0.0
        self._ring = KeyRing(random)
        self._complained = False
        self._datagrams: list[Datagram] = []
        self._events: list[Event] = []

    @property
    def kek(self) -> Kek | None:
        """The rekey SA in force."""
        return self._ring.kek

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
        """Forget keys and members; every member must register again."""
        self._ring.clear()
        self.members = {}
        self.last_round = None

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

    def admits(self, address: IPv4Address) -> bool:
        """Whether the authorization list lets a member in."""
        if self.config.authorized is None:
            return True
        number = int(address)
        for entry in self.config.authorized:
            if (number ^ entry.source) & ~entry.source_wildcard == 0:
                return entry.permit
        return False

    def policy(self, sa: IsakmpSa, now: float) -> GroupSa:
        """The SA payload for a member: keys are made when the first one asks."""
        self._ring.drop_expired(now)
        self._complain_without_key()
        self._announce(self._ring.make_missing(self.config, now))
        private = sa.peer_version is not None
        kek = sa_kek(self.kek, self.config.kek, sa.local, sa.remote, now, private) if self.kek else None
        return self._group_sa(self.teks, now, kek, private)

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
            sids = self._ring.take_sids(count, self.config.sid_bits)
            if sids is None:
                self.remove_members(now, immediately=True)
                return None
            packets.append(_sid_packet(sids, self.config.sid_bits))
        return KeyDownload(tuple(packets))

    def register(self, sa: IsakmpSa, keys: KeyDownload, now: float) -> None:
        """A member has all it needs."""
        address = sa.remote.address
        known = self.members.pop(address, None)
        sids = tuple(
            attribute.as_int()
            for packet in keys.packets
            for attribute in packet.attributes
            if packet.kind == KeyType.SID and attribute.kind == SidKey.SID_VALUE
        )
        member = Member(address, sa.local, sa.remote, sa.peer_version, now, sids)
        if self.last_round is not None:
            # It has just got what the push under way brings.
            self.last_round.forget(address)
        if known is not None:
            for name in ("rekeys_sent", "retries", "acks_received", "acks_missed", "sent", "received"):
                setattr(member, name, getattr(known, name))
        self.members[address] = member
        self._events.append(MemberRegistered(self.config.group, address))

    # Rekey

    def rekey(self, now: float, replace: bool = False) -> None:
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
        outdated = self._ring.kek_outdated(self.config)
        self._push(self.teks if outdated else fresh, now, new_kek=outdated, deletes=deletes, gap=gap, replace=replace)

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
                self._acknowledged(kek, sequence, address)
                return
        self._events.append(UnsolicitedAcknowledgement(self.config.group, datagram.source.address))

    # Time

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        taken, self._datagrams = self._datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        round_at = self.last_round.next_at if self.last_round and self._round_open() else None
        return earliest(
            round_at,
            self.kek_rekey_at(),
            *(self._renewal(tek) for tek in self._ring.newest()),
            *self._ring.expiries(),
        )

    def handle_timer(self, now: float) -> None:
        """Renew, retransmit and expire whatever is due."""
        if self.last_round and self._round_open() and self.last_round.next_at <= now:
            self._continue_round(self.last_round, now)
        due = {tek.number for tek in self._ring.newest() if _due(self._renewal(tek), now)}
        kek_due = _due(self.kek_rekey_at(), now)
        if due or kek_due:
            self._renew(due, kek_due, now)
        self._ring.drop_expired(now)

    def kek_rekey_at(self) -> float | None:
        """When the KEK will be renewed; None without members."""
        if self.kek is None or not self.members or self.config.signing_key is None:
            return None
        return rekey_time(KEK_BASE, self.kek.lifetime, self.kek.expires_at, self.config.kek, len(self.members))

    def tek_rekey_at(self, tek: Tek) -> float | None:
        """When a TEK will be renewed; None when it has been already, or there are no members."""
        return self._renewal(tek) if tek in self._ring.newest() else None

    # The inside

    def _renewal(self, tek: Tek) -> float | None:
        if not self.members:
            return None
        return rekey_time(TEK_BASE, tek.lifetime, tek.expires_at, self.config.kek, len(self.members))

    def _can_push(self) -> bool:
        return (
            self.kek is not None and self.config.signing_key is not None and bool(self.members) and self.config.unicast
        )

    def _renew(self, numbers: set[int], kek_due: bool, now: float) -> None:
        """Make new keys and send them. Where they cannot be sent, members find them when they register again."""
        self._complain_without_key()
        fresh = self._ring.renew_teks(self.config, numbers, now)
        self._announce(fresh)
        kek_due = kek_due or (self._ring.kek_outdated(self.config) and self.config.signing_key is not None)
        if self._can_push():
            self._push(self.teks if kek_due else fresh, now, new_kek=kek_due)
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
        return (Attribute(GapAttribute.DEACTIVATION_TIME_DELAY, delay),)

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
        acl = tuple(entry for policy in self._ring.policies for entry in policy.acl)
        payloads = (Payload(PRIVATE_ACL_PAYLOAD, pack_acl(acl)),) if private else ()
        return GroupSa(
            kek,
            gap,
            tuple(sa for tek in teks for sa in sa_teks(tek, now)),
            payloads,
        )

    def _push(
        self,
        teks: list[Tek],
        now: float,
        *,
        new_kek: bool = False,
        deletes: list[Delete] | None = None,
        gap: tuple[Attribute, ...] | None = None,
        replace: bool = False,
    ) -> None:
        kek, key = self.kek, self.config.signing_key
        if kek is None or key is None or not self._can_push():
            return
        kek.sequence += 1
        source = next(iter(self.members.values())).local
        successor = self._ring.fresh_kek(self.config, now) if new_kek else None
        packets = ([kek_packet(successor)] if successor else []) + [tek_packet(tek) for tek in teks]
        messages = {}
        for private in {member.version is not None for member in self.members.values()}:
            # One message serves all members, so the destination of the rekey SA cannot name one of them.
            payload = sa_kek(successor, self.config.kek, source, source, now, private) if successor else None
            sa = self._group_sa(teks, now, payload, private, gap) if packets else None
            keys = KeyDownload(tuple(packets)) if packets else None
            messages[private] = push.build(kek, key, kek.sequence, deletes or [], sa, keys)
        self._start_round(kek, messages, now)
        self.rekeys_sent += 1
        self._events.append(RekeySent(self.config.group, source.address, kek.sequence, replace))
        if successor is not None:
            self._ring.old_keks.append(kek)
            self._ring.kek = successor
            self._announce([successor])

    def _start_round(self, kek: Kek, messages: dict[bool, bytes], now: float) -> None:
        if self.last_round is not None and self._round_open():
            self._close_round(self.last_round, now)
        self.last_round_duration = 0.0
        answering = {address for address, member in self.members.items() if self._acknowledges(member)}
        policy = self.config.kek
        self.last_round = RekeyRound(
            messages,
            kek.sequence,
            kek.spi,
            now,
            policy.retransmit_attempts,
            now + policy.retransmit_interval,
            answering,
            set(self.members) - answering,
        )
        for member in self.members.values():
            member.rekeys_sent += 1
            member.sent.appendleft(kek.sequence)
            self._send(self.last_round, member)

    def _acknowledges(self, member: Member) -> bool:
        """A foreign member is only expected to acknowledge once it has shown that it does (RFC 8263 section 3)."""
        return member.version is not None or member.acks_received > 0

    def _round_open(self) -> bool:
        assert self.last_round is not None
        return bool(self.last_round.pending) or (bool(self.last_round.silent) and self.last_round.attempts_left > 0)

    def _continue_round(self, current: RekeyRound, now: float) -> None:
        if current.attempts_left == 0:
            self._close_round(current, now)
            return
        self.last_round_duration = now - current.started_at
        current.attempts_left -= 1
        current.next_at = now + self.config.kek.retransmit_interval
        current.retransmits += 1
        for address in sorted(current.pending | current.silent):
            if member := self.members.get(address):
                member.retries += 1
                self._send(current, member)

    def _send(self, current: RekeyRound, member: Member) -> None:
        message = current.messages.get(member.version is not None)
        if message is not None:
            self._datagrams.append(Datagram(message, member.local, member.remote))

    def _close_round(self, current: RekeyRound, now: float) -> None:
        self.last_round_duration = now - current.started_at
        if self.last_round_duration < self.config.kek.retransmit_interval:
            # Another rekey came before anybody can be said to have missed this one.
            current.pending = set()
        for address in sorted(current.pending):
            member = self.members.get(address)
            if member is None:
                continue
            member.acks_missed += 1
            member.missed_in_a_row += 1
            if member.missed_in_a_row >= EJECT_AFTER:
                del self.members[address]
                self._events.append(MemberEjected(self.config.group, address))
        current.pending = set()
        current.silent = set()

    def _acknowledged(self, kek: Kek, sequence: int, address: IPv4Address) -> None:
        member = self.members.get(address)
        current = self.last_round
        if member is None or current is None or (current.spi, current.sequence) != (kek.spi, sequence):
            self._events.append(UnsolicitedAcknowledgement(self.config.group, address))
            return
        if address in current.pending or address in current.silent:
            current.pending.discard(address)
            current.silent.discard(address)
            member.acks_received += 1
            member.missed_in_a_row = 0
            member.received.appendleft(sequence)


def _sid_packet(sids: range, bits: int) -> KeyPacket:
    size = 4 if bits > 16 else 2
    attributes = [Attribute(SidKey.NUMBER_OF_SID_BITS, bits)]
    attributes += [Attribute(SidKey.SID_VALUE, sid.to_bytes(size, "big")) for sid in sids]
    return KeyPacket(KeyType.SID, b"", tuple(attributes))


def _due(time: float | None, now: float) -> bool:
    return time is not None and time <= now
