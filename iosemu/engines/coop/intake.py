"""What a message brings: news of peers and members, of the primary, of time and keys."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.coop import checks, events
from iosemu.engines.coop.election import rank, report_of
from iosemu.engines.coop.peers import Contact, Peer, Status
from iosemu.engines.coop.roles import Roles
from iosemu.engines.coop.sending import ASK
from iosemu.engines.coop.states import Step
from iosemu.wire.coop import CoopFlag, CoopMessage, CoopRole, PrimaryReport
from iosemu.wire.coop_keys import KeySet
from iosemu.wire.errors import WireError


class Intake(Roles):
    """Takes the messages of peers."""

    def receive(self, source: IPv4Address, message: CoopMessage, size: int, now: float) -> None:
        """Take a message from the phase 1 peer `source`; whatever is wrong with it becomes an event."""
        peer = self.peers.get(source)
        if peer is None:
            if self._checks.is_new_stranger(source, now):
                self.events_for(events.PeerUnauthorized(self.config.name, source, self.config.local))
            return
        if message.sender != source or checks.is_out_of_range(message):
            self.refused(source, "its sender or a number in it is out of order")
            return
        if not peer.accepts(message):
            # Late or repeated: what came after it said more.
            peer.counters.received_drops += 1
            return
        mismatch = self._checks.version(self.config, peer, message)
        if mismatch is not None:
            self.events_for(mismatch)
            if mismatch.major:
                peer.counters.received_drops += 1
                return
        try:
            self._take(peer, message, size, now)
        except WireError as error:
            # Its keys ask for what this key server cannot do.
            self.refused(source, str(error))

    def refused(self, source: IPv4Address, reason: str) -> None:
        """A message could not be read."""
        if source in self.peers:
            self.peers[source].counters.received_drops += 1
        self.events_for(events.AnnouncementRefused(self.config.name, source, reason))

    def _take(self, peer: Peer, message: CoopMessage, size: int, now: float) -> None:
        asked, series = CoopFlag.REPLY_REQUESTED in message.flags, self._holder.series
        peer.counters.received_with_request += asked
        peer.counters.received += not asked
        peer.counters.octets_received += size
        if peer.incarnation not in (None, message.incarnation):
            self._primaries.ended(peer.incarnation)
        peer.heard(message, self.incarnation, self.database.version, now)
        peer.contact = Contact.ESTABLISHED
        self._take_server_ids(peer, message)
        if peer.status is Status.DEAD:
            self.events_for(events.PeerReachable(self.config.name, peer.address))
        peer.status = Status.ALIVE
        self.events_for(
            events.AnnouncementReceived(self.config.name, peer.address, message.kind.name, message.sequence)
        )
        self._take_members(peer, message, now)
        if CoopFlag.NEW_ELECTION in message.flags and now >= self._elected_at + self.config.timers.window:
            self._enter_forced(now)
        self._judge(peer, message, now)
        in_time, moved = self._take_time(peer, message, now)
        if message.keys is not None and in_time and not self._take_keys(peer, message, message.keys, now) and moved:
            self._holder.refresh(now)
        self._take_numbers(peer, message)
        announced = message.role is CoopRole.PRIMARY and CoopFlag.REPLY not in message.flags
        if (announced or self._holder.series != series) and self._holder.wants_numbers:
            self._ask_all(now)
        if peer.keys == self.keys.mark:
            self._unconfirmed.discard(peer.address)
            if not self._unconfirmed:
                self._release()
        owes = self._owes(peer)
        if asked or owes:
            self._send(peer, now, CoopFlag.REPLY | ASK if owes else CoopFlag.REPLY)
        self._settle(now)

    def _owes(self, peer: Peer) -> bool:
        """Whether a peer that takes pages of the table has taken another one: the next follows at once."""
        further, peer.paged = peer.acknowledged > peer.paged, peer.acknowledged
        return further and peer.acknowledged < self.database.version and self._outbox.pages(peer)

    def _take_members(self, peer: Peer, message: CoopMessage, now: float) -> None:
        part = message.database
        if part is None:
            return
        up_to_date = peer.acknowledged == self.database.version
        for record in self.database.merge(part.records, now):
            if record.removed:
                self._holder.remove_member(record)
            else:
                self._holder.add_member(record, now)
            self._sync_soon(now)
        peer.seen = max(peer.seen, part.upto)
        if up_to_date:
            # What it has just told us we need not tell it.
            peer.acknowledged = peer.shared = self.database.version

    def _take_server_ids(self, peer: Peer, message: CoopMessage) -> None:
        """Learn who may have which sender IDs."""
        if message.server_ids is None:
            return
        both = self._holder.hear_server_ids(peer.address, message.server_ids)
        if both and self._checks.shares_numbers(peer, both):
            self.events_for(events.ServerIdsOverlap(self.config.name, peer.address, tuple(sorted(both))))

    def _take_numbers(self, peer: Peer, message: CoopMessage) -> None:
        """Take the numbers that a peer hands over, and what it knows of those that were used under our keys."""
        ids, handed = message.server_ids, message.handed
        if ids is None:
            return
        series = self._holder.series
        if not series or peer.series != series:
            return
        self._holder.note_used(peer.address, ids.used, message.known_used)
        own = self._holder.server_ids()
        here = (self.incarnation, own.left if own is not None else 0, series)
        if handed is not None and (handed.incarnation, handed.left, handed.series) == here:
            self._holder.take_numbers(peer.address, (message.incarnation, ids.left), handed.numbers)

    def _judge(self, peer: Peer, message: CoopMessage, now: float) -> None:
        """See what a message says about the primary."""
        if self._election is not None and message.role is not CoopRole.PRIMARY:
            self._election.candidates[peer.address] = peer.rank
        left = (
            self.primary is not None and self.primary.address == peer.address and message.role is not CoopRole.PRIMARY
        )
        report = report_of(message)
        known = report is not None and report.address != self.config.local
        if known and report is not None and self._primaries.lives(report, report.address == peer.address):
            # An answer to an answer would go on for ever.
            self._weigh(peer, report, left, CoopFlag.REPLY in message.flags, now)
        if (
            self.role is CoopRole.SECONDARY
            and self.primary is not None
            and self.primary.address == peer.address
            and left
        ):
            # The primary itself says that it is none, and knows of no other.
            self._lose_primary(now)

    def _weigh(self, peer: Peer, report: PrimaryReport, left: bool, answered: bool, now: float) -> None:
        """A primary lives: follow it, or tell those who follow it of a better one."""
        if self.role is CoopRole.PRIMARY:
            if rank(report) > self.rank:
                self._farewell = True
                self._follow(report, Step.BETTER_HEARD, now)
            elif not answered:
                self._send(peer, now, ASK)
        elif self.role is CoopRole.SECONDARY and self.primary is not None:
            if report.address == self.primary.address:
                self._follow(report, Step.PRIMARY_HEARD, now)
            elif left or rank(report) > rank(self.primary):
                self._follow(report, Step.BETTER_HEARD, now)
            elif not answered:
                self._send(peer, now, ASK)
                if self.retries == 0:
                    self._ask_primary(now)
        else:
            self._follow(report, Step.PRIMARY_HEARD, now)

    def _take_time(self, peer: Peer, message: CoopMessage, now: float) -> tuple[bool, bool]:
        """Bring the pseudotimes together; False when the primary's went back, and whether a primary's own moved."""
        theirs, mine = message.pseudotime, self._holder.pseudotime(now)
        follows = self.primary is not None and self.primary.address == peer.address
        leads = self.role is CoopRole.PRIMARY
        if theirs is None:
            return True, False
        tolerance = self.config.time_tolerance
        if not leads and not follows and mine is not None:
            if self._checks.runs_ahead(peer, theirs > mine + tolerance):
                self.events_for(events.PseudotimeIgnored(self.config.name, peer.address, mine, theirs))
            return True, False
        if mine is not None and theirs < mine - tolerance:
            if follows and message.role is CoopRole.PRIMARY:
                self.invalid_times += 1
                self.events_for(events.PseudotimeBehind(self.config.name, peer.address, mine, theirs))
                self._send(peer, now, CoopFlag.REPLY)
                return False, False
            return True, False
        ahead = mine is not None and theirs > mine + tolerance
        if ahead and mine is not None:
            self.events_for(events.PseudotimeAhead(self.config.name, peer.address, mine, theirs))
        if not leads or mine is None or theirs > mine:
            # A message on its way only loses time: whose is larger is right.
            self._holder.set_pseudotime(theirs, now)
        return True, ahead and leads

    def _take_keys(self, peer: Peer, message: CoopMessage, theirs: KeySet, now: float) -> bool:
        """Adopt the primary's keys, or unite others with the primary's; whether members were told of them."""
        if self.role is CoopRole.PRIMARY:
            if CoopFlag.UNITE_KEYS not in message.flags:
                return False
            pushed = self.keys.unite(theirs, now)
            if pushed:
                self.events_for(events.KeysUnited(self.config.name, peer.address))
            self.poll(now)
            self._send(peer, now, CoopFlag.REPLY)
            return pushed
        if message.role is CoopRole.PRIMARY:
            self.events_for(*self._checks.configuration(self.config, message))
        self._follow_keys(peer, message, theirs, now)
        return False

    def _follow_keys(self, peer: Peer, message: CoopMessage, theirs: KeySet, now: float) -> None:
        followed = self.primary.address if self.primary is not None else None
        direct = followed == peer.address
        relayed = message.primary is not None and message.primary.address == followed
        newer = theirs.generation > self.keys.generation
        if not (direct or (newer and (relayed or followed is None))):
            return
        same = theirs.mark == self.keys.mark
        self.keys.open_round = theirs.open_round
        if same and not self.diverged:
            return
        difference = self.keys.difference(theirs, now)
        self.diverged = bool(difference)
        if not same:
            if self._farewell and self.keys.is_apart(theirs, now):
                self.events_for(events.MembersSentAway(self.config.name, followed or peer.address))
            self.keys.adopt(theirs, difference, self._farewell, now)
            self._farewell = False
            self.events_for(events.KeysAdopted(self.config.name, peer.address, theirs.generation))
        if self.diverged and direct:
            self._send(peer, now, ASK)
