"""The flows of all policies: what is or will be protected, the SAs that do it, and the way from packets to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.verdict import Flow
from iosemu.engines.ipsec.config import PolicyKey, TunnelPolicy
from iosemu.engines.ipsec.identities import covers, matches, narrowed, normalized
from iosemu.engines.ipsec.sa import SaPair, Traffic

FlowKey = tuple[PolicyKey, AclEntry]


@dataclass(slots=True)
class FlowState:
    """One flow of a policy. The newest pair is the last one; `sending` is the newest that the peer has too.

    `peer` is whom it is negotiated with, `untried` are the peers that are left in this attempt; `awaiting` tells that
    phase 1 comes first, `negotiating` that quick mode runs. Before `retry_at` no packet begins another attempt.
    """

    policy: TunnelPolicy
    flow: AclEntry
    configured: bool
    pairs: list[SaPair] = field(default_factory=list)
    sending: SaPair | None = None
    peer: IPv4Address | None = None
    untried: list[IPv4Address] = field(default_factory=list)
    awaiting: bool = False
    negotiating: bool = False
    retry_at: float = 0.0
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def key(self) -> FlowKey:
        """What tells flows apart."""
        return self.policy.key, self.flow

    @property
    def busy(self) -> bool:
        """Whether SAs are on their way."""
        return self.awaiting or self.negotiating

    def choose(self) -> None:
        """Find the pair to send with again: one that the peer should have by now where there is no other."""
        confirmed = next((pair for pair in reversed(self.pairs) if pair.confirmed), None)
        self.sending = confirmed or self.successor

    @property
    def successor(self) -> SaPair | None:
        """The newest pair where it is there and not yet sent with."""
        return self.pairs[-1] if self.pairs and self.pairs[-1].switch_at is not None else None


class FlowTable:
    """Flows by policy. `generation` changes whenever an earlier answer of `find` may be wrong now."""

    def __init__(self) -> None:
        self.policies: dict[PolicyKey, TunnelPolicy] = {}
        self.generation = 0
        self._flows: dict[PolicyKey, dict[AclEntry, FlowState]] = {}

    def __iter__(self) -> Iterator[FlowState]:
        return iter([state for states in self._flows.values() for state in states.values()])

    def of_policy(self, key: PolicyKey) -> list[FlowState]:
        """The flows of a policy, those of its access list first."""
        return sorted(self._flows.get(key, {}).values(), key=lambda state: not state.configured)

    def update(self, policies: Iterable[TunnelPolicy]) -> list[FlowState]:
        """Take new policies; returns the flows that have no place in them any more, taken out."""
        self.generation += 1
        self.policies = {policy.key: policy for policy in policies}
        orphans = [state for state in self if not self._keep(state)]
        for state in orphans:
            self.remove(state)
        for policy in self.policies.values():
            for rule in policy.rules:
                if rule.permit and not policy.per_host:
                    self.get(policy, normalized(rule), configured=True)
        return orphans

    def get(self, policy: TunnelPolicy, flow: AclEntry, configured: bool = False) -> FlowState:
        """The state of a flow, made when it is new."""
        states = self._flows.setdefault(policy.key, {})
        state = states.get(flow)
        if state is None:
            self.generation += 1
            state = states[flow] = FlowState(policy, flow, configured)
        state.configured |= configured
        return state

    def peek(self, key: FlowKey) -> FlowState | None:
        """The state of a flow that is there already."""
        return self._flows.get(key[0], {}).get(key[1])

    def remove(self, state: FlowState) -> None:
        """Forget a flow."""
        self.generation += 1
        states = self._flows[state.policy.key]
        del states[state.flow]
        if not states:
            del self._flows[state.policy.key]

    def find(self, key: PolicyKey, flow: Flow) -> FlowState | None:
        """The flow of a policy that a packet falls under: made when its rules permit it, None when they do not."""
        policy = self.policies[key]
        rule = next((rule for rule in policy.rules if matches(rule, flow)), None)
        if policy.rules and (rule is None or not rule.permit):
            return None
        # What a peer negotiated may be a part of what we would have asked for.
        for state in self.of_policy(key)[::-1]:
            if state.sending is not None and matches(state.flow, flow):
                return state
        if rule is None or policy.dynamic:
            return None
        return self.get(policy, normalized(narrowed(rule, flow) if policy.per_host else rule))

    def policy_for(self, local: IPv4Address, peer: IPv4Address, flow: AclEntry) -> TunnelPolicy | None:
        """The first policy that takes a flow which a peer asks for."""
        for policy in self.policies.values():
            if policy.local != local or not policy.serves(peer) or not policy.transforms:
                continue
            if not policy.rules:
                return policy
            rule = next((rule for rule in policy.rules if covers(rule, flow)), None)
            if rule is not None and rule.permit:
                return policy
        return None

    def _keep(self, state: FlowState) -> bool:
        """Whether a flow has its place in the new policies; it moves there."""
        policy = self.policies.get(state.policy.key)
        if policy is None or policy.local != state.policy.local:
            return False
        permits = [normalized(rule) for rule in policy.rules if rule.permit]
        if any(not policy.serves(pair.remote.address) for pair in state.pairs):
            return False
        state.policy = policy
        for pair in state.pairs:
            pair.policy = policy
        state.configured = state.flow in permits and not policy.per_host
        if state.configured:
            return True
        allowed = not policy.rules or any(covers(rule, state.flow) for rule in permits)
        return allowed and (bool(state.pairs) or state.busy)
