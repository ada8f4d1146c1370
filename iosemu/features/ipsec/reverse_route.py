"""Reverse route injection: routes to what lies behind the peers of tunnels, while there are SAs or for good."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.acl import ANY_WILDCARD, AclEntry
from iosemu.engines.ipsec.engine import IpsecEngine
from iosemu.engines.ipsec.flows import FlowState
from iosemu.features.crypto_map.config import CryptoMaps
from iosemu.features.crypto_map.tunnel import ReverseRoute
from iosemu.features.ipsec.policy import entry_of
from iosemu.router.model import Model
from iosemu.router.routes import StaticRoute


def reverse_routes(model: Model, engine: IpsecEngine) -> list[StaticRoute]:
    """The routes that the entries with `reverse-route` make now, each once."""
    return list(dict.fromkeys(_routes(model, engine)))


def _routes(model: Model, engine: IpsecEngine) -> Iterator[StaticRoute]:
    maps = model.block(CryptoMaps)
    for state in engine.flows:
        entry = entry_of(maps, state.policy.key)
        wanted = entry.tunnel.reverse_route if entry is not None else None
        network = _network(state.flow)
        next_hop = _next_hop(wanted, state) if wanted is not None else None
        if network is not None and next_hop is not None:
            yield StaticRoute(network, next_hop)


def _next_hop(wanted: ReverseRoute, state: FlowState) -> IPv4Address | None:
    """The gateway, or the peer itself; None where there is nothing to route to."""
    if state.sending is None and not wanted.static:
        return None
    peer = state.peer or next(iter(state.policy.peers), None)
    return wanted.gateway or peer


def _network(flow: AclEntry) -> IPv4Network | None:
    """The far end of a flow; None for one that is no network, or the whole Internet."""
    mask = ~flow.destination_wildcard & ANY_WILDCARD
    if mask == 0 or (flow.destination_wildcard + 1) & flow.destination_wildcard:
        return None
    return IPv4Network((flow.destination & mask, mask.bit_count()))
