"""From configuration to what the engines are configured with."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Endpoint
from iosemu.engines.gdoi.config import KekPolicy, ServerConfig, TekPolicy
from iosemu.engines.gdoi.replay import NO_REPLAY, Replay, ReplayMethod
from iosemu.engines.gdoi.restrictions import Restrictions
from iosemu.engines.gdoi.sender_ids import server_bits
from iosemu.features.acl.config import AccessList, Entry, find
from iosemu.features.crypto_keys import store
from iosemu.features.gdoi.configuration.algorithms import CIPHERS, HASHES
from iosemu.features.gdoi.configuration.config import DEFAULT_REKEY_LIFETIME, GdoiGroup, LocalServer, SaIpsec
from iosemu.features.gdoi.configuration.identity import identity_list
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.features.ipv6_acl.config import Ipv6AccessLists
from iosemu.features.isakmp.release import software_version
from iosemu.router.model import Model
from iosemu.router.nvram import Nvram
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.gdoi.profile import PROFILES

MAXIMUM_ENTRIES = 100
SID_BITS = {"small 8": 8, "small 12": 12, "small 16": 16, "medium": 24, "large": 32}


class PolicyError(Exception):
    """The policy cannot be built yet; `mnemonic` and `text` are logged where they are set."""

    def __init__(self, mnemonic: str = "", text: str = "") -> None:
        super().__init__(text)
        self.mnemonic = mnemonic
        self.text = text


def find_list(model: Model, name: str | None, ipv6: bool) -> AccessList | None:
    """The list of a name and a family."""
    if not name:
        return None
    return model.block(Ipv6AccessLists).lists.get(name) if ipv6 else find(model, name)


def acl_entries(access_list: AccessList, ipv6: bool = False) -> tuple[AclEntry, ...]:
    """The entries of a list; raises PolicyError for port ranges, which a group policy cannot express. A deny that asks
    for more, such as a kind of ICMP message, would leave too much in clear without that, and is left out."""
    written = [entry for entry in access_list.entries if entry.remark is None]
    return tuple(_entry(access_list, entry, ipv6) for entry in written if entry.permit or not _asks_for_more(entry))


def _asks_for_more(entry: Entry) -> bool:
    return bool(entry.icmp or entry.conditions or entry.time_range)


def _entry(access_list: AccessList, entry: Entry, ipv6: bool) -> AclEntry:
    ports = []
    for end in (entry.source, entry.destination):
        if end.operator not in ("", "eq") or len(end.ports) > 1:
            text = f"The ACL {access_list.name} contains port range which is NOT supported."
            raise PolicyError("GDOI_ACL_RANGE", f"{text} WARNING: No TEK policy will be created.")
        ports.append(end.ports[0] if end.ports else 0)
    return AclEntry(
        entry.permit,
        entry.protocol,
        entry.source.address,
        entry.source.wildcard,
        ports[0],
        entry.destination.address,
        entry.destination.wildcard,
        ports[1],
        ipv6,
    )


def server_config(model: Model, nvram: Nvram, group: GdoiGroup) -> ServerConfig:
    """The configuration of a key server; raises PolicyError while it is incomplete."""
    server = group.local
    if server is None or group.identity is None or not group.active:
        raise PolicyError
    teks, refused = _teks(model, server, group.ipv6)
    if not teks:
        raise refused[0] if refused else PolicyError()
    authorization = find(model, server.authorization) if server.authorization else None
    signing_pair = store.pair(nvram, server.signing_label, server.signing_kind) if server.signing_label else None
    return ServerConfig(
        group.name,
        group.identity,
        kek_policy(server),
        teks,
        signing_pair.key if signing_pair is not None else None,
        server.signing_label,
        server.signing_kind,
        acl_entries(authorization) if authorization else None,
        identity_list(model, server.identity_list) if server.identity_list else None,
        server.address,
        server.unicast,
        multicast_ends(find(model, server.rekey_acl)) if server.rekey_acl else None,
        SID_BITS[server.group_size or "medium"],
        _server_ids(server),
        PROFILES[group.profile],
        software_version(model),
        # Other key servers do not know the tree.
        lkh=server.lkh and server.redundancy is None,
    )


def _server_ids(server: LocalServer) -> tuple[int, ...]:
    """The KSSIDs that fit the size of the group."""
    numbers = {number for first, last in server.identifier or () for number in range(first, last + 1)}
    limit = 1 << server_bits(SID_BITS[server.group_size or "medium"])
    return tuple(sorted(number for number in numbers if number < limit))


def _teks(model: Model, server: LocalServer, ipv6: bool) -> tuple[tuple[TekPolicy, ...], list[PolicyError]]:
    """The policies of all `sa ipsec` in their order, and what is wrong with others; raises PolicyError while one is
    incomplete."""
    found, refused = [], []
    for number in sorted(server.sas):
        try:
            found.append(_tek(model, server, server.sas[number], ipv6))
        except PolicyError as error:
            if not error.mnemonic:
                raise
            refused.append(error)
    return limited(tuple(found)), refused


def refused_sas(model: Model, group: GdoiGroup) -> list[PolicyError]:
    """What is wrong with single `sa ipsec` of a group that is served without them."""
    return _teks(model, group.local, group.ipv6)[1] if group.local else []


def limited(teks: tuple[TekPolicy, ...]) -> tuple[TekPolicy, ...]:
    """A group has at most 100 entries, over all of its lists; what comes behind them is left out."""
    left, found = MAXIMUM_ENTRIES, []
    for tek in teks:
        entries = tek.acl[:left]
        left -= len(entries)
        if any(entry.permit for entry in entries):
            found.append(replace(tek, acl=entries))
    return tuple(found)


def multicast_ends(access_list: AccessList | None) -> tuple[Endpoint, Endpoint] | None:
    """Source and destination of multicast rekeys: the first permit entry of `rekey address`."""
    for entry in access_list.entries if access_list else ():
        if entry.remark is None and entry.permit and entry.source.wildcard == entry.destination.wildcard == 0:
            source, destination = entry.source, entry.destination
            ports = [end.ports[0] if end.operator == "eq" else GDOI_PORT for end in (source, destination)]
            return Endpoint(IPv4Address(source.address), ports[0]), Endpoint(IPv4Address(destination.address), ports[1])
    return None


def kek_policy(server: LocalServer) -> KekPolicy:
    """The rekey SA's policy."""
    return KekPolicy(
        *CIPHERS[server.rekey_algorithm],
        server.rekey_lifetime or DEFAULT_REKEY_LIFETIME,
        HASHES[server.sig_hash],
        *server.retransmit,
        server.retransmit_periodic,
        server.acknowledgement,
    )


def restrictions(model: Model, group: GdoiGroup) -> Restrictions:
    """What a member accepts; names of transform sets that do not exist admit nothing."""
    sets = model.block(IpsecConfig).transform_sets
    return Restrictions(
        tuple(CIPHERS[word] for word in group.rekey_ciphers),
        tuple(HASHES[word] for word in group.rekey_hashes),
        tuple(sets[name].transform for name in group.transform_sets if name in sets) if group.transform_sets else None,
        group.ipv6,
    )


def replay_of(sa: SaIpsec) -> Replay:
    """How an SA checks for replays."""
    if sa.replay_time is not None:
        return Replay(ReplayMethod.TIME, sa.replay_time)
    return NO_REPLAY if sa.replay_window is None else Replay(ReplayMethod.COUNTER, sa.replay_window)


def _tek(model: Model, server: LocalServer, sa: SaIpsec, ipv6: bool) -> TekPolicy:
    ipsec = model.block(IpsecConfig)
    profile = ipsec.profiles.get(sa.profile or "")
    access_list = find_list(model, sa.acl6 if ipv6 else sa.acl, ipv6)
    transforms = (
        [ipsec.transform_sets[name] for name in profile.transform_sets if name in ipsec.transform_sets]
        if profile
        else []
    )
    if profile is None or access_list is None or not transforms:
        raise PolicyError
    entries = acl_entries(access_list, ipv6)
    if not any(entry.permit for entry in entries):
        raise PolicyError
    # A key server uses the first transform set only.
    lifetime = ipsec.lifetime if profile.lifetime is None else profile.lifetime
    return TekPolicy(sa.number, transforms[0].transform, lifetime, entries, replay_of(sa), server.receive_only)


def has_too_many_entries(model: Model, group: GdoiGroup) -> list[str]:
    """The names of lists of which only the first entries count, or none."""
    server = group.local
    names = [server.sas[number].list_name for number in sorted(server.sas)] if server else []
    found = [item for name in names if (item := find_list(model, name, group.ipv6))]
    total, over = 0, []
    for access_list in found:
        total += sum(entry.remark is None for entry in access_list.entries)
        over += [access_list.name] if total > MAXIMUM_ENTRIES else []
    return over
