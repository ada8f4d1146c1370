"""Pairs of SAs from the exchange that makes them to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iosemu.engines.common import Event
from iosemu.engines.esp.replay_window import ReplayWindow
from iosemu.engines.ipsec import events
from iosemu.engines.ipsec.events import Removal
from iosemu.engines.ipsec.flows import FlowState, FlowTable
from iosemu.engines.ipsec.quick_mode import QuickMode
from iosemu.engines.ipsec.sa import INITIATOR_MARGIN, RESPONDER_MARGIN, EspKeys, InboundSa, OutboundSa, SaPair
from iosemu.engines.ipsec.sad import SaDatabase

# A pair that has a successor may still receive for this long (seconds). One that is hardly older than its successor
# is left alone: the peers may have called each other at the same time, and would each remove the other's.
OVERLAP = 30.0
# Not every responder receives with the new SAs before it has the last message of quick mode. For so long the initiator
# goes on sending with the old ones, unless the responder uses the new earlier (seconds).
SETTLE = 1.0


@dataclass(slots=True)
class Lifecycle:
    """What is done to pairs, in the tables of flows and SAs. `say` takes the events, `tell` sends the peer a
    delete, `connection_ids` are for receiving; sending has the next one."""

    flows: FlowTable
    sad: SaDatabase
    say: Callable[[Event], None]
    tell: Callable[[SaPair], None]
    connection_ids: Iterator[int]

    def state_of(self, pair: SaPair) -> FlowState | None:
        """The flow of a pair, None when it has no place any more."""
        return self.flows.peek((pair.policy.key, pair.flow))

    def install(self, exchange: QuickMode, state: FlowState, now: float) -> None:
        """The pair of an exchange. The responder's waits for the initiator's word, the initiator's a little where there
        is an older one to send with; both may receive at once."""
        into, out = exchange.keys()
        pair = self._make(exchange, state, into, out, now)
        if state.sending is not None:
            pair.session_at = state.sending.session_at
        if exchange.initiator:
            pair.switch_at = now if state.sending is None else now + SETTLE
        state.pairs.append(pair)
        state.peer = pair.remote.address
        self.sad.add(pair)
        self.say(events.SaInstalled(pair, (into.record(), out.record())))
        if pair.switch_at == now:
            self.confirm(pair, now)

    def confirm(self, pair: SaPair, now: float) -> None:
        """Both sides have the pair: send with it from now on; older ones end soon."""
        state = self.state_of(pair)
        if state is None or pair.confirmed:
            return
        pair.switch_at = None
        first = self.sad.confirm(pair)
        self.sad.arm(pair)
        state.choose()
        self.flows.generation += 1
        self.say(events.SaConfirmed(pair, first))
        for older in state.pairs[: state.pairs.index(pair)]:
            older.rekey_at = None
            if now - older.created_at > OVERLAP:
                older.expires_at = min(older.expires_at, now + OVERLAP)
            self.sad.arm(older)

    def remove(self, pair: SaPair, removal: Removal, tell: bool = False, state: FlowState | None = None) -> None:
        """Forget a pair, and tell the peer where it does not know. `state` is its flow where the table has none."""
        state = state or self.state_of(pair)
        last = self.sad.remove(pair)
        if state is not None:
            state.pairs.remove(pair)
            state.choose()
            self.flows.generation += 1
            if not state.pairs and not state.configured and not state.busy and self.state_of(pair) is state:
                self.flows.remove(state)
        self.say(events.SaRemoved(pair, removal, last))
        if tell:
            self.tell(pair)

    def _make(self, exchange: QuickMode, state: FlowState, into: EspKeys, out: EspKeys, now: float) -> SaPair:
        terms, policy = exchange.terms, state.policy
        assert terms is not None
        window = ReplayWindow(policy.replay_window) if policy.replay_window and terms.transform.icv_size else None
        # Half of the lifetime where it is so short that the margin would eat it.
        margin = min(INITIATOR_MARGIN if exchange.initiator else RESPONDER_MARGIN, terms.lifetime / 2)
        return SaPair(
            policy,
            state.flow,
            exchange.sa.local,
            exchange.sa.remote,
            InboundSa(into.spi, into.cipher(), window),
            OutboundSa(out.spi, terms.transform, out.cipher()),
            terms.transport,
            exchange.udp,
            terms.group,
            exchange.initiator,
            next(self.connection_ids),
            now,
            terms.lifetime,
            terms.kilobytes,
            now + terms.lifetime,
            now + terms.lifetime - margin,
            state.traffic,
        )
