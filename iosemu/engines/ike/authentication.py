"""How the two ends of phase 1 prove themselves: pre-shared keys and signatures (RFC 2409 sections 5.1 and 5.4)."""

from __future__ import annotations

import hmac

from iosemu.crypto.ike_keys import skeyid_from_psk, skeyid_from_signatures
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.credentials import CertificatePending, CertificateRefused, PeerCertificate, method_of
from iosemu.engines.ike.errors import ExchangeRefusedError, VerdictPendingError
from iosemu.engines.ike.events import Reason
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.isakmp import Payload, PayloadType, find_payload
from iosemu.wire.isakmp_payloads import Identity, IdType

# Certificate encodings (RFC 2408 section 3.9).
X509_SIGNATURE = b"\x04"
_MAXIMUM_CHAIN = 8


def skeyid(
    sa: IsakmpSa, config: IkeConfig, nonces: tuple[bytes, bytes], shared: bytes, identity: Identity | None
) -> bytes:
    """SKEYID; `nonces` are Ni_b and Nr_b, `identity` the peer's where it is known by now."""
    if sa.authentication.signs:
        return skeyid_from_signatures(sa.hash, *nonces, shared)
    psk = config.peers.psk(sa.remote, identity)
    if psk is None:
        raise ExchangeRefusedError(Reason.NO_PSK)
    return skeyid_from_psk(sa.hash, psk, *nonces)


def proof(sa: IsakmpSa, config: IkeConfig, digest: bytes, authorities: tuple[bytes, ...]) -> list[Payload]:
    """Our HASH, or our certificates and the signature over it; `authorities` are those that the peer asked for."""
    if not sa.authentication.signs:
        return [Payload(PayloadType.HASH, digest)]
    credentials = config.peers.credentials(sa.remote, sa.authentication, authorities)
    if credentials is None:
        raise ExchangeRefusedError(Reason.NO_CERTIFICATE)
    certificates = [Payload(PayloadType.CERT, X509_SIGNATURE + der) for der in credentials.chain]
    return [*certificates, Payload(PayloadType.SIG, credentials.key.sign_bare(digest))]


def check_proof(
    sa: IsakmpSa, config: IkeConfig, payloads: tuple[Payload, ...], digest: bytes, identity: Identity, now: float
) -> PeerCertificate | None:
    """Check the peer's proof and that we serve its identity; its certificate where it has one.

    Raises ExchangeRefusedError, WireError, and VerdictPendingError while a revocation list is being fetched.
    """
    certificate = None
    if sa.authentication.signs:
        certificate = _check_signature(sa, config, payloads, digest, identity, now)
    elif not hmac.compare_digest(find_payload(payloads, PayloadType.HASH), digest):
        raise ExchangeRefusedError(Reason.BAD_HASH)
    if not config.peers.accepts(sa.remote, identity, certificate):
        raise ExchangeRefusedError(Reason.IDENTITY)
    return certificate


def _check_signature(
    sa: IsakmpSa, config: IkeConfig, payloads: tuple[Payload, ...], digest: bytes, identity: Identity, now: float
) -> PeerCertificate:
    bodies = [payload.body for payload in payloads if payload.kind == PayloadType.CERT]
    chain = tuple(body[1:] for body in bodies if body[:1] == X509_SIGNATURE)
    signature = find_payload(payloads, PayloadType.SIG)
    if not 0 < len(chain) <= _MAXIMUM_CHAIN:
        raise ExchangeRefusedError(Reason.CERTIFICATE, f"{len(chain)} certificates")
    verdict = config.peers.verify(chain, now)
    if isinstance(verdict, CertificatePending):
        raise VerdictPendingError
    if isinstance(verdict, CertificateRefused):
        raise ExchangeRefusedError(Reason.CERTIFICATE, verdict.reason)
    if method_of(verdict.key) != sa.authentication or not verdict.key.verify_bare(digest, signature):
        raise ExchangeRefusedError(Reason.BAD_SIGNATURE)
    # IOS calls itself by its address, which certificates seldom hold: then the network vouches for it.
    own_address = Identity(IdType.IPV4_ADDR, sa.remote.address.packed)
    if not vouches_for(verdict, identity) and _comparable(identity) != _comparable(own_address):
        raise ExchangeRefusedError(Reason.IDENTITY, "the certificate is for somebody else")
    return verdict


def vouches_for(certificate: PeerCertificate, identity: Identity) -> bool:
    """Whether an identity is one of those in a certificate; names of hosts are compared without regard to case."""
    return _comparable(identity) in {_comparable(item) for item in certificate.identities}


def _comparable(identity: Identity) -> tuple[int, bytes]:
    is_text = identity.kind in (IdType.FQDN, IdType.USER_FQDN)
    return identity.kind, identity.data.lower() if is_text else identity.data
