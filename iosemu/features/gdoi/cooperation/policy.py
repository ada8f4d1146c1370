"""From configuration to what the cooperation of key servers is configured with."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.coop.config import DEFAULT_PDU, CoopConfig, CoopTimers
from iosemu.engines.coop.group_keys import fingerprint
from iosemu.engines.gdoi.config import GroupIdentity
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.features.gdoi.configuration.config import GdoiGroup
from iosemu.features.gdoi.configuration.redundancy import Redundancy
from iosemu.wire.coop_members import DatabaseForm
from iosemu.wire.gdoi.profile import group_identity


def coop_config(group: GdoiGroup, key_server: KeyServer) -> CoopConfig | None:
    """The cooperation of a group, None while there is none: it takes an address of one's own and a peer."""
    local = group.local
    if local is None or local.redundancy is None or local.address is None or not local.redundancy.peers:
        return None
    redundancy, config = local.redundancy, key_server.config
    peers = tuple(peer for peer in redundancy.peers if peer != local.address)
    form = DatabaseForm.OPTIMIZE if redundancy.version == "optimize" else DatabaseForm.BASE
    return CoopConfig(
        group.name,
        _group(config.identity),
        local.address,
        redundancy.priority,
        peers,
        form,
        redundancy.pdu or DEFAULT_PDU,
        _timers(redundancy),
        fingerprint(config),
        config.version,
    )


def _timers(redundancy: Redundancy) -> CoopTimers:
    default = CoopTimers()
    retransmits = default.retransmits if redundancy.retransmits is None else redundancy.retransmits
    return CoopTimers(
        redundancy.refresh or default.refresh, redundancy.periodic or default.periodic, retransmits=retransmits
    )


def _group(identity: GroupIdentity) -> tuple[int, bytes]:
    if isinstance(identity.value, IPv4Address):
        return 1, identity.value.packed
    return 0, group_identity(identity.value)
