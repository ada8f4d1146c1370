"""One key server among its peers: discovery, announcements, election, failover, split and merge.

Messages go in and come out as they are, without I/O and protection (see `channel`); `now` is the owner's clock.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.common import Event, earliest
from iosemu.engines.coop import checks, events
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.intake import Intake
from iosemu.engines.coop.peers import Contact, Counters, Peer, Status
from iosemu.engines.coop.sending import ASK, HOLD_RESEND
from iosemu.engines.coop.states import Step
from iosemu.wire.coop import CoopFlag, CoopMessage, CoopRole

# Who was heard more recently is not dead (seconds).
SILENCE = 10.0


class CoopServer(Intake):
    """A group on one of its key servers, as its owner drives it."""

    @property
    def blocked(self) -> bool:
        """Whether no member may register: nobody knows yet which keys are in force."""
        return self.role is CoopRole.UNKNOWN

    @property
    def holds_pushes(self) -> bool:
        """Whether pushes that the key holder has made must wait until peers have their keys."""
        return bool(self._unconfirmed)

    @property
    def all_reachable(self) -> bool:
        """Whether every peer is there: only then may members be made to authenticate anew, lest two KEKs arise."""
        return all(peer.status is Status.ALIVE for peer in self.peers.values())

    @property
    def sequence(self) -> int:
        """The number of the last message sent."""
        return self._outbox.sequence

    @property
    def timer_at(self) -> float | None:
        """When the primary announces next, or the secondary asks for its primary."""
        return self._due_at

    def start(self, now: float) -> None:
        """Look for a primary; new members have to wait."""
        self._enter(Step.START)
        self.events_for(*(events.PeerAdded(self.config.name, peer) for peer in self.peers))
        self._begin_election(self.config.timers.discovery, now)
        self._seek_contact(now)
        self._settle(now)

    def update_config(self, config: CoopConfig, now: float) -> None:
        """Take a changed configuration; a priority counts from the next election on."""
        before, self.config = self.config, config
        for address in before.peers:
            if address not in config.peers:
                del self.peers[address]
                self.events_for(events.PeerRemoved(config.name, address))
        for address in config.peers:
            if address not in self.peers:
                self.peers[address] = Peer(address)
                self.events_for(events.PeerAdded(config.name, address))
        self._seek_contact(now)
        self._checks = checks.Checks()
        self._settle(now)

    def clear_counters(self) -> None:
        """Begin to count anew."""
        self.invalid_times = 0
        for peer in self.peers.values():
            peer.counters = Counters()

    def contact_up(self, address: IPv4Address, now: float) -> None:
        """A phase 1 SA with a peer is there."""
        peer = self.peers.get(address)
        if peer is not None:
            peer.contact = Contact.ESTABLISHED
            self._send(peer, now, ASK)

    def contact_lost(self, address: IPv4Address, contact: Contact, dead: bool, now: float) -> None:
        """There is no phase 1 SA any more; `dead` when the peer does not answer."""
        peer = self.peers.get(address)
        if peer is None:
            return
        peer.contact = contact
        if not dead or (peer.heard_at is not None and now - peer.heard_at < SILENCE):
            # There may have been two SAs, of which one was forgotten by the other side.
            return
        self._lost(peer)
        if self.role is CoopRole.SECONDARY and self.primary is not None and self.primary.address == address:
            self._lose_primary(now)
        self._settle(now)

    def member_registered(self, address: IPv4Address, version: tuple[int, int, int] | None, now: float) -> None:
        """A member holds policy and keys of this key server."""
        self.database.registered(address, version or (0, 0, 0))
        self._sync_soon(now)

    def member_removed(self, address: IPv4Address, now: float) -> None:
        """The holder gave a member up."""
        self.database.removed(address, now)
        self._sync_soon(now)

    def members_cleared(self, now: float) -> None:
        """The holder forgot all members; a primary's keys are made anew."""
        self.database.clear(now)
        if self.role is CoopRole.PRIMARY:
            self._holder.lead(True, now)
        self._sync_soon(now)
        self.poll(now)

    def take_messages(self) -> list[tuple[Peer, CoopMessage]]:
        """What must go out now; the owner reports with `sent` or `too_large`."""
        return self._outbox.take()

    def sent(self, peer: Peer, message: CoopMessage, size: int) -> None:
        """A message went out as `size` octets."""
        asked = CoopFlag.REPLY_REQUESTED in message.flags
        peer.counters.sent_with_request += asked
        peer.counters.sent += not asked
        peer.counters.octets_sent += size
        self.events_for(events.AnnouncementSent(self.config.name, peer.address, message.kind.name, message.sequence))

    def too_large(self, peer: Peer, size: int) -> None:
        """A message did not go out because of its size."""
        peer.counters.sent_drops += 1
        self.events_for(events.AnnouncementTooLarge(self.config.name, peer.address, size))

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        election = self._election
        ends = (election.ends_at, election.resend_at) if election is not None else ()
        holding = self._hold_until, self._hold_resend_at
        return earliest(self._due_at, self._sync_at, self._contact_at, *holding, *ends, *self._yields.values())

    def handle_timer(self, now: float) -> None:
        """Announce, ask, elect, whatever is due."""
        if self._hold_until is not None and self._hold_until <= now:
            self._release()
        if self._hold_resend_at is not None and self._hold_resend_at <= now:
            self._hold_resend_at = now + HOLD_RESEND
            for address in sorted(self._unconfirmed):
                self._send(self.peers[address], now, ASK)
        if self._sync_at is not None and self._sync_at <= now:
            self._sync(now)
        self._begin_contacts(now)
        if self._contact_at is not None and self._contact_at <= now:
            self._seek_contact(now)
        if self._due_at is not None and self._due_at <= now:
            if self.role is CoopRole.PRIMARY:
                self._refresh(now)
            else:
                self._ask_primary(now)
        if self._election is not None:
            self._continue_election(self._election, now)
