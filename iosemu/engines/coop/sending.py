"""What a key server among its peers knows, and how it tells them."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Event
from iosemu.engines.coop import checks, events
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.election import Election, Primaries
from iosemu.engines.coop.holder import KeyHolder
from iosemu.engines.coop.key_sync import KeySync
from iosemu.engines.coop.members import MemberDatabase
from iosemu.engines.coop.outbox import Outbox
from iosemu.engines.coop.peers import Contact, Peer, Rank, Status
from iosemu.engines.gdoi.sender_ids import server_bits
from iosemu.wire.coop import CoopFlag, CoopRole, Kind, PrimaryReport
from iosemu.wire.coop_ids import HandedNumbers, ServerIds

# Changes of the table of members are told together (seconds).
SYNC_DELAY = 2.0
# Pushes wait this long for peers to have the keys that they bring (seconds).
HOLD_TIME = 2.0
HOLD_RESEND = 0.7
# Questions that a primary puts to a silent peer before it counts as lost.
QUESTIONS = 3
# A phase 1 negotiation has ended by then, one way or the other (seconds).
CONTACT_TIME = 75.0
CONTACT_PAUSE = 60.0
YIELD = 3.0
ASK = CoopFlag.REPLY_REQUESTED


class Sending:
    """The state of one group, and all that goes out. What it needs of keys and members it asks of `holder`."""

    def __init__(self, config: CoopConfig, holder: KeyHolder, random: RandomBytes) -> None:
        self.config = config
        self.role = CoopRole.UNKNOWN
        self.peers = {address: Peer(address) for address in config.peers}
        self.primary: PrimaryReport | None = None
        self.previous: IPv4Address | None = None
        self.retries = 0
        self.invalid_times = 0
        self.incarnation = int.from_bytes(random(8), "big")
        self.database = MemberDatabase(config.local)
        self.keys = KeySync(config.local, holder)
        self.beat = 0
        self.diverged = False
        self._holder = holder
        self._primaries = Primaries()
        self._election: Election | None = None
        self._outbox = Outbox(self)
        self._checks = checks.Checks()
        self._due_at: float | None = None
        self._sync_at: float | None = None
        self._contact_at: float | None = None
        self._yields: dict[IPv4Address, float] = {}
        self._hold_until: float | None = None
        self._hold_resend_at: float | None = None
        self._unconfirmed: set[IPv4Address] = set()
        self._farewell = False
        self._elected_at = -1e9
        self._events: list[Event] = []

    @property
    def rank(self) -> Rank:
        """What decides an election."""
        return self.config.priority, self.config.local

    def pseudotime(self, now: float) -> float | None:
        """The group's time in seconds; None while nothing is checked by time."""
        return self._holder.pseudotime(now)

    def server_ids(self) -> ServerIds | None:
        """This key server's share of the sender IDs."""
        return self._holder.server_ids()

    def used_by(self, peer: IPv4Address) -> tuple[int, ...]:
        """What a peer has used of its share."""
        return self._holder.used_by(peer)

    def handed_to(self, peer: Peer) -> HandedNumbers | None:
        """The numbers that a peer has, or gets now, from this key server. One that has other keys has to leave them
        first, or it could not tell what it has had; and numbers of another length are not the same ones."""
        series = self._holder.series
        if not series or peer.series not in (0, series):
            return None
        stay, theirs, ours = peer.stay, peer.server_ids, self._holder.server_ids()
        if stay is None or theirs is None or ours is None:
            return None
        if server_bits(theirs.used_bits) != server_bits(ours.used_bits):
            return None
        numbers = self._holder.hand_numbers(peer.address, stay)
        return HandedNumbers(*stay, series, numbers) if numbers else None

    def events_for(self, *found: Event) -> None:
        """Report events."""
        self._events += found

    def poll(self, now: float) -> None:
        """Keys may have changed: tell the peers before members hear of it."""
        if self.role is not CoopRole.PRIMARY or not self.keys.changed(now):
            return
        self._unconfirmed = {
            peer.address
            for peer in self.peers.values()
            if peer.contact is Contact.ESTABLISHED and peer.status is Status.ALIVE
        }
        self._announce(now, ASK)
        if self._unconfirmed:
            self._hold_until, self._hold_resend_at = now + HOLD_TIME, now + HOLD_RESEND

    def _send(self, peer: Peer, now: float, flags: CoopFlag, kind: Kind = Kind.ANNOUNCEMENT) -> None:
        if peer.contact is Contact.ESTABLISHED:
            if CoopFlag.REPLY_REQUESTED in flags:
                peer.unanswered += 1
            if self.diverged:
                flags |= CoopFlag.UNITE_KEYS
            self._outbox.send(peer, flags, kind, now)
        elif peer.contact is not Contact.IN_PROGRESS or now >= peer.wanted_at + CONTACT_TIME:
            peer.contact, peer.wanted_at = Contact.IN_PROGRESS, now
            # Two negotiations that cross may leave each side with another SA: the higher address lets the other begin.
            self._yields[peer.address] = now if self.config.local < peer.address else now + YIELD
            self._begin_contacts(now)

    def _begin_contacts(self, now: float) -> None:
        """Ask for the phase 1 SAs whose time has come, unless the peer was faster."""
        for address in [address for address, due in self._yields.items() if due <= now]:
            del self._yields[address]
            peer = self.peers.get(address)
            if peer is not None and peer.contact is Contact.IN_PROGRESS:
                self.events_for(events.ContactNeeded(self.config.name, address))

    def _refresh(self, now: float) -> None:
        """The primary's announcement to all."""
        self._due_at = now + self.config.timers.refresh
        self.database.forget_old(now)
        silent_since = now - 3 * self.config.timers.refresh
        for peer in self.peers.values():
            if peer.unanswered >= QUESTIONS and (peer.heard_at or 0.0) < silent_since:
                self._lost(peer)
        self._announce(now, CoopFlag.NONE)

    def _announce(self, now: float, flags: CoopFlag) -> None:
        self.beat += 1
        silent_since = now - 3 * self.config.timers.refresh
        for peer in self.peers.values():
            wants = peer.acknowledged < self.database.version or (peer.heard_at or 0.0) < silent_since
            self._send(peer, now, flags | ASK if wants or peer.status is Status.UNKNOWN else flags)

    def _ask_all(self, now: float) -> None:
        for peer in self.peers.values():
            self._send(peer, now, ASK)

    def _sync_soon(self, now: float) -> None:
        if self._sync_at is None:
            self._sync_at = now + SYNC_DELAY

    def _sync(self, now: float) -> None:
        """Tell of changed members, a secondary its primary, or everybody when that is out of reach."""
        self._sync_at = None
        behind = [peer for peer in self.peers.values() if peer.acknowledged < self.database.version]
        if self.role is CoopRole.SECONDARY and self.primary is not None:
            direct = self.peers.get(self.primary.address)
            if direct is not None and direct.contact is Contact.ESTABLISHED and direct.status is Status.ALIVE:
                behind = [peer for peer in behind if peer is direct]
        if not behind:
            return
        for peer in behind:
            self._send(peer, now, ASK)
        self._sync_at = now + self.config.timers.retry

    def _seek_contact(self, now: float) -> None:
        """Try again to have a phase 1 SA with those who were out of reach."""
        self._contact_at = now + CONTACT_PAUSE if self.peers else None
        for peer in self.peers.values():
            if peer.contact is not Contact.ESTABLISHED:
                self._send(peer, now, ASK)

    def _lost(self, peer: Peer) -> None:
        if peer.status is Status.DEAD:
            return
        peer.status = Status.DEAD
        self._unconfirmed.discard(peer.address)
        self.events_for(events.PeerUnreachable(self.config.name, peer.address, peer.contact.value))
        if peer.contact is Contact.ESTABLISHED:
            # It may have forgotten the SA under which we ask it: the next message asks for a new one.
            peer.contact = Contact.NONE

    def _release(self) -> None:
        self._unconfirmed = set()
        self._hold_until = self._hold_resend_at = None
