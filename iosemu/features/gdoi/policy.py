"""From configuration to what the engines are configured with."""

from __future__ import annotations

from iosemu.engines.gdoi.acl import AclEntry
from iosemu.engines.gdoi.config import KekPolicy, ServerConfig, TekPolicy
from iosemu.features.acl.config import AccessList, Entry, find
from iosemu.features.crypto_keys import store
from iosemu.features.gdoi.config import DEFAULT_REKEY_LIFETIME, GdoiGroup, LocalServer, SaIpsec
from iosemu.features.ipsec.config import IpsecConfig
from iosemu.router.model import Model
from iosemu.router.nvram import Nvram

MAXIMUM_ENTRIES = 100
SID_BITS = {"small 8": 8, "small 12": 12, "small 16": 16, "medium": 24, "large": 32}


class PolicyError(Exception):
    """The policy cannot be built yet; `mnemonic` and `text` are logged where they are set."""

    def __init__(self, mnemonic: str = "", text: str = "") -> None:
        super().__init__(text)
        self.mnemonic = mnemonic
        self.text = text


def acl_entries(access_list: AccessList) -> tuple[AclEntry, ...]:
    """The entries of a list; raises PolicyError for port ranges, which a group policy cannot express."""
    return tuple(_entry(access_list, entry) for entry in access_list.entries if entry.remark is None)


def _entry(access_list: AccessList, entry: Entry) -> AclEntry:
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
    )


def server_config(model: Model, nvram: Nvram, group: GdoiGroup) -> ServerConfig:
    """The configuration of a key server; raises PolicyError while it is incomplete."""
    server = group.local
    if server is None or group.identity is None or not group.active:
        raise PolicyError
    teks = tuple(_tek(model, server.sas[number]) for number in sorted(server.sas))
    if not teks:
        raise PolicyError
    authorization = find(model, server.authorization) if server.authorization else None
    return ServerConfig(
        group.name,
        group.identity,
        kek_policy(server),
        teks,
        store.load(nvram, server.rsa_label) if server.rsa_label else None,
        server.rsa_label,
        acl_entries(authorization) if authorization else None,
        server.unicast,
        SID_BITS[server.group_size or "medium"],
    )


def kek_policy(server: LocalServer) -> KekPolicy:
    """The rekey SA's policy."""
    name, _, bits = server.rekey_algorithm.partition(" ")
    return KekPolicy(
        name.removesuffix("-cbc"),
        int(bits or 0),
        server.rekey_lifetime or DEFAULT_REKEY_LIFETIME,
        "sha1" if server.sig_hash == "sha" else server.sig_hash,
        *server.retransmit,
        server.acknowledgement,
    )


def _tek(model: Model, sa: SaIpsec) -> TekPolicy:
    ipsec = model.block(IpsecConfig)
    profile = ipsec.profiles.get(sa.profile or "")
    access_list = find(model, sa.acl) if sa.acl else None
    transforms = (
        [ipsec.transform_sets[name] for name in profile.transform_sets if name in ipsec.transform_sets]
        if profile
        else []
    )
    if profile is None or access_list is None or not transforms:
        raise PolicyError
    entries = acl_entries(access_list)
    if not any(entry.permit for entry in entries):
        raise PolicyError
    # A key server uses the first transform set only.
    lifetime = ipsec.lifetime if profile.lifetime is None else profile.lifetime
    return TekPolicy(sa.number, transforms[0].transform, lifetime, entries[:MAXIMUM_ENTRIES])


def has_too_many_entries(model: Model, group: GdoiGroup) -> list[str]:
    """The names of lists of which only the first entries count."""
    server = group.local
    names = [sa.acl for sa in server.sas.values() if sa.acl] if server else []
    found = [item for name in names if (item := find(model, name))]
    return [item.name for item in found if len(item.entries) > MAXIMUM_ENTRIES]
