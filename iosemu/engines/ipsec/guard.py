"""Policies at work on the packets of an interface (RFC 4301 section 5)."""

from __future__ import annotations

from dataclasses import replace

from iosemu.engines.esp.sa import FLOW_CACHE_SIZE
from iosemu.engines.esp.sequence import NonceExhaustedError
from iosemu.engines.esp.tunnel import RefusedError, fitting, plaintext_mtu
from iosemu.engines.esp.verdict import (
    BAD_ICV,
    CLEAR,
    DUMMY,
    NO_SA,
    NOT_IPSEC,
    REPLAYED,
    UNKNOWN_SPI,
    WRONG_SELECTORS,
    Flow,
    Outcome,
    Verdict,
    flow_of,
)
from iosemu.engines.ike.nat import NAT_PORT
from iosemu.engines.ipsec.config import PolicyKey
from iosemu.engines.ipsec.encapsulation import decapsulate, encapsulate
from iosemu.engines.ipsec.engine import IpsecEngine
from iosemu.engines.ipsec.flows import FlowState
from iosemu.engines.ipsec.identities import matches
from iosemu.engines.ipsec.sa import SaPair
from iosemu.wire.ipv4 import ESP, MAXIMUM_LENGTH, UDP
from iosemu.wire.udp import HEADER_LENGTH as UDP_HEADER


class TunnelGuard:
    """Some policies in their order. Packets are complete IPv4 packets with a good header."""

    def __init__(self, engine: IpsecEngine, keys: tuple[PolicyKey, ...]) -> None:
        self._engine = engine
        self._keys = keys
        self._local = {engine.flows.policies[key].local.packed for key in keys}
        self._outbound: dict[Flow, FlowState | None] = {}
        self._inbound: dict[Flow, bool] = {}
        self._generation = -1

    def outbound(self, packet: bytes, now: float, mtu: int = MAXIMUM_LENGTH) -> Verdict:
        """Judge a packet that is about to leave. Without an SA it is lost, and one is negotiated, as IOS does."""
        state = self._state(flow_of(packet))
        if state is None:
            return CLEAR
        pair = state.sending
        if pair is None or pair.expires_at <= now or pair.sent_octets >= pair.hard_volume:
            pair = self._engine.hasten(state, now)
        if pair is None:
            state.traffic.no_sa += 1
            state.traffic.send_errors += 1
            self._engine.require(state, now)
            return Verdict(Outcome.DROPPED, reason=NO_SA)
        largest = _largest(packet, pair, mtu)
        if len(packet) > largest:
            return Verdict(Outcome.TOO_BIG, mtu=largest)
        try:
            return Verdict(Outcome.PROTECTED, tuple(self._seal(piece, pair) for piece in _pieces(packet, pair, mtu)))
        except NonceExhaustedError as error:
            state.traffic.send_errors += 1
            return Verdict(Outcome.DROPPED, reason=str(error))
        finally:
            self._engine.sent(pair, now)

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Judge a packet that came in. What is fragmented must have been put together."""
        if packet[16:20] in self._local and _esp_start(packet):
            pair = self._receiving(packet, now)
            return Verdict(Outcome.DROPPED, reason=UNKNOWN_SPI) if pair is None else self._open(packet, pair, now)
        return Verdict(Outcome.DROPPED, reason=NOT_IPSEC) if self._must_be_esp(flow_of(packet)) else CLEAR

    def knows(self, packet: bytes, now: float) -> bool:
        """Whether there is an SA for an ESP packet that came in."""
        return self._receiving(packet, now) is not None

    def _receiving(self, packet: bytes, now: float) -> SaPair | None:
        start = _esp_start(packet) if packet[16:20] in self._local else 0
        pair = self._engine.sad.receiving(packet[start : start + 4]) if start else None
        if pair is None or pair.local.address.packed != packet[16:20] or pair.expires_at <= now:
            return None
        return pair

    def _state(self, flow: Flow) -> FlowState | None:
        """The flow state that a packet falls under, by the first policy that has one for it."""
        self._refresh()
        if flow in self._outbound:
            return self._outbound[flow]
        flows = self._engine.flows
        state = next((found for key in self._keys if (found := flows.find(key, flow))), None)
        self._refresh()
        self._outbound[flow] = state
        return state

    def _must_be_esp(self, flow: Flow) -> bool:
        """Whether what we would protect on the way out comes in here, in the other direction."""
        self._refresh()
        found = self._inbound.get(flow)
        if found is None:
            back = flow[0], flow[3], flow[4], flow[1], flow[2]
            found = self._inbound[flow] = any(self._protects(key, back) for key in self._keys)
        return found

    def _protects(self, key: PolicyKey, flow: Flow) -> bool:
        policy = self._engine.flows.policies[key]
        if policy.rules:
            rule = next((rule for rule in policy.rules if matches(rule, flow)), None)
            return rule is not None and rule.permit
        return any(state.sending and matches(state.flow, flow) for state in self._engine.flows.of_policy(key))

    def _refresh(self) -> None:
        """Drop what was remembered when it may be wrong, or becomes too much."""
        generation = self._engine.flows.generation
        if generation != self._generation or len(self._outbound) + len(self._inbound) >= FLOW_CACHE_SIZE:
            self._outbound, self._inbound = {}, {}
            self._generation = generation

    def _seal(self, packet: bytes, pair: SaPair) -> bytes:
        protected = encapsulate(packet, pair, self._engine.next_identification(), self._engine.random)
        pair.sent_octets += len(packet)
        pair.traffic.encapsulated += 1
        pair.traffic.sent_octets += len(packet)
        return protected

    def _open(self, packet: bytes, pair: SaPair, now: float) -> Verdict:
        traffic = pair.traffic
        refused = Verdict(Outcome.DROPPED, connection_id=pair.connection_id)
        try:
            inner = decapsulate(packet, pair)
        except RefusedError as error:
            reason = str(error)
            traffic.receive_errors += 1
            traffic.replayed += reason == REPLAYED
            traffic.bad_icv += reason == BAD_ICV
            return replace(refused, reason=reason)
        self._engine.heard(pair, now)
        if inner is None:
            return replace(refused, reason=DUMMY)
        if not pair.accepts(flow_of(inner)):
            traffic.receive_errors += 1
            traffic.wrong_identity += 1
            return replace(refused, reason=WRONG_SELECTORS)
        pair.received += 1
        pair.received_octets += len(inner)
        traffic.decapsulated += 1
        traffic.received_octets += len(inner)
        if pair.received_octets >= pair.soft_volume:
            self._engine.rekey(pair, now)
        return Verdict(Outcome.PROTECTED, (inner,))


def _pieces(packet: bytes, pair: SaPair, mtu: int) -> list[bytes]:
    """What to encrypt; transport mode is for whole packets only (RFC 4303 section 3.3.4)."""
    if pair.transport or not pair.policy.fragment_first:
        return [packet]
    return fitting(packet, pair.transform, mtu - UDP_HEADER if pair.udp else mtu)


def _largest(packet: bytes, pair: SaPair, mtu: int) -> int:
    """How long a packet may be that is split neither before it is encrypted nor behind (RFC 4301 section 8.2.1)."""
    policy = pair.policy
    splits = policy.fragment_first and not packet[6] & 0x40
    if pair.transport or splits or not policy.df_rule.bit(packet):
        return MAXIMUM_LENGTH
    return plaintext_mtu(pair.transform, mtu - UDP_HEADER if pair.udp else mtu)


def _esp_start(packet: bytes) -> int:
    """Where ESP begins, plain or in UDP; 0 when the packet is something else."""
    header = (packet[0] & 0x0F) * 4
    if packet[9] == ESP:
        return header
    if packet[9] == UDP and packet[header + 2 : header + 4] == NAT_PORT.to_bytes(2, "big"):
        # Four zero octets mark IKE, a shorter payload is a keepalive (RFC 3948 section 2).
        spi = packet[header + UDP_HEADER : header + UDP_HEADER + 4]
        return header + UDP_HEADER if len(spi) == 4 and any(spi) else 0
    return 0
