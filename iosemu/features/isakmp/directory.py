"""The speaker's settings from the model, and its answers about peers."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.peers import Strangers
from iosemu.features.isakmp.config import IsakmpConfig, PolicyConfig, find_key
from iosemu.router.router import Router
from iosemu.wire.isakmp import Identity

AUTHENTICATION = {
    "pre-share": (Authentication.PRE_SHARED,),
    "rsa-sig": (Authentication.RSA_SIGNATURES,),
    "rsa-encr": (),
}


class Directory(Strangers):
    """What the model says of a peer."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def psk(self, address: IPv4Address, identity: Identity | None = None) -> bytes | None:
        return find_key(self._router, address)


def engine_config(router: Router) -> IkeConfig:
    """All settings of the speaker."""
    config = router.model.block(IsakmpConfig)
    policies = tuple(item for policy in config.policies.values() for item in _engine_policies(policy))
    return IkeConfig(policies, Directory(router))


def _engine_policies(policy: PolicyConfig) -> list[IkePolicy]:
    """A suite as the engine knows it, once for each method that its authentication stands for."""
    name, bits = policy.encryption
    hash_name = "sha1" if policy.hash == "sha" else policy.hash
    return [
        IkePolicy(policy.priority, name, bits, hash_name, method, policy.group, policy.lifetime)
        for method in AUTHENTICATION[policy.authentication]
    ]
