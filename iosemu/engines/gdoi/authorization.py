"""Who may join a group: by address, and by the identity of phase 1."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.engines.acl import AclEntry
from iosemu.engines.ike.credentials import PeerCertificate
from iosemu.wire.isakmp_payloads import Identity, IdType

NO_NAME = "Dist. name parsing failed"


@dataclass(frozen=True, slots=True)
class IdentityList:
    """Who may join a group by phase 1 identity, as `crypto identity` says: fully qualified names of members, and parts
    of the subjects of their certificates. An empty list lets nobody in."""

    names: tuple[str, ...] = ()
    subjects: tuple[Name, ...] = ()

    def refusal(self, identity: Identity | None, certificate: PeerCertificate | None = None) -> str | None:
        """Why a peer is not admitted, None when it is: what it is called, or that it has no name. The certificate is
        the one that phase 1 has verified."""
        subject = _subject(certificate)
        if subject is not None and any(_contains(subject, part) for part in self.subjects):
            return None
        host = _host(identity)
        if host is not None and host.lower() in {name.lower() for name in self.names}:
            return None
        if (self.subjects and subject is not None) or (self.names and host is not None):
            return str(subject) if subject is not None else host
        return NO_NAME


def _subject(certificate: PeerCertificate | None) -> Name | None:
    for identity in certificate.identities if certificate is not None else ():
        if identity.kind == IdType.DER_ASN1_DN:
            try:
                return Name.parse(identity.data)
            except CryptoError:
                return None
    return None


def _host(identity: Identity | None) -> str | None:
    if identity is None or identity.kind not in (IdType.FQDN, IdType.USER_FQDN):
        return None
    return identity.data.decode("ascii", "replace")


def _contains(subject: Name, part: Name) -> bool:
    """Whether all that a list asks for stands in a subject, without regard to case."""
    has = {(item.oid, item.value.casefold()) for rdn in subject.rdns for item in rdn}
    return {(item.oid, item.value.casefold()) for rdn in part.rdns for item in rdn} <= has


def admits(entries: tuple[AclEntry, ...], address: IPv4Address) -> bool:
    """Whether a standard access list lets an address in; its end refuses."""
    number = int(address)
    for entry in entries:
        if (number ^ entry.source) & ~entry.source_wildcard == 0:
            return entry.permit
    return False
