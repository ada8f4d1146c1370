"""Which memberships the configuration asks for."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.acl import AclEntry
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.states import registering
from iosemu.features.crypto_map.config import CryptoMap, CryptoMaps, MapEntry
from iosemu.features.gdoi.configuration.config import GdoiGroup, GdoiGroups
from iosemu.features.gdoi.policy import PolicyError, acl_entries, find_list, restrictions
from iosemu.features.interface.config import Interfaces
from iosemu.features.isakmp.config import IsakmpConfig
from iosemu.features.isakmp.release import software_version
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.gdoi.profile import PROFILES

# Interface, name of the crypto map, number of its entry.
Key = tuple[InterfaceName, str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """A membership as it is configured."""

    config: MemberConfig
    entry: MapEntry
    local_acl: tuple[AclEntry, ...]


def makes_another(member: GroupMember, config: MemberConfig) -> bool:
    """Whether a configuration makes another member. A registered one stays so when its list of servers changes."""
    own = member.config
    if (own.group, own.identity, own.local, own.vrf) != (config.group, config.identity, config.local, config.vrf):
        return True
    return own.servers != config.servers and registering(member.state)


def wanted(router: Router) -> dict[Key, Wish]:
    """The memberships that the applied crypto maps ask for, on interfaces that are up."""
    model = router.model
    if not model.block(IsakmpConfig).enabled:
        return {}
    maps = model.block(CryptoMaps)
    groups = model.block(GdoiGroups).groups
    found = {}
    for interface, name, _ in maps.placed:
        item = maps.maps.get(name)
        for sequence in sorted(item.entries) if item else ():
            assert item is not None
            entry = item.entries[sequence]
            group = groups.get(entry.group or "")
            source = _source(router, interface, item, group) if group else None
            if group is None or source is None or group.identity is None or not group.servers or not group.active:
                continue
            if group.ipv6 != item.ipv6:
                continue
            config = MemberConfig(
                group.name,
                group.identity,
                source[0],
                tuple(group.servers),
                version=software_version(model),
                restrictions=restrictions(model, group),
                recovery_interval=group.recovery_interval,
                passive=group.passive,
                vrf=source[1],
                profile=PROFILES[group.profile],
            )
            found[interface, name, sequence] = Wish(config, entry, access_list(router, entry.local_acl, item.ipv6))
    return found


def incomplete(router: Router) -> dict[Key, str]:
    """The applied entries whose group lacks its identity or servers, with its name."""
    maps, groups = router.model.block(CryptoMaps), router.model.block(GdoiGroups).groups
    found: dict[Key, str] = {}
    for interface, name, _ in maps.placed:
        item = maps.maps.get(name)
        for sequence, entry in item.entries.items() if item is not None else ():
            group = groups.get(entry.group or "")
            if entry.group and (group is None or group.identity is None or not group.servers):
                found[interface, name, sequence] = entry.group
    return found


def _source(
    router: Router, interface: InterfaceName, item: CryptoMap, group: GdoiGroup
) -> tuple[IPv4Address, str] | None:
    """The member's address and its VRF: of the registration interface, the map's local-address, or the interface
    itself."""
    if not _is_up(router, interface):
        return None
    source = group.registration_interface or item.local_address or interface
    config = router.model.block(Interfaces).by_name.get(source)
    at = router.interfaces.get(source)
    return (config.address.ip, at.vrf) if config and config.address and at is not None and at.line_up else None


def _is_up(router: Router, name: InterfaceName) -> bool:
    interface = router.interfaces.get(name)
    return interface is not None and interface.line_up


def access_list(router: Router, name: str | None, ipv6: bool) -> tuple[AclEntry, ...]:
    """The entries of a list; nothing where there is none, or it says what a policy cannot express."""
    found = find_list(router.model, name, ipv6)
    try:
        return acl_entries(found, ipv6) if found else ()
    except PolicyError:
        return ()
