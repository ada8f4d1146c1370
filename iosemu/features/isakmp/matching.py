"""Which peers a profile is for."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.ike.credentials import CertificateStore, PeerCertificate
from iosemu.features.isakmp.profile import Profile
from iosemu.wire.isakmp_payloads import Identity, IdType


def matches(
    profile: Profile, identity: Identity, certificate: PeerCertificate | None, store: CertificateStore | None
) -> bool:
    """Whether a profile matches a peer by its identity, or by its certificate."""
    if certificate is not None and store is not None and _maps_match(profile, certificate, store):
        return True
    if identity.kind == IdType.IPV4_ADDR:
        return any(match.covers(IPv4Address(identity.data)) for match in profile.addresses)
    name = identity.data.decode("utf-8", "replace").lower()
    return any(_matches_name(kind, wanted.lower(), identity.kind, name) for kind, wanted in profile.names)


def _maps_match(profile: Profile, certificate: PeerCertificate, store: CertificateStore) -> bool:
    return any(store.matches(name, certificate) for name in profile.certificate_maps)


def _matches_name(kind: str, wanted: str, id_type: int, name: str) -> bool:
    if kind == "group":
        return id_type == IdType.KEY_ID and name == wanted
    if id_type == IdType.FQDN:
        return (kind == "host" and name == wanted) or (kind == "host domain" and name.partition(".")[2] == wanted)
    if id_type == IdType.USER_FQDN:
        user, _, domain = name.partition("@")
        return (kind, wanted) in (("user-fqdn", name), ("user", user), ("user domain", domain))
    return False
