"""A group member: registration, rekeys and the keys in use (RFC 6407 sections 3.3 and 4.4)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.acl import AclEntry
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.download import Download, read_download, understood
from iosemu.engines.gdoi.events import (
    DirectionChanged,
    KekUpdated,
    KeyInstalled,
    MemberLeft,
    Phase1Needed,
    PolicyChanged,
    PolicyRejected,
    PseudotimeAdjusted,
    PullRefused,
    RegistrationComplete,
    RegistrationExpiring,
    RegistrationStarted,
    RekeyOutOfSequence,
    RekeyReceived,
    RekeyRefused,
    RekeyTooOld,
    SentAway,
    ServerSilent,
    TekUpdated,
    TransportChanged,
)
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.pull_client import PolicyRefusedError, PullClient
from iosemu.engines.gdoi.recovery import RecoveryCheck
from iosemu.engines.gdoi.rekey_schedule import REGISTRATION_MARGIN, registration_margin
from iosemu.engines.gdoi.replay import MemberTime
from iosemu.engines.gdoi.states import MemberState, Step, advance, registering
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import GDOI_PORT, TekProtocol
from iosemu.wire.isakmp import Delete, Header

# However little is left of the keys, registrations keep this distance (seconds).
REGISTRATION_INTERVAL = 10.0
# Members that the key server sent away come back spread over this time (seconds).
RETURN_SPREAD = 15.0


class GroupMember:
    """One group at one crypto map. The counters are what `show crypto gdoi` prints."""

    def __init__(self, config: MemberConfig, random: RandomBytes) -> None:
        self.config = config
        self.state = MemberState.IDLE
        self.kek: Kek | None = None
        self.teks: list[Tek] = []
        self.acl: tuple[AclEntry, ...] = ()
        self.sid_bits = 0
        self.sids: tuple[int, ...] = ()
        self.server_index = 0
        self.registered_with: IPv4Address | None = None
        self.registers_again_at: float | None = None
        self.attempts = 0
        self.successes = 0
        self.rekeys_received = 0
        self.rekeys_since_registration = 0
        self.acks_sent = 0
        self.last_rekey_from: IPv4Address | None = None
        self.last_rekey_sequence = 0
        self.last_rekey_at: float | None = None
        self.old_kek: Kek | None = None
        self.time = MemberTime()
        self.recovery = RecoveryCheck(config.recovery_interval)
        # What an administrator asked for; it outranks configuration and key server.
        self.direction_override: SaDirection | None = None
        self._random = random
        self._has_private_acl = False
        self._pull: PullClient | None = None
        self._resend_at: float | None = None
        self._resent = 0
        self._last_push: tuple[bytes, bytes] | None = None
        self._datagrams: list[Datagram] = []
        self._events: list[Event] = []

    @property
    def server(self) -> IPv4Address:
        """The key server that is used or tried."""
        return self.config.servers[self.server_index % len(self.config.servers)]

    @property
    def local(self) -> Endpoint:
        """This member's end."""
        return Endpoint(self.config.local, GDOI_PORT, self.config.vrf)

    @property
    def multicast(self) -> IPv4Address | None:
        """The group address that rekeys come to, None with unicast."""
        address = self.kek.destination if self.kek is not None else None
        return address if address is not None and address.is_multicast else None

    @property
    def direction(self) -> SaDirection:
        """In which directions the data SAs are used."""
        if self.direction_override is not None:
            return self.direction_override
        if self.config.passive:
            return SaDirection.INBOUND_OPTIONAL
        return SaDirection.INBOUND_ONLY if self.receive_only else SaDirection.BOTH

    @property
    def receive_only(self) -> bool:
        """Whether the key server asks for receive-only SAs: what came last decides."""
        return bool(self.teks) and self.teks[-1].receive_only

    # What the owner drives

    def start(self, now: float) -> None:
        """Register, beginning with the first server."""
        if self.config.servers and not registering(self.state):
            self._begin(now)

    def reconfigure(self, config: MemberConfig, now: float) -> None:
        """Take settings that leave keys and registration as they are."""
        self.config = config
        self.recovery.interval = config.recovery_interval
        self._events.append(PolicyChanged(config.group))

    def leave(self, now: float) -> None:
        """Forget the group; the key server is not told."""
        self._forget()
        self._events.append(MemberLeft(self.config.group))
        self._set(Step.LEAVE)

    def clear(self, now: float) -> None:
        """Delete what was downloaded and register again."""
        self._forget()
        self._set(Step.LEAVE)
        self.start(now)

    def data_error(self, now: float) -> None:
        """The data plane met an unknown SPI or a failed replay check."""
        if self.state is MemberState.REGISTERED:
            self.recovery.report(now)

    def phase1_ready(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA with the server is up: pull."""
        if self.state is not MemberState.PHASE1 or sa.remote.address != self.server:
            return
        self._set(Step.PHASE1_READY)
        self._pull = PullClient(sa, self.config, self._random)
        self._send_pull(now, first=True)

    def phase1_failed(self, remote: Endpoint, now: float) -> None:
        """No phase 1 SA could be made: next server."""
        if self.state is MemberState.PHASE1 and remote.address == self.server:
            self._next_server(now)

    def refused(self, now: float) -> None:
        """The server turned the registration down (an authentic notification): next server."""
        if self.state is MemberState.PULL:
            self._next_server(now)

    def serves(self, sa: IsakmpSa, message_id: int) -> bool:
        """Whether a message of exchange 32 belongs to this member's registration."""
        return self._pull is not None and (self._pull.sa, self._pull.message_id) == (sa, message_id)

    def receive_pull(self, header: Header, data: bytes, now: float) -> None:
        """Take a message for which `serves` is true."""
        assert self._pull is not None
        try:
            download = self._pull.receive(header, data, now)
        except WireError as error:
            self._events.append(PullRefused(self.config.group, self._pull.sa.remote, self.local, str(error)))
            return
        except PolicyRefusedError as error:
            self._events.append(PolicyRejected(self.config.group, self.server, self.config.local, str(error)))
            self._next_server(now)
            return
        if download is None:
            self._send_pull(now, first=True)
        else:
            self._registered(download, now)

    def owns(self, spi: bytes) -> bool:
        """Whether a cookie pair names one of this member's rekey SAs."""
        return any(kek is not None and kek.spi == spi for kek in (self.kek, self.old_kek))

    def receive_push(self, header: Header, datagram: Datagram, now: float) -> None:
        """Take a GROUPKEY-PUSH whose cookies are ours. Cheap checks come first."""
        kek = self.kek if self.kek is not None and self.kek.spi == header.cookies else self.old_kek
        assert kek is not None
        if self._last_push == (kek.spi, datagram.data):
            # A retransmission: the acknowledgement was lost.
            self._acknowledge(kek, kek.sequence, datagram)
            return
        try:
            contents = push.open_push(kek, header, datagram.data, self.config.profile)
            if contents.sequence <= kek.sequence:
                self._events.append(RekeyOutOfSequence(self.config.group, contents.sequence, kek.sequence))
                return
            if not push.signature_is_good(kek, contents):
                raise WireError("signature is wrong")
            download = None
            if contents.sa and contents.keys:
                download = read_download(contents.sa, contents.keys, now, self.config.restrictions)
        except (WireError, CryptoError) as error:
            address = datagram.source.address
            self._events.append(RekeyRefused(self.config.group, address, self.config.local, str(error)))
            return
        if download is not None and self._too_old(download, now):
            return
        kek.sequence = contents.sequence
        self._last_push = (kek.spi, datagram.data)
        self._count_rekey(datagram, contents.sequence, now)
        deletes, download = understood(self.config.version, contents.deletes, download)
        self._apply(deletes, download, now)
        self._acknowledge(kek, contents.sequence, datagram)

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
        ends = [key.expires_at for key in (self.kek, self.old_kek, *self.teks) if key is not None]
        return earliest(self._resend_at, self.registers_again_at, self.recovery.due_at, *ends)

    def handle_timer(self, now: float) -> None:
        """Expire keys, retransmit, try again."""
        self._expire(now)
        due = self.registers_again_at is not None and self.registers_again_at <= now
        if self.recovery.take(now) or due:
            self.registers_again_at = None
            self._events.append(RegistrationExpiring(self.config.group))
            self.start(now)
        if self._resend_at is not None and self._resend_at <= now:
            self._resend_at = None
            if self.state is MemberState.WAITING:
                self._begin(now)
            elif self.state is MemberState.PULL:
                self._resend(now)

    # The inside

    def _set(self, step: Step) -> None:
        self.state = advance(self.state, step)

    def _begin(self, now: float) -> None:
        self.server_index = 0
        self._set(Step.START)
        self._try_server()

    def _try_server(self) -> None:
        self.attempts += 1
        again = self.successes > 0
        self._events.append(RegistrationStarted(self.config.group, self.server, self.config.local, again))
        remote = Endpoint(self.server, GDOI_PORT, self.config.vrf)
        self._events.append(Phase1Needed(self.config.group, self.local, remote))

    def _next_server(self, now: float) -> None:
        self._pull = None
        self._resend_at = None
        if self.server_index + 1 < len(self.config.servers):
            self._set(Step.FAILED)
            self.server_index += 1
            self._try_server()
            return
        self._set(Step.PAUSE)
        jitter = self._fraction()
        self._resend_at = now + self.config.retry_pause * (0.5 + jitter)

    def _send_pull(self, now: float, first: bool) -> None:
        assert self._pull is not None
        if first:
            self._resent = 0
        self._resend_at = now + self.config.retransmit_interval
        self._datagrams.append(Datagram(self._pull.sent, self._pull.sa.local, self._pull.sa.remote))

    def _resend(self, now: float) -> None:
        if self._resent >= self.config.retransmit_attempts:
            assert self._pull is not None
            self._events.append(ServerSilent(self.config.group, self._pull.sa))
            self._next_server(now)
            return
        self._resent += 1
        self._send_pull(now, first=False)

    def _registered(self, download: Download, now: float) -> None:
        assert self._pull is not None
        if download.kek is not None:
            same = self.kek is not None and self.kek.spi == download.kek.spi
            known = self.kek.sequence if self.kek is not None and same else 0
            # RFC 6407 section 5.7: a lower number than that of a KEK in use would let old pushes in again.
            download.kek.sequence = max(self._pull.sequence, known)
        self._pull = None
        self._resend_at = None
        self._set(Step.DOWNLOADED)
        self.successes += 1
        self.rekeys_since_registration = 0
        self.registered_with = self.server
        self.old_kek, self.kek = None, None
        renewed = {tek.spi for tek in download.teks}
        self.teks = [tek for tek in self.teks if tek.spi not in renewed]
        self.recovery.healed()
        self._has_private_acl = download.has_acl
        self.sid_bits, self.sids = download.sid_bits, download.sids
        self._install(download, download.teks, now, registered=True)
        self._events.append(RegistrationComplete(self.config.group, self.server, self.config.local))

    def _apply(self, deletes: tuple[Delete, ...], download: Download | None, now: float) -> None:
        for delete in deletes:
            if delete.protocol == TekProtocol.ESP:
                everything = bytes(4) in delete.spis
                self.teks = [tek for tek in self.teks if not everything and tek.spi not in delete.spis]
        if download is not None:
            if download.deactivation is not None:
                for tek in self.teks:
                    tek.expires_at = min(tek.expires_at, now + download.deactivation)
            known = {tek.spi for tek in self.teks}
            self._has_private_acl |= download.has_acl
            self._install(download, tuple(tek for tek in download.teks if tek.spi not in known), now)
        elif deletes:
            self._events.append(PolicyChanged(self.config.group))
        if self._kek_deleted(deletes) or not self.teks:
            self._sent_away(now)

    def _kek_deleted(self, deletes: tuple[Delete, ...]) -> bool:
        """Whether the KEK in use is named; an SPI of zeros stands for all of them (RFC 6407 section 5.9)."""
        spis = {spi for delete in deletes if delete.protocol == TekProtocol.KEK for spi in delete.spis}
        if self.old_kek is not None and self.old_kek.spi in spis:
            self.old_kek = None
        return bool(spis) and (not all(map(any, spis)) or (self.kek is not None and self.kek.spi in spis))

    def _sent_away(self, now: float) -> None:
        """The rekey SA, or all TEKs, were deleted: come back before the keys that are left end, not all at once."""
        self.kek = self.old_kek = None
        spread = RETURN_SPREAD
        if self.teks:
            left = min(tek.expires_at for tek in self.teks) - now
            spread = max(0.0, left - REGISTRATION_MARGIN)
        self.registers_again_at = now + spread * self._fraction()
        server = self.last_rekey_from or self.server
        self._events.append(SentAway(self.config.group, server, not self.teks, self.registers_again_at - now))

    def _too_old(self, download: Download, now: float) -> bool:
        """Refuse a push that was recorded long ago, whatever its number."""
        replay = download.replay
        if self.time.clock is None or replay.pseudotime is None or self.time.lateness(replay, now) is None:
            return False
        mine = self.time.clock.value(now)
        allowed = float(replay.span + replay.window)
        self._events.append(RekeyTooOld(self.config.group, mine, replay.pseudotime, allowed))
        return True

    def _install(self, download: Download, fresh: tuple[Tek, ...], now: float, registered: bool = False) -> None:
        before = self.time.follow(download.replay, now, registered)
        if before is not None and download.replay.pseudotime is not None:
            self._events.append(PseudotimeAdjusted(self.config.group, before, download.replay.pseudotime))
        if download.kek is not None:
            if self.kek is not None:
                # Retransmissions of the push that brought the new one must still be acknowledged.
                self.old_kek = self.kek
                download.kek.public_key = download.kek.public_key or self.kek.public_key
            was_multicast = self.multicast is not None
            self.kek = download.kek
            if self.old_kek is not None and was_multicast != (self.multicast is not None):
                self._events.append(TransportChanged(self.config.group, self.multicast is not None))
            self._events.append(KekUpdated(self.config.group))
            self._events.append(KeyInstalled(self.config.group, download.kek.key_record()))
        if fresh:
            was = self.receive_only
            had = bool(self.teks)
            self.teks += fresh
            if self.receive_only != was or (self.receive_only and not had):
                server = self.registered_with or self.server
                self._events.append(DirectionChanged(self.config.group, server, self.receive_only))
            self._events.append(TekUpdated(self.config.group))
            self._events.extend(KeyInstalled(self.config.group, tek.key_record()) for tek in fresh)
        if download.has_acl:
            self.acl = download.acl
        elif not self._has_private_acl:
            self.acl = tuple(dict.fromkeys(entry for tek in self.teks for entry in tek.entries))
        self._events.append(PolicyChanged(self.config.group))
        self._plan_registration(now)

    def _plan_registration(self, now: float) -> None:
        """Register again a while before traffic would be left without TEK, or the KEK ends, unless a rekey comes."""
        last: list[Kek | Tek] = [self.kek] if self.kek is not None else []
        for entry in self.acl:
            serving = [tek for tek in self.teks if entry in tek.entries] if entry.permit else []
            last += [max(serving, key=lambda tek: tek.expires_at)] if serving else []
        jitter = self._fraction()
        deadline = min((key.expires_at - registration_margin(key.lifetime, jitter) for key in last), default=None)
        self.registers_again_at = None if deadline is None else max(deadline, now + REGISTRATION_INTERVAL)
        if not self.sids and any(tek.transform.counter_mode for tek in self.teks):
            # A rekey brings no sender IDs, and without one nothing may be sent (RFC 6407 section 3.5).
            self.registers_again_at = now + RETURN_SPREAD * jitter

    def _count_rekey(self, datagram: Datagram, sequence: int, now: float) -> None:
        self.rekeys_received += 1
        self.rekeys_since_registration += 1
        self.last_rekey_from = datagram.source.address
        self.last_rekey_sequence = sequence
        self.last_rekey_at = now
        to = datagram.destination.address
        to = to if to.is_multicast else self.config.local
        self._events.append(RekeyReceived(self.config.group, datagram.source.address, to, sequence))

    def _acknowledge(self, kek: Kek, sequence: int, datagram: Datagram) -> None:
        if kek.acknowledged:
            self.acks_sent += 1
            message = acknowledgement.build(kek, sequence, self.config.local)
            self._datagrams.append(Datagram(message, datagram.destination, datagram.source))

    def _expire(self, now: float) -> None:
        if self.old_kek is not None and self.old_kek.expires_at <= now:
            self.old_kek = None
        if self.kek is not None and self.kek.expires_at <= now:
            self.kek = None
        alive = [tek for tek in self.teks if tek.expires_at > now]
        if len(alive) != len(self.teks):
            self.teks = alive
            self._events.append(PolicyChanged(self.config.group))

    def _forget(self) -> None:
        self.kek = self.old_kek = None
        self.teks, self.acl, self.sids = [], (), ()
        self.registered_with = None
        self.registers_again_at = self._resend_at = None
        self._pull = None
        self.recovery.healed()
        self.time = MemberTime()
        self._events.append(PolicyChanged(self.config.group))

    def _fraction(self) -> float:
        return int.from_bytes(self._random(4), "big") / 2**32
