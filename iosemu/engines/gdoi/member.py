"""A group member: registration, rekeys and the keys in use (RFC 6407 sections 3.3 and 4.4)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes, fraction
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Datagram, Event, earliest
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.download import Download
from iosemu.engines.gdoi.held_keys import HeldKeys
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.member_events import (
    MemberLeft,
    PolicyChanged,
    RegistrationComplete,
    RegistrationExpiring,
    RekeyMissed,
    SentAway,
)
from iosemu.engines.gdoi.output import Output
from iosemu.engines.gdoi.recovery import RecoveryCheck
from iosemu.engines.gdoi.registration import Registration
from iosemu.engines.gdoi.rekey_inbox import Rekey, RekeyInbox
from iosemu.engines.gdoi.rekey_schedule import REGISTRATION_MARGIN
from iosemu.engines.gdoi.states import MemberState, Step, registering
from iosemu.wire.isakmp import Header

# However little is left of the keys, registrations keep this distance (seconds).
REGISTRATION_INTERVAL = 10.0
# Members that the key server sent away come back spread over this time (seconds).
RETURN_SPREAD = 15.0


class GroupMember:
    """One group at one crypto map: `registration` gets keys, `rekeys` takes pushes in, `held` is what they bring."""

    def __init__(self, config: MemberConfig, random: RandomBytes) -> None:
        self.config = config
        self.held = HeldKeys(config.group)
        self._output = Output()
        self.registration = Registration(config, self._output, random)
        self.rekeys = RekeyInbox(config, self.held, self._output)
        self.recovery = RecoveryCheck(config.recovery_interval)
        self.registers_again_at: float | None = None
        # What an administrator asked for; it outranks configuration and key server.
        self.direction_override: SaDirection | None = None
        self._random = random
        self._awaits_rekey = False

    @property
    def state(self) -> MemberState:
        """Where the member stands."""
        return self.registration.state

    @property
    def kek(self) -> Kek | None:
        """The rekey SA in use."""
        return self.held.kek

    @property
    def teks(self) -> list[Tek]:
        """The data SAs, oldest first."""
        return self.held.teks

    @property
    def acl(self) -> tuple[AclEntry, ...]:
        """The key server's access list."""
        return self.held.acl

    @property
    def direction(self) -> SaDirection:
        """In which directions the data SAs are used."""
        if self.direction_override is not None:
            return self.direction_override
        if self.config.passive:
            return SaDirection.INBOUND_OPTIONAL
        return SaDirection.INBOUND_ONLY if self.held.receive_only else SaDirection.BOTH

    @property
    def rekey_address(self) -> IPv4Address:
        """Where rekeys come to: the group address with multicast, else this member's own."""
        return self.held.multicast or self.config.local

    # What the owner drives

    def start(self, now: float) -> None:
        """Register, beginning with the first server."""
        if self.config.servers and not registering(self.state):
            self.registration.begin()

    def reconfigure(self, config: MemberConfig, now: float) -> None:
        """Take settings that leave keys and registration as they are."""
        self.config = self.registration.config = self.rekeys.config = config
        self.recovery.interval = config.recovery_interval
        self._output.events.append(PolicyChanged(config.group))

    def leave(self, now: float) -> None:
        """Forget the group; the key server is not told."""
        self._forget()
        self._output.events.append(MemberLeft(self.config.group))
        self.registration.step(Step.LEAVE)

    def clear(self, now: float) -> None:
        """Delete what was downloaded and register again."""
        self._forget()
        self.registration.step(Step.LEAVE)
        self.start(now)

    def data_error(self, now: float) -> None:
        """The data plane met an unknown SPI or a failed replay check."""
        if self.state is MemberState.REGISTERED:
            self.recovery.report(now)

    def receive_pull(self, header: Header, data: bytes, now: float) -> None:
        """Take a message that belongs to the registration under way."""
        download = self.registration.receive_pull(header, data, now)
        if download is not None:
            self._registered(download, now)

    def owns(self, spi: bytes) -> bool:
        """Whether a cookie pair names one of this member's rekey SAs."""
        return any(kek.spi == spi for kek in self.held.keks)

    def receive_push(self, header: Header, datagram: Datagram, now: float) -> None:
        """Take a GROUPKEY-PUSH whose cookies are ours."""
        rekey = self.rekeys.receive(header, datagram, now)
        if rekey is not None:
            self._apply(rekey, now)
            self.rekeys.acknowledge(rekey.kek, rekey.sequence, datagram)

    # Time

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        return self._output.take_datagrams()

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        return self._output.take_events()

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(
            self.registration.resend_at, self.registers_again_at, self.recovery.due_at, *self.held.expiries()
        )

    def handle_timer(self, now: float) -> None:
        """Expire keys, retransmit, try again."""
        if self.held.expire(now):
            self._output.events.append(PolicyChanged(self.config.group))
        due = self.registers_again_at is not None and self.registers_again_at <= now
        if self.recovery.take(now) or due:
            self.registers_again_at = None
            if due and self._awaits_rekey:
                server = self.registration.registered_with or self.registration.server
                self._output.events.append(RekeyMissed(self.config.group, server))
            self._output.events.append(RegistrationExpiring(self.config.group))
            self.start(now)
        self.registration.handle_timer(now)

    # The inside

    def _registered(self, download: Download, now: float) -> None:
        self.rekeys.since_registration = 0
        server = self.registration.server
        self._output.events += self.held.register(download, server, now, self.recovery.under_way)
        self.recovery.healed()
        self._plan_registration(now)
        self._output.events.append(RegistrationComplete(self.config.group, server, self.config.local))

    def _apply(self, rekey: Rekey, now: float) -> None:
        self.held.delete_teks(rekey.deletes)
        if rekey.download is not None:
            server = self.registration.registered_with or self.registration.server
            self._output.events += self.held.add(rekey.download, server, now)
            self._plan_registration(now)
        elif rekey.deletes:
            self._output.events.append(PolicyChanged(self.config.group))
        if self.held.kek_deleted(rekey.deletes) or not self.teks:
            self._sent_away(now, rekey.download is not None and rekey.download.authenticate)

    def _sent_away(self, now: float, authenticate: bool) -> None:
        """The rekey SA, or all TEKs, were deleted: come back before the keys that are left end, not all at once."""
        self.held.drop_keks()
        spread = RETURN_SPREAD
        if self.teks:
            left = min(tek.expires_at for tek in self.teks) - now
            spread = max(0.0, left - REGISTRATION_MARGIN)
        pause = spread * fraction(self._random)
        self.registers_again_at = now + pause
        self._awaits_rekey = False
        server = self.rekeys.last_from or self.registration.server
        self._output.events.append(SentAway(self.config.group, server, not self.teks, pause, authenticate))

    def _plan_registration(self, now: float) -> None:
        """Register again before keys end, unless a rekey comes."""
        jitter = fraction(self._random)
        deadline = self.held.deadline(jitter)
        self.registers_again_at = None if deadline is None else max(deadline, now + REGISTRATION_INTERVAL)
        # A key server that gave no KEK sends none.
        self._awaits_rekey = self.kek is not None and not self.held.lacks_sender_ids
        if self.held.lacks_sender_ids:
            self.registers_again_at = now + RETURN_SPREAD * jitter

    def _forget(self) -> None:
        self.held.forget()
        self.registration.forget()
        self.registers_again_at = None
        self.recovery.healed()
        self._output.events.append(PolicyChanged(self.config.group))
