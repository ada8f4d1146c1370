"""Which policies can be used with a peer: those whose proof we can give."""

from __future__ import annotations

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.methods import Authentication
from iosemu.wire.isakmp_payloads import Identity


def usable_policies(config: IkeConfig, remote: Endpoint, identity: Identity | None = None) -> tuple[IkePolicy, ...]:
    """The policies for which we have a pre-shared key or a certificate, in order of priority."""
    found = [policy for policy in config.policies if _is_usable(config, policy.authentication, remote, identity)]
    return tuple(sorted(found, key=lambda policy: policy.priority))


def _is_usable(config: IkeConfig, method: int, remote: Endpoint, identity: Identity | None) -> bool:
    if method == Authentication.PRE_SHARED:
        return config.peers.psk(remote, identity) is not None
    return config.peers.credentials(remote, method, ()) is not None
