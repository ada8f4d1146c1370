"""Who may join a group."""

from __future__ import annotations

from iosemu.engines.common import Event
from iosemu.engines.gdoi.authorization import admits
from iosemu.engines.gdoi.config import ServerConfig, needed_version
from iosemu.engines.gdoi.server_events import IdentityUnauthorized, MemberTooOld, MemberUnauthorized
from iosemu.engines.ike.sa import IsakmpSa


def refusal(config: ServerConfig, sa: IsakmpSa) -> Event | None:
    """Why a peer may not join, None when it may: its address, its version, its identity."""
    address = sa.remote.address
    if config.authorized is not None and not admits(config.authorized, address):
        return MemberUnauthorized(config.group, address)
    needed = needed_version(config)
    if sa.peer_version is not None and needed is not None and sa.peer_version < needed:
        return MemberTooOld(config.group, address, sa.peer_version, needed)
    if config.identities is not None and (reason := config.identities.refusal(sa.peer_identity, sa.peer_certificate)):
        return IdentityUnauthorized(config.group, address, reason)
    return None
