"""Point-to-point SAs in the shows of crypto maps: ipsec sa, session, engine connections."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.acl import ANY_WILDCARD, AclEntry
from iosemu.engines.esp.tunnel import plaintext_mtu
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ipsec.flows import FlowState
from iosemu.engines.ipsec.sa import SaPair
from iosemu.features.acl.names import PROTOCOLS
from iosemu.features.crypto_map.provider import Connection, FlowBlock
from iosemu.features.crypto_map.sa_text import CounterText, FlowText, SaText, flow_lines
from iosemu.features.ipsec.messages import proxy
from iosemu.router.interfaces import Interface
from iosemu.wire.udp import HEADER_LENGTH as UDP_HEADER

NOBODY = IPv4Address(0)


def flow_block(state: FlowState, interface: Interface, detail: bool, now: float) -> FlowBlock:
    """A flow with its SAs."""
    peer = _peer(state)
    pair = state.sending
    port = pair.remote.port if pair is not None else 500
    traffic = state.traffic
    text = FlowText(
        (proxy(state.flow, True), proxy(state.flow, False)),
        f"{peer} port {port}",
        "origin_is_acl," if state.configured else "",
        str(state.policy.local),
        str(peer),
        CounterText(
            traffic.encapsulated,
            traffic.decapsulated,
            traffic.send_errors,
            traffic.receive_errors,
            traffic.no_sa,
            traffic.bad_icv,
            traffic.wrong_identity,
            traffic.replayed,
        ),
        path=_path(pair, interface),
        outbound_spi=pair.outbound.spi if pair is not None else bytes(4),
        pfs=_pfs(pair),
        inbound=[_sa(item, False, now) for item in state.pairs],
        outbound=[_sa(item, True, now) for item in state.pairs if item.confirmed],
    )
    return FlowBlock(str(peer), flow_lines(text, detail))


def _peer(state: FlowState) -> IPv4Address:
    """Who has the SAs, else whom they would be negotiated with."""
    return state.peer or next(iter(state.policy.peers), NOBODY)


def _path(pair: SaPair | None, interface: Interface) -> str:
    mtu = interface.mtu
    room = mtu
    if pair is not None:
        room = plaintext_mtu(pair.transform, mtu - UDP_HEADER if pair.udp else mtu) + (20 if pair.transport else 0)
    return f"plaintext mtu {room}, path mtu {mtu}, ip mtu {mtu}, ip mtu idb {interface.name}"


def _pfs(pair: SaPair | None) -> str:
    group = pair.pfs_group if pair is not None else 0
    return f"PFS (Y/N): Y, DH group: group{group}" if group else "PFS (Y/N): N, DH group: none"


def _sa(pair: SaPair, outbound: bool, now: float) -> SaText:
    mode = "Transport" if pair.transport else "Tunnel"
    settings = f"{mode} UDP-Encaps" if pair.udp else mode
    volume = pair.remaining_kilobytes(outbound)
    seconds = pair.remaining(now)
    timing: tuple[str, ...] = (f"sa timing: remaining key lifetime (k/sec): ({volume}/{seconds})",)
    if volume is None:
        only_time = f"sa timing: remaining key lifetime (sec): {seconds}"
        timing = (only_time, "Kilobyte Volume Rekey has been disabled")
    spi = pair.outbound.spi if outbound else pair.inbound.spi
    number = pair.connection_id + outbound
    replay = pair.inbound.window is not None
    return SaText(spi, pair.transform, settings, number, pair.policy.key[1], timing, replay)


def connections(pair: SaPair) -> list[Connection]:
    """Both directions of a pair."""
    name, address = pair.transform.short(), str(pair.local.address)
    window = pair.inbound.window
    return [
        Connection(pair.connection_id, name, 0, pair.received, window.highest if window else 0, address),
        Connection(pair.connection_id + 1, name, pair.outbound.sequence, 0, 0, address),
    ]


def sessions(states: list[FlowState], phase1: list[IsakmpSa], detail: bool, now: float) -> list[list[str]]:
    """One session per peer, with its flows; `phase1` are all phase 1 SAs for IPsec."""
    found: dict[IPv4Address, list[FlowState]] = {}
    for state in states:
        found.setdefault(_peer(state), []).append(state)
    return [_session(peer, flows, _with_peer(phase1, flows[0], peer), detail, now) for peer, flows in found.items()]


def _with_peer(phase1: list[IsakmpSa], state: FlowState, peer: IPv4Address) -> list[IsakmpSa]:
    return [sa for sa in phase1 if (sa.local.address, sa.remote.address) == (state.policy.local, peer)]


def _session(peer: IPv4Address, states: list[FlowState], phase1: list[IsakmpSa], detail: bool, now: float) -> list[str]:
    pairs = [pair for state in states for pair in state.pairs if pair.confirmed]
    port = pairs[-1].remote.port if pairs else phase1[-1].remote.port if phase1 else 500
    lines = []
    if detail and pairs:
        lines.append(f"Uptime: {_clock(now - min(pair.session_at for pair in pairs))}")
    lines.append(f"Session status: {_status(pairs, states, phase1):<14}")
    lines.append(f"Peer: {peer} port {port} " + ("fvrf: (none) ivrf: (none)" if detail else ""))
    if detail:
        lines += [f"      Phase1_id: {_identity(phase1)}", "      Desc: (none)"]
    lines.append("  Session ID: 0  ")
    for sa in phase1:
        ends = f"local {sa.local.address}/{sa.local.port} remote {sa.remote.address}/{sa.remote.port}"
        lines.append(f"  IKEv1 SA: {ends} {'Active' if sa.established else 'Inactive'} ")
        if detail:
            left = _clock(max(0.0, (sa.expires_at or now) - now))
            codes = "N" if sa.floated else "(none)"
            lines.append(f"          Capabilities:{codes} connid:{sa.connection_id} lifetime:{left}")
    for state in states:
        active = 2 * len([pair for pair in state.pairs if pair.confirmed])
        origin = "dynamic crypto map" if state.policy.dynamic else "crypto map"
        lines.append(f"  IPSEC FLOW: permit {_flow(state.flow)} ")
        lines.append(f"        Active SAs: {active}, origin: {origin}")
        lines += _traffic(state, now) if detail else []
    return lines


def _status(pairs: list[SaPair], states: list[FlowState], phase1: list[IsakmpSa]) -> str:
    up = any(sa.established for sa in phase1)
    if pairs:
        return "UP-ACTIVE" if up else "UP-NO-IKE"
    if up:
        return "UP-IDLE"
    return "DOWN-NEGOTIATING" if phase1 or any(state.busy for state in states) else "DOWN"


def _identity(phase1: list[IsakmpSa]) -> str:
    identity = phase1[-1].peer_identity if phase1 else None
    if identity is None:
        return "(none)"
    return str(IPv4Address(identity.data)) if len(identity.data) == 4 else identity.data.decode("utf-8", "replace")


def _traffic(state: FlowState, now: float) -> list[str]:
    pair, traffic = state.sending, state.traffic
    lives = ["0/0", "0/0"]
    if pair is not None:
        volumes = [pair.remaining_kilobytes(outbound) for outbound in (False, True)]
        words = ["KB Vol Rekey Disabled" if volume is None else str(volume) for volume in volumes]
        lives = [f"{word}/{pair.remaining(now)}" for word in words]
    return [
        f"        Inbound:  #pkts dec'ed {traffic.decapsulated} drop {traffic.receive_errors} life (KB/Sec) {lives[0]}",
        f"        Outbound: #pkts enc'ed {traffic.encapsulated} drop {traffic.send_errors} life (KB/Sec) {lives[1]}",
    ]


def _flow(flow: AclEntry) -> str:
    names = {number: name for name, number in PROTOCOLS.items()}
    ends = (
        (flow.source, flow.source_wildcard, flow.source_port),
        (
            flow.destination,
            flow.destination_wildcard,
            flow.destination_port,
        ),
    )
    return " ".join([names.get(flow.protocol, str(flow.protocol)), *(_end(*end) for end in ends)])


def _end(address: int, wildcard: int, port: int) -> str:
    mask = IPv4Address(~wildcard & ANY_WILDCARD)
    text = f"{IPv4Address(address)}/{mask}" if wildcard else f"host {IPv4Address(address)}"
    return f"{text} port {port}" if port else text


def _clock(seconds: float) -> str:
    total = int(seconds)
    return f"{total // 3600:02d}:{total // 60 % 60:02d}:{total % 60:02d}"
