"""Cryptographic Message Syntax (RFC 5652) as far as SCEP needs it: signed data with attributes, and bare bundles of
certificates. Data for one recipient alone: cms_envelope.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.crl import Crl
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.signatures import SignatureAlgorithm
from iosemu.crypto.suites import HASHES

LONGEST = 1 << 20
MOST_CERTIFICATES = 16

# Attributes by dotted identifier; text is a PrintableString, octets are an OctetString.
Attributes = Mapping[str, "str | bytes"]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed message holds. `content` is None where there is none; `signer` is the certificate whose key made
    the signature, None for a bare bundle; nothing says yet that anybody trusts it."""

    content: bytes | None = field(repr=False)
    signer: Certificate | None
    certificates: tuple[Certificate, ...] = ()
    crls: tuple[Crl, ...] = ()
    attributes: Attributes = field(default_factory=dict, repr=False)
    hash_name: str = ""


def sign(content: bytes | None, signer: Certificate, key: SigningKey, hash_name: str, attributes: Attributes) -> bytes:
    """Sign content and attributes; the signer's certificate goes along."""
    from asn1crypto import algos, cms, core

    wanted = [
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [HASHES[hash_name].digest(content or b"")]}),
    ]
    for oid, value in attributes.items():
        text = core.PrintableString(value) if isinstance(value, str) else core.OctetString(value)
        wanted.append(cms.CMSAttribute({"type": oid, "values": [text]}))
    covered = cms.CMSAttributes(wanted)
    digest_algorithm = algos.DigestAlgorithm({"algorithm": hash_name, "parameters": core.Null()})
    identifier = issuer_and_serial(signer)
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier("issuer_and_serial_number", identifier),
        "digest_algorithm": digest_algorithm,
        "signed_attrs": covered,
        "signature_algorithm": _signature_algorithm(key, hash_name),
        "signature": key.sign(hash_name, covered.dump()),
    }
    return _signed_data(
        {
            "digest_algorithms": [digest_algorithm],
            "encap_content_info": {"content_type": "data"} | ({} if content is None else {"content": content}),
            "certificates": [_certificate(signer)],
            "signer_infos": [info],
        }
    )


def bundle(certificates: tuple[Certificate, ...] = (), crls: tuple[Crl, ...] = ()) -> bytes:
    """Signed data that nobody signs: the usual way to hand out certificates or a CRL."""
    from asn1crypto import crl

    parts: dict[str, Any] = {
        "digest_algorithms": [],
        "encap_content_info": {"content_type": "data"},
        "signer_infos": [],
    }
    if certificates:
        parts["certificates"] = [_certificate(item) for item in certificates]
    if crls:
        parts["crls"] = [crl.CertificateList.load(item.der) for item in crls]
    return _signed_data(parts)


def open_signed(data: bytes) -> Signed:
    """Read signed data and verify the signature by the certificate that came along; raises CryptoError."""
    if len(data) > LONGEST:
        raise CryptoError("the message is too long")
    try:
        return _open_signed(data)
    except CryptoError:
        raise
    except Exception as error:
        raise CryptoError("the octets are no signed data") from error


def _open_signed(data: bytes) -> Signed:
    from asn1crypto import cms

    info = cms.ContentInfo.load(data)
    if info["content_type"].native != "signed_data":
        raise CryptoError("the octets are no signed data")
    signed = info["content"]
    certificates = tuple(
        Certificate.parse(item.chosen.dump()) for item in list(signed["certificates"])[:MOST_CERTIFICATES]
    )
    crls = tuple(Crl.parse(item.chosen.dump()) for item in list(signed["crls"])[:MOST_CERTIFICATES])
    content = signed["encap_content_info"]["content"].native
    if not len(signed["signer_infos"]):
        return Signed(content, None, certificates, crls)
    signer = signed["signer_infos"][0]
    hash_name = signer["digest_algorithm"]["algorithm"].native
    owner = _find(signer["sid"], certificates)
    attributes = _attributes(signer["signed_attrs"])
    if owner is None or hash_name not in HASHES:
        raise CryptoError("nothing to verify the signature by")
    if attributes.pop(_MESSAGE_DIGEST, None) != HASHES[hash_name].digest(content or b""):
        raise CryptoError("the digest is not that of the content")
    if not owner.public_key.verify(hash_name, signer["signed_attrs"].untag().dump(), signer["signature"].native):
        raise CryptoError("the signature is wrong")
    return Signed(content, owner, certificates, crls, attributes, hash_name)


_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"


def _attributes(structure: Any) -> dict[str, str | bytes]:
    """The attributes of one value each, text and octets alone."""
    found = {}
    for item in structure:
        values = item["values"]
        if len(values) != 1:
            raise CryptoError("an attribute without its value")
        native = values[0].native
        if isinstance(native, str | bytes):
            found[item["type"].dotted] = native
    return found


def _find(identifier: Any, certificates: tuple[Certificate, ...]) -> Certificate | None:
    """The certificate that an issuer and serial number, or a key identifier, tells of."""
    if identifier.name == "subject_key_identifier":
        wanted = identifier.chosen.native
        return next((item for item in certificates if item.extensions.subject_key_id == wanted), None)
    issuer, serial = identifier.chosen["issuer"].dump(), identifier.chosen["serial_number"].native
    return next((item for item in certificates if (item.issuer.der, item.serial) == (issuer, serial)), None)


def _signed_data(parts: dict[str, Any]) -> bytes:
    from asn1crypto import cms

    data: bytes = cms.ContentInfo({"content_type": "signed_data", "content": {"version": "v1", **parts}}).dump()
    return data


def _signature_algorithm(key: SigningKey, hash_name: str) -> Any:
    """RSA is told of without its hash (RFC 3370 section 3.2): some peers know nothing else."""
    from asn1crypto import algos, core

    if key.kind == "rsa":
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15", "parameters": core.Null()})
    return SignatureAlgorithm(key.kind, hash_name).structure()


def issuer_and_serial(certificate: Certificate) -> Any:
    """How a message names the certificate of a signer or a recipient."""
    from asn1crypto import cms, x509

    return cms.IssuerAndSerialNumber(
        {"issuer": x509.Name.load(certificate.issuer.der), "serial_number": certificate.serial}
    )


def _certificate(certificate: Certificate) -> Any:
    from asn1crypto import cms, x509

    return cms.CertificateChoices("certificate", x509.Certificate.load(certificate.der))
