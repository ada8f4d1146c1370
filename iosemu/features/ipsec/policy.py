"""From crypto maps to what the engine's tunnels are configured with."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import product

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.tunnel import DfRule
from iosemu.engines.ipsec.config import PolicyKey, TransformSet, TunnelPolicy
from iosemu.features.acl.config import Entry, Match, find
from iosemu.features.acl.groups import expanded
from iosemu.features.crypto_map.config import CryptoMap, CryptoMaps, MapEntry
from iosemu.features.crypto_map.tunnel import TunnelSettings
from iosemu.features.dns.config import resolve
from iosemu.features.interface.config import Interfaces
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router


def tunnel_policies(router: Router) -> list[TunnelPolicy]:
    """The policies of all entries that are complete, of maps on interfaces that are up, in the order of the maps."""
    maps = router.model.block(CryptoMaps)
    found = []
    for interface in sorted(maps.applied, key=InterfaceName.sort_key):
        item = maps.maps.get(maps.applied[interface])
        local = local_address(router, interface, item) if item is not None else None
        if item is not None and local is not None:
            found += [_policy(router.model, key, entry, local) for key, entry in entries(maps, interface, item)]
    return [policy for policy in found if policy is not None]


def local_address(router: Router, interface: InterfaceName, item: CryptoMap) -> IPv4Address | None:
    """Where the tunnels of a map end: at its local-address, else at the interface."""
    for name in (interface, item.local_address or interface):
        found = router.interfaces.get(name)
        if found is None or not found.line_up:
            return None
    config = router.model.block(Interfaces).by_name.get(item.local_address or interface)
    return config.address.ip if config and config.address else None


def entries(maps: CryptoMaps, interface: InterfaceName, item: CryptoMap) -> Iterator[tuple[PolicyKey, MapEntry]]:
    """The entries for point-to-point SAs; one that stands for a dynamic map is all of its entries."""
    for sequence in sorted(item.entries):
        entry = item.entries[sequence]
        if entry.kind == "ipsec-isakmp":
            yield (str(interface), item.name, sequence, 0), entry
        elif entry.dynamic_name is not None:
            dynamic = maps.dynamic.get(entry.dynamic_name, {})
            for number in sorted(dynamic):
                yield (str(interface), item.name, sequence, number), dynamic[number]


def entry_of(maps: CryptoMaps, key: PolicyKey) -> MapEntry | None:
    """The entry that a policy was made of."""
    _, name, sequence, number = key
    item = maps.maps.get(name)
    entry = item.entries.get(sequence) if item is not None else None
    if entry is None or entry.dynamic_name is None:
        return entry
    return maps.dynamic.get(entry.dynamic_name, {}).get(number)


def _policy(model: Model, key: PolicyKey, entry: MapEntry, local: IPv4Address) -> TunnelPolicy | None:
    config, tunnel = model.block(IpsecConfig), entry.tunnel
    dynamic = bool(key[3])
    rules = _rules(model, entry.local_acl) if entry.local_acl else ()
    found = [_address(model, peer.name) for peer in tunnel.peers]
    peers = tuple(address for address in found if address is not None)
    transforms = _transforms(config, tunnel)
    complete = transforms and (dynamic or (peers and any(rule.permit for rule in rules)))
    if not complete or (entry.local_acl and not rules):
        return None
    return TunnelPolicy(
        key,
        local,
        peers,
        rules,
        transforms,
        int((tunnel.pfs or "group0").removeprefix("group")),
        tunnel.lifetime or config.lifetime,
        (config.kilobytes if tunnel.kilobytes is None else tunnel.kilobytes) or None,
        tunnel.idle_time or config.idle_time,
        config.replay if tunnel.replay is None else tunnel.replay,
        DfRule(tunnel.df_bit or config.df_bit_on(parse_name(key[0]))),
        config.fragment_first,
        tunnel.per_host,
        dynamic,
        any(peer.default for peer in tunnel.peers),
    )


def _transforms(config: IpsecConfig, tunnel: TunnelSettings) -> tuple[TransformSet, ...]:
    found = [config.transform_sets[name] for name in tunnel.transform_sets if name in config.transform_sets]
    return tuple(TransformSet(item.transform, item.mode == "transport", item.require) for item in found)


def _rules(model: Model, name: str) -> tuple[AclEntry, ...]:
    access_list = find(model, name)
    written = access_list.entries if access_list is not None else []
    single = [entry for item in written if item.remark is None for entry in expanded(model, item)]
    return tuple(rule for entry in single for rule in _rules_of(entry))


def _rules_of(entry: Entry) -> Iterator[AclEntry]:
    """An identity names one port or all (RFC 2407 section 4.6.2): a permit of a range protects all of them, a deny of
    one would leave too much in clear and is left out."""
    if not entry.permit and not {entry.source.operator, entry.destination.operator} <= {"", "eq"}:
        return
    for source, destination in product(_ports(entry.source), _ports(entry.destination)):
        own, peer = entry.source, entry.destination
        here, there = (own.address, own.wildcard, source), (peer.address, peer.wildcard, destination)
        yield AclEntry(entry.permit, entry.protocol, *here, *there)


def _ports(match: Match) -> tuple[int, ...]:
    return match.ports if match.operator == "eq" else (0,)


def _address(model: Model, name: str) -> IPv4Address | None:
    """The address of a peer, by the names that we know where it is a name."""
    try:
        return IPv4Address(name)
    except ValueError:
        return resolve(model, name)
