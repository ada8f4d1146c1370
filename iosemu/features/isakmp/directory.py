"""The speaker's settings from the model, and its answers about peers."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.config import NAT_KEEPALIVE, IkeConfig, IkePolicy
from iosemu.engines.ike.credentials import CertificateRefused, CertificateStore, Credentials, PeerCertificate, Verdict
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.engines.ike.methods import Authentication
from iosemu.features.accounts.master_key import revealed
from iosemu.features.dns.config import NamesConfig, resolve
from iosemu.features.isakmp.config import IsakmpConfig, KeepaliveConfig, PolicyConfig
from iosemu.features.isakmp.default_policies import DEFAULT_POLICIES
from iosemu.features.isakmp.keyring import Keyring, Keyrings
from iosemu.features.isakmp.keys import HostKey, PresharedKey
from iosemu.features.isakmp.matching import matches
from iosemu.features.isakmp.peer import Peers
from iosemu.features.isakmp.profile import Profile, Profiles
from iosemu.features.isakmp.release import software_version
from iosemu.features.isakmp.role import Role
from iosemu.router.router import Router
from iosemu.wire.isakmp_payloads import Identity, IdType

AUTHENTICATION = {
    "pre-share": (Authentication.PRE_SHARED,),
    "rsa-sig": (Authentication.RSA_SIGNATURES,),
    "ecdsa-sig": (Authentication.ECDSA_256, Authentication.ECDSA_384, Authentication.ECDSA_521),
    # Encrypted nonces (RFC 2409 section 5.2) are kept in a policy and never offered.
    "rsa-encr": (),
}
DEFAULT_RETRY = 2
_ENDPOINTS = {"fqdn": IdType.FQDN, "user-fqdn": IdType.USER_FQDN}


class Directory:
    """What the model says of a peer. `roles` are those under phase 1, `certificates` finds who has trustpoints."""

    def __init__(self, router: Router, roles: list[Role], certificates: Callable[[], CertificateStore | None]) -> None:
        self._router = router
        self._roles = roles
        self._certificates = certificates

    # Pre-shared keys

    def psk(self, remote: Endpoint, identity: Identity | None = None) -> bytes | None:
        """The key of the peer's block, of its name, or that with the longest mask around its address."""
        peer = self._router.model.block(Peers).at(remote)
        if peer is not None and peer.password is not None:
            return self._reveal(*peer.password)
        best = self._by_name(remote, identity) or self._by_address(remote)
        return self._reveal(best.kind, best.key) if best is not None else None

    def _by_name(self, remote: Endpoint, identity: Identity | None) -> HostKey | None:
        """A name is known from the identity, or its address from the names that we know."""
        keys = [] if remote.vrf else [*self._router.model.block(IsakmpConfig).host_keys]
        keys += [key for ring in self._keyrings(remote) for key in ring.host_keys]
        if identity is not None and identity.kind in _ENDPOINTS.values():
            name = identity.data.decode("utf-8", "replace").lower()
            return next((key for key in keys if key.host.lower() == name), None)
        return next((key for key in keys if resolve(self._router.model, key.host) == remote.address), None)

    def _by_address(self, remote: Endpoint) -> PresharedKey | None:
        keys = [] if remote.vrf else [*self._router.model.block(IsakmpConfig).keys]
        keys += [key for ring in self._keyrings(remote) for key in ring.keys]
        covering = [key for key in keys if key.covers(remote.address)]
        return max(covering, key=lambda key: int(key.mask), default=None)

    def _keyrings(self, remote: Endpoint) -> list[Keyring]:
        return [ring for ring in self._router.model.block(Keyrings).by_name.values() if ring.vrf == remote.vrf]

    def _reveal(self, kind: str, key: str) -> bytes | None:
        password = revealed(self._router.nvram, kind, key)
        return password.encode() if password is not None else None

    # Identities

    def own_identity(self, remote: Endpoint, local: Endpoint, method: int) -> Identity:
        """What the peer's block, its profile, or the global setting says."""
        peer = self._router.model.block(Peers).at(remote)
        if peer is not None and peer.endpoint is not None:
            return self._named(*peer.endpoint, local)
        profile = self.profile_of(remote)
        if profile is not None and profile.self_identity is not None:
            return self._named(*profile.self_identity, local)
        wanted = self._router.model.block(IsakmpConfig).identity
        if wanted == "hostname":
            return self._named("fqdn", "", local)
        credentials = self.credentials(remote, method, ()) if wanted == "dn" else None
        if credentials is not None:
            return Identity(IdType.DER_ASN1_DN, credentials.subject)
        return Identity(IdType.IPV4_ADDR, local.address.packed)

    def _named(self, kind: str, value: str, local: Endpoint) -> Identity:
        """An identity in the words of IOS; a name that is left out is the router's own."""
        if kind in _ENDPOINTS:
            return Identity(_ENDPOINTS[kind], (value or self._own_name()).encode())
        if kind == "ipv4-address":
            return Identity(IdType.IPV4_ADDR, IPv4Address(value).packed)
        return Identity(IdType.IPV4_ADDR, local.address.packed)

    def _own_name(self) -> str:
        domain = self._router.model.block(NamesConfig).domain
        return f"{self._router.hostname}.{domain}" if domain else self._router.hostname

    def accepts(self, remote: Endpoint, identity: Identity, certificate: PeerCertificate | None) -> bool:
        """A profile must match the peer where its key comes from a keyring that only profiles use."""
        profiles = self._router.model.block(Profiles).by_name.values()
        if any(matches(item, identity, certificate, self._certificates()) for item in profiles):
            return True
        if certificate is not None:
            bound = {name for item in profiles for name in item.trustpoints}
            return certificate.trustpoint not in bound
        return self._has_free_key(remote, identity)

    def _has_free_key(self, remote: Endpoint, identity: Identity) -> bool:
        """Whether the peer's key is one that no profile claims."""
        model = self._router.model
        claimed = {name for item in model.block(Profiles).by_name.values() for name in item.keyrings}
        rings = [model.block(Keyrings).by_name[name] for name in claimed if name in model.block(Keyrings).by_name]
        best = self._by_name(remote, identity) or self._by_address(remote)
        return not any(best in ring.keys or best in ring.host_keys for ring in rings)

    # Further settings of a peer

    def profile_of(self, remote: Endpoint) -> Profile | None:
        """The profile that a role names for a peer, else the one that matches it by its address."""
        profiles = self._router.model.block(Profiles).by_name
        for role in self._roles:
            if (name := role.profile(remote)) in profiles:
                return profiles[name]
        matching = (item for item in profiles.values() if any(match.reaches(remote) for match in item.addresses))
        return next(matching, None)

    def aggressive(self, remote: Endpoint) -> bool:
        """Where the peer's block or its profile says so."""
        peer = self._router.model.block(Peers).at(remote)
        profile = self.profile_of(remote)
        return bool(peer and peer.initiates_aggressive) or bool(profile and profile.aggressive)

    def keeps_sas(self, local: Endpoint, remote: Endpoint) -> bool:
        """What the roles know."""
        return any(role.keeps_sas(local, remote) for role in self._roles)

    def keepalive(self, remote: Endpoint) -> Keepalive | None:
        """Of the peer's profile, else the global one."""
        profile = self.profile_of(remote)
        own = profile.keepalive if profile else None
        return _keepalive(own or self._router.model.block(IsakmpConfig).keepalive)

    # Certificates

    def credentials(self, remote: Endpoint, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        """Our certificate, of the profile's trustpoint where there is one."""
        store = self._certificates()
        return store.credentials(self._trustpoint(remote), method, authorities) if store else None

    def authorities(self, remote: Endpoint) -> tuple[bytes, ...]:
        """Those of the profile's trustpoint, or all."""
        store = self._certificates()
        return store.authorities(self._trustpoint(remote)) if store else ()

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        """The store's verdict."""
        store: CertificateStore | None = self._certificates()
        return store.verify(chain, now, None) if store else CertificateRefused("no trustpoint")

    def _trustpoint(self, remote: Endpoint) -> str | None:
        profile = self.profile_of(remote)
        return profile.trustpoints[0] if profile and profile.trustpoints else None


def engine_config(router: Router, directory: Directory) -> IkeConfig:
    """All settings of the speaker."""
    config = router.model.block(IsakmpConfig)
    return IkeConfig(
        tuple(item for policy in effective_policies(config) for item in _engine_policies(policy)),
        directory,
        software_version(router.model),
        nat_keepalive=config.nat_keepalive or NAT_KEEPALIVE,
        aggressive_mode=config.aggressive_mode,
        fragmentation=config.fragmentation,
    )


def effective_policies(config: IsakmpConfig) -> list[PolicyConfig]:
    """The configured policies; the default ones hold while there are none."""
    if config.policies or not config.default_policies:
        return [config.policies[priority] for priority in sorted(config.policies)]
    return list(DEFAULT_POLICIES)


def _engine_policies(policy: PolicyConfig) -> list[IkePolicy]:
    """A suite as the engine knows it, once for each method that its authentication stands for."""
    name, bits = policy.encryption
    hash_name = "sha1" if policy.hash == "sha" else policy.hash
    return [
        IkePolicy(policy.priority, name, bits, hash_name, method, policy.group, policy.lifetime)
        for method in AUTHENTICATION[policy.authentication]
    ]


def _keepalive(config: KeepaliveConfig | None) -> Keepalive | None:
    if config is None:
        return None
    return Keepalive(config.interval, config.retry or DEFAULT_RETRY, config.periodic)
