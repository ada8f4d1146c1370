"""Who is primary: discovery, election, failover."""

from __future__ import annotations

from iosemu.engines.coop import events
from iosemu.engines.coop.election import Election
from iosemu.engines.coop.peers import Contact
from iosemu.engines.coop.sending import ASK, Sending
from iosemu.engines.coop.states import Step, advance
from iosemu.wire.coop import CoopFlag, CoopRole, Kind, PrimaryReport

# Where the last primary may have sent pushes that nobody here knows of.
SEQUENCE_LEAP = 10


class Roles(Sending):
    """The way from one role to another, as `states` allows it."""

    def clear_role(self, now: float) -> None:
        """Hold an election, here and on all peers; while a primary is still sought there is nothing to clear."""
        if self.role is not CoopRole.UNKNOWN:
            self._enter(Step.CLEARED)
            self._start_election(now, forced=True)

    def _enter(self, step: Step) -> None:
        was, self.role = self.role, advance(self.role, step)
        if was is CoopRole.PRIMARY and self.role is not CoopRole.PRIMARY:
            self._release()

    def _follow(self, report: PrimaryReport, step: Step, now: float) -> None:
        before, led = self.primary, self.role is CoopRole.PRIMARY
        self._enter(step)
        self.primary, self._election = report, None
        self._due_at, self.retries = now + self.config.timers.periodic, 0
        if led or before is None:
            self._holder.lead(False, now)
        if before is None or before.address != report.address:
            previous = self.config.local if led else self.previous
            self.events_for(events.PrimaryChanged(self.config.name, report.address, previous))
            self.previous = report.address
            self._sync_soon(now)

    def _ask_primary(self, now: float) -> None:
        """The primary is silent: ask it, and the others, who may hear it still."""
        if self.retries > self.config.timers.retransmits - 1:
            if self.primary is not None and self.primary.address in self.peers:
                self._lost(self.peers[self.primary.address])
            self._lose_primary(now)
            return
        self.retries += 1
        self._due_at = now + self.config.timers.retry
        self._ask_all(now)

    def _lose_primary(self, now: float) -> None:
        self._enter(Step.PRIMARY_LOST)
        self._start_election(now)

    def _enter_forced(self, now: float) -> None:
        if self._election is None:
            self._enter(Step.CLEARED)
            self._start_election(now)

    def _start_election(self, now: float, forced: bool = False) -> None:
        self.primary, self._due_at, self.retries, self._elected_at = None, None, 0, now
        self._holder.lead(False, now)
        self.events_for(events.ElectionStarted(self.config.name, self.previous))
        self._begin_election(self.config.timers.window, now, forced)
        self._settle(now)

    def _begin_election(self, window: float, now: float, forced: bool = False) -> None:
        self._election = Election(now + window, now + self.config.timers.resend, forced)
        self._canvass(self._election, now)

    def _canvass(self, election: Election, now: float) -> None:
        flags = ASK | CoopFlag.NEW_ELECTION if election.forced else ASK
        kind = Kind.ELECTION if self.role is CoopRole.ELECTION else Kind.ANNOUNCEMENT
        for peer in self.peers.values():
            self._send(peer, now, flags, kind)

    def _continue_election(self, election: Election, now: float) -> None:
        if election.resend_at <= now:
            election.resend_at = now + self.config.timers.resend
            self._canvass(election, now)
        if election.ends_at <= now:
            self._decide(election, now)

    def _settle(self, now: float) -> None:
        """End an election before its time when all have spoken."""
        election = self._election
        if election is None:
            return
        waiting = [
            peer
            for peer in self.peers.values()
            if peer.address not in election.candidates and peer.contact is not Contact.FAILED
        ]
        if not waiting and (self.role is CoopRole.UNKNOWN or election.best(self.rank) == self.rank):
            self._decide(election, now)

    def _decide(self, election: Election, now: float) -> None:
        if self.role is CoopRole.UNKNOWN:
            self._enter(Step.NOBODY)
            self._start_election(now)
        elif election.best(self.rank) == self.rank:
            self._win(now)
        else:
            # The better one will speak up when it has lost the primary too, or tell of its life.
            self._begin_election(self.config.timers.window, now)

    def _win(self, now: float) -> None:
        self._enter(Step.WON)
        self._election, self.diverged, self._farewell = None, False, False
        took_over = self.keys.generation > 0
        self.events_for(events.PrimaryChanged(self.config.name, self.config.local, self.previous))
        self.previous = self.config.local
        self._holder.lead(True, now, SEQUENCE_LEAP if took_over else 0)
        if self.keys.open_round:
            self._holder.refresh(now)
        self.keys.open_round = False
        self.keys.changed(now)
        self.keys.next_generation(self.keys.generation)
        self._refresh(now)
