"""System messages and debug lines of point-to-point IPsec, in one place."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.acl import ANY_WILDCARD, AclEntry
from iosemu.engines.common import Event
from iosemu.engines.ipsec import events
from iosemu.engines.ipsec.events import Refusal
from iosemu.engines.ipsec.sa import SaPair
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.router.router import Router

DEBUG, DEBUG_ISAKMP = "crypto ipsec", "crypto isakmp"


def log_event(router: Router, event: Event) -> None:
    """Log what an event means; some events mean nothing to a reader."""
    if isinstance(event, events.ExchangeRefused) and event.refusal is not Refusal.UNEXPECTED:
        _mode_failure(router, "Quick", event.remote.address)
    elif isinstance(event, events.NegotiationFailed) and event.refusal is Refusal.NOTIFIED:
        _mode_failure(router, "Informational", event.remote)
    elif isinstance(event, events.SaConfirmed) and event.first:
        _session(router, "UP  ", event.pair)
    elif isinstance(event, events.SaRemoved) and event.last:
        _session(router, "DOWN", event.pair)


def _mode_failure(router: Router, mode: str, peer: IPv4Address) -> None:
    router.syslog.log("CRYPTO", 6, "IKMP_MODE_FAILURE", f"Processing of {mode} mode failed with peer at {peer}")


def _session(router: Router, status: str, pair: SaPair) -> None:
    if router.model.block(IpsecConfig).log_sessions:
        peer = f"{pair.remote.address}:{pair.remote.port}"
        text = f"Crypto tunnel is {status}.  Peer {peer}       Id: {pair.remote.address}"
        router.syslog.log("CRYPTO", 5, "SESSION_STATUS", text)


def debug_event(router: Router, event: Event) -> None:
    """Print an event for whoever debugs. No line holds a key."""
    if not router.debugging.active & {DEBUG, DEBUG_ISAKMP}:
        return
    for flag, text in _lines(event):
        for line in text.splitlines():
            router.debugging.emit(flag, line)


def _lines(event: Event) -> list[tuple[str, str]]:
    if isinstance(event, events.Phase1Needed):
        ends = f"local= {event.local}:500, remote= {event.remote}:500"
        return [(DEBUG, f"IPSEC(sa_request): ,\n  (key eng. msg.) OUTBOUND {ends},\n    protocol= ESP, spi= 0x0(0)")]
    if isinstance(event, events.ExchangeBegun):
        how = "beginning Quick Mode exchange" if event.initiator else "processing HASH and SA payload"
        return [(DEBUG_ISAKMP, f"ISAKMP:(0):{how}, M-ID of {event.message_id}")]
    if isinstance(event, events.ExchangeRefused):
        return _refused(event)
    if isinstance(event, events.NegotiationFailed):
        return [(DEBUG, f"IPSEC(key_engine): request to {event.remote} failed: {event.refusal.value}")]
    if isinstance(event, events.SaInstalled):
        return [(DEBUG, text) for text in _created(event.pair)]
    if isinstance(event, events.SaRemoved):
        pair = event.pair
        spi = int.from_bytes(pair.inbound.spi, "big")
        head = f"IPSEC(delete_sa): deleting SA ({event.removal.value}),"
        return [(DEBUG, f"{head}\n  (sa) sa_dest= {pair.local.address}, sa_proto= 50,\n    sa_spi= 0x{spi:X}({spi})")]
    return []


def _refused(event: events.ExchangeRefused) -> list[tuple[str, str]]:
    remote = event.remote.address
    if event.refusal not in (Refusal.IDENTITIES, Refusal.NO_PROPOSAL):
        return [(DEBUG_ISAKMP, f"ISAKMP-ERROR: (0):Quick Mode with {remote}: {event.refusal.value}")]
    found = [(DEBUG, "IPSEC(validate_proposal_request): proposal part #1")]
    if event.flow is not None:
        found.append(
            (DEBUG, f"    local_proxy= {proxy(event.flow, True)},\n    remote_proxy= {proxy(event.flow, False)}")
        )
    identities = event.refusal is Refusal.IDENTITIES
    reason = "proxy identities not supported" if identities else "transform proposal not supported for identity"
    number = 32 if identities else 256
    return [
        *found,
        (DEBUG, f"IPSEC(ipsec_process_proposal): {reason}"),
        (DEBUG_ISAKMP, f"ISAKMP:(0):IPSec policy invalidated proposal with error {number}"),
        (DEBUG_ISAKMP, f"ISAKMP-ERROR: (0):phase 2 SA policy not acceptable! (local {event.local} remote {remote})"),
    ]


def _created(pair: SaPair) -> list[str]:
    ends = (pair.local, pair.inbound.spi, 0), (pair.remote, pair.outbound.spi, 1)
    volume = pair.kilobytes or 0
    texts = []
    for end, octets, offset in ends:
        spi = int.from_bytes(octets, "big")
        texts.append(
            f"IPSEC(create_sa): sa created,\n  (sa) sa_dest= {end.address}, sa_proto= 50,\n"
            f"    sa_spi= 0x{spi:X}({spi}),\n    sa_trans= {pair.transform.display()} , "
            f"sa_conn_id= {pair.connection_id + offset}\n    sa_lifetime(k/sec)= ({volume}/{pair.lifetime})"
        )
    return texts


def proxy(flow: AclEntry, own: bool) -> str:
    """An end of a flow: address, mask, protocol, port."""
    address, wildcard, port = (
        (flow.source, flow.source_wildcard, flow.source_port)
        if own
        else (flow.destination, flow.destination_wildcard, flow.destination_port)
    )
    return f"{IPv4Address(address)}/{IPv4Address(~wildcard & ANY_WILDCARD)}/{flow.protocol}/{port}"
