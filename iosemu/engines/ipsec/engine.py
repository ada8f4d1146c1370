"""All tunnels of one router: when SAs are negotiated, renewed and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address
from itertools import count

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Event, earliest
from iosemu.engines.ike import informational
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ipsec import events
from iosemu.engines.ipsec.config import PolicyKey, TunnelPolicy
from iosemu.engines.ipsec.events import Refusal, Removal
from iosemu.engines.ipsec.exchanges import Exchanges, Outcome, Progress
from iosemu.engines.ipsec.flows import FlowState, FlowTable
from iosemu.engines.ipsec.lifecycle import Lifecycle
from iosemu.engines.ipsec.proposals import PROTOCOL_ESP
from iosemu.engines.ipsec.quick_mode import QuickMode
from iosemu.engines.ipsec.sa import SaPair
from iosemu.engines.ipsec.sad import SaDatabase
from iosemu.wire.isakmp import Doi, Header, Payload, PayloadType
from iosemu.wire.isakmp_payloads import Delete, Notification

# An attempt that failed is not repeated for every packet (seconds).
HOLD_TIME = 1.0
# Phase 1 that is waited for is asked for again after this time (seconds): it may have been cleared meanwhile.
PHASE1_TIME = 30.0
# How long a peer may be silent while we send (seconds).
PATIENCE = 10.0
Phase1Finder = Callable[[IPv4Address, IPv4Address], "IsakmpSa | None"]


class IpsecEngine:
    """Makes, renews and removes the SA pairs of all tunnels of a router. `find_phase1` gives an established SA between
    two addresses. `messages` go out under their SA. Of `connection_ids` each pair of SAs takes one, and the number
    behind it."""

    def __init__(
        self, random: RandomBytes, find_phase1: Phase1Finder, connection_ids: Iterator[int] | None = None
    ) -> None:
        self.random = random
        self.flows = FlowTable()
        self.sad = SaDatabase()
        self._find_phase1 = find_phase1
        self._exchanges = Exchanges(random, self._policy_for, lambda: self.sad.fresh_spi(random))
        self._events: list[Event] = []
        ids = count(1, 2) if connection_ids is None else connection_ids
        self._pairs = Lifecycle(self.flows, self.sad, lambda event: self._events.append(event), self._delete, ids)
        self._failed_peers: dict[PolicyKey, IPv4Address] = {}
        self._identification = 0

    @property
    def busy(self) -> bool:
        """Whether there is something to take."""
        return bool(self._events or self._exchanges.messages or self._exchanges.events)

    # What the data plane asks

    def next_identification(self) -> int:
        """For the outer header."""
        self._identification = (self._identification + 1) & 0xFFFF
        return self._identification

    def heard(self, pair: SaPair, now: float) -> None:
        """A packet was verified: that the peer sends with the pair confirms it, too."""
        pair.used_at = pair.worry_at = now
        if not pair.confirmed:
            self._pairs.confirm(pair, now)

    def sent(self, pair: SaPair, now: float) -> None:
        """A packet went out. Now and then one without an answer is a reason to ask whether the peer lives."""
        pair.used_at = now
        if now - pair.worry_at > PATIENCE:
            pair.worry_at = now
            self._events.append(events.PeerSilent(pair))
        if pair.sent_octets >= pair.soft_volume:
            self.rekey(pair, now)

    def hasten(self, state: FlowState, now: float) -> SaPair | None:
        """The pair to send with is used up: the one that takes its place, if it is there."""
        if state.successor is None:
            return None
        self._pairs.confirm(state.successor, now)
        return state.sending

    def require(self, state: FlowState, now: float) -> None:
        """A packet needs SAs that are not there: negotiate, with one peer after the other."""
        if now < state.retry_at or not state.policy.peers or not state.policy.transforms:
            return
        if state.awaiting and state.peer is not None:
            self._await_phase1(state, state.peer, now)
        if state.busy:
            return
        peers = list(state.policy.peers)
        failed = self._failed_peers.get(state.policy.key)
        if failed in peers and not state.policy.default_peer:
            start = peers.index(failed) + 1
            peers = peers[start:] + peers[:start]
        state.untried = peers
        self._try_next(state, Refusal.TIMEOUT, now)

    def rekey(self, pair: SaPair, now: float) -> None:
        """Negotiate the successor of a pair, unless that is done already or nothing ever used it."""
        pair.rekey_at, pair.soft_volume = None, pair.hard_volume
        self.sad.arm(pair)
        state = self._pairs.state_of(pair)
        if state is None or state.busy or state.successor or state.sending is not pair or not pair.used:
            return
        state.untried = [pair.remote.address]
        self._try_next(state, Refusal.TIMEOUT, now)

    # What the owner tells

    def update(self, policies: Iterable[TunnelPolicy], now: float) -> None:
        """Take new policies; SAs without a place in them are deleted."""
        for state in self.flows.update(policies):
            for pair in list(state.pairs):
                self._pairs.remove(pair, Removal.POLICY, tell=True, state=state)

    def phase1_ready(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA is up: those who waited for it begin quick mode."""
        for state in self._awaiting(sa.local.address, sa.remote.address):
            self._negotiate(state, sa, now)

    def phase1_failed(self, local: IPv4Address, remote: IPv4Address, now: float) -> None:
        """Those who waited try their next peer."""
        for state in self._awaiting(local, remote):
            state.awaiting = False
            self._try_next(state, Refusal.PHASE1, now)

    def phase1_gone(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA ended: SAs that it made live on, exchanges under it do not."""
        self._exchanges.abandon(sa)
        self._settle(now)

    def peer_dead(self, local: IPv4Address, remote: IPv4Address, now: float) -> None:
        """The peer is gone or knows nothing any more: its SAs are of no use."""
        for pair in self.sad:
            if (pair.local.address, pair.remote.address) == (local, remote):
                self._failed_peers[pair.policy.key] = remote
                self._pairs.remove(pair, Removal.PEER_DEAD)

    def peer_restarted(self, sa: IsakmpSa, now: float) -> None:
        """INITIAL-CONTACT: what the peer had before is gone (RFC 2407 section 4.6.3.3)."""
        for pair in self.sad:
            ends = pair.local.address, pair.remote.address
            if ends == (sa.local.address, sa.remote.address) and pair.created_at < (sa.established_at or now):
                self._pairs.remove(pair, Removal.PEER_DEAD)

    def receive(self, sa: IsakmpSa, header: Header, data: bytes, now: float) -> None:
        """A quick mode message under an established SA."""
        self._exchanges.receive(sa, header, data, sa.floated, now)
        self._settle(now)

    def refused(self, sa: IsakmpSa, notification: Notification, now: float) -> None:
        """An authentic error notification."""
        self._exchanges.refused_by_peer(sa, notification)
        self._settle(now)

    def deleted(self, sa: IsakmpSa, delete: Delete, now: float) -> None:
        """The peer no longer receives with some SPIs."""
        if delete.protocol != PROTOCOL_ESP:
            return
        for spi in delete.spis:
            pair = self.sad.sending(sa.remote.address, spi)
            if pair is not None and pair.local.address == sa.local.address:
                self._pairs.remove(pair, Removal.BY_PEER)

    def clear(self, wanted: Callable[[SaPair], bool], now: float) -> None:
        """Delete SAs, and tell their peers."""
        for pair in self.sad:
            if wanted(pair):
                self._pairs.remove(pair, Removal.CLEARED, tell=True)

    def take_messages(self) -> list[tuple[IsakmpSa, bytes]]:
        """What must go out now."""
        taken, self._exchanges.messages = self._exchanges.messages, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken = self._exchanges.events + self._events
        self._exchanges.events, self._events = [], []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(self._exchanges.next_timer(), self.sad.next_timer())

    def handle_timer(self, now: float) -> None:
        """Retransmit, rekey and expire whatever is due."""
        self._exchanges.handle_timer(now)
        self._settle(now)
        for pair in self.sad.pop_due(now):
            self._look_after(pair, now)

    # Negotiations

    def _try_next(self, state: FlowState, refusal: Refusal, now: float) -> None:
        if not state.untried:
            state.retry_at = now + HOLD_TIME
            remote = state.peer or IPv4Address(0)
            self._events.append(events.NegotiationFailed(remote, refusal, state.flow))
            return
        state.peer = state.untried.pop(0)
        sa = self._find_phase1(state.policy.local, state.peer)
        if sa is not None:
            self._negotiate(state, sa, now)
        else:
            self._await_phase1(state, state.peer, now)

    def _await_phase1(self, state: FlowState, peer: IPv4Address, now: float) -> None:
        state.awaiting, state.retry_at = True, now + PHASE1_TIME
        self._events.append(events.Phase1Needed(state.policy.local, peer))

    def _negotiate(self, state: FlowState, sa: IsakmpSa, now: float) -> None:
        state.awaiting, state.negotiating, state.retry_at = False, True, now
        self._exchanges.initiate(sa, state.policy, state.flow, sa.floated, now)

    def _awaiting(self, local: IPv4Address, remote: IPv4Address) -> list[FlowState]:
        return [state for state in self.flows if state.awaiting and (state.policy.local, state.peer) == (local, remote)]

    def _settle(self, now: float) -> None:
        """Act on what became of exchanges."""
        outcomes, self._exchanges.outcomes = self._exchanges.outcomes, []
        for outcome in outcomes:
            if outcome.progress is Progress.AGREED:
                self._install(outcome.exchange, now)
            elif outcome.progress is Progress.CONFIRMED:
                pair = self.sad.receiving(outcome.exchange.own_spi)
                if pair is not None:
                    self._pairs.confirm(pair, now)
            else:
                self._fail(outcome, now)

    def _fail(self, outcome: Outcome, now: float) -> None:
        exchange = outcome.exchange
        pair = self.sad.receiving(exchange.own_spi)
        if pair is not None and not pair.confirmed:
            self._pairs.remove(pair, Removal.UNCONFIRMED)
        state = self._find_state(exchange) if exchange.initiator else None
        if state is not None:
            state.negotiating = False
            self._try_next(state, outcome.refusal, now)

    def _find_state(self, exchange: QuickMode) -> FlowState | None:
        """The flow of an exchange. A responder's may be a new one: a part of what the policy is for."""
        assert exchange.policy is not None
        assert exchange.flow is not None
        key = exchange.policy.key, exchange.flow
        if exchange.initiator or key[0] not in self.flows.policies:
            return self.flows.peek(key)
        return self.flows.get(self.flows.policies[key[0]], exchange.flow)

    def _policy_for(self, sa: IsakmpSa, flow: AclEntry) -> TunnelPolicy | None:
        return self.flows.policy_for(sa.local.address, sa.remote.address, flow)

    # Pairs

    def _install(self, exchange: QuickMode, now: float) -> None:
        state = self._find_state(exchange)
        if state is None:
            # The map changed meanwhile: what was agreed upon has no place any more.
            self._tell_deleted(exchange.sa, exchange.own_spi)
            return
        if exchange.initiator:
            state.negotiating = False
        self._failed_peers.pop(state.policy.key, None)
        self._pairs.install(exchange, state, now)

    def _look_after(self, pair: SaPair, now: float) -> None:
        """Something about a pair is due."""
        idle = pair.policy.idle_time
        state = self._pairs.state_of(pair)
        if pair.expires_at <= now:
            replaced = state is not None and state.sending is not pair
            self._pairs.remove(pair, Removal.REPLACED if replaced else Removal.EXPIRED, tell=True)
        elif pair.switch_at is not None and pair.switch_at <= now:
            self._pairs.confirm(pair, now)
        elif idle is not None and pair.used_at + idle <= now:
            self._pairs.remove(pair, Removal.IDLE, tell=True)
        elif pair.rekey_at is not None and pair.rekey_at <= now:
            self.rekey(pair, now)
        else:
            self.sad.arm(pair)

    def _delete(self, pair: SaPair) -> None:
        sa = self._find_phase1(pair.local.address, pair.remote.address)
        if sa is not None:
            self._tell_deleted(sa, pair.inbound.spi)

    def _tell_deleted(self, sa: IsakmpSa, spi: bytes) -> None:
        payload = Payload(PayloadType.DELETE, Delete(Doi.IPSEC, PROTOCOL_ESP, (spi,)).pack())
        self._exchanges.messages.append((sa, informational.protect(sa, payload, self.random)))
