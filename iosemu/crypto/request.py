"""Requests for certificates, PKCS #10 (RFC 2986), with the attributes of RFC 2985."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from iosemu.crypto import extensions, pem
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import Extensions
from iosemu.crypto.keys import PublicKey, SigningKey, parse_public_key
from iosemu.crypto.signatures import SignatureAlgorithm, read_algorithm

LONGEST = 65536
LABEL = "CERTIFICATE REQUEST"


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """What somebody asks for. `challenge` is the password, None where there is none; `signed` tells that the request is
    signed by the key that it holds."""

    der: bytes = field(repr=False)
    subject: Name = field(compare=False)
    public_key: PublicKey = field(compare=False, repr=False)
    extensions: Extensions = field(compare=False)
    challenge: str | None = field(compare=False, repr=False)
    signed: bool = field(compare=False)

    @classmethod
    def parse(cls, der: bytes) -> CertificateRequest:
        """Read DER; raises CryptoError."""
        if len(der) > LONGEST:
            raise CryptoError("the request is too long")
        try:
            return cls._read(der)
        except Exception as error:
            raise CryptoError("the octets are no request of use") from error

    @classmethod
    def parse_pem(cls, text: bytes) -> CertificateRequest:
        """Read the first request of a PEM text; raises CryptoError."""
        for block in pem.parse(text):
            if block.label in (LABEL, "NEW CERTIFICATE REQUEST"):
                return cls.parse(block.data)
        raise CryptoError("no request in the text")

    @classmethod
    def _read(cls, der: bytes) -> CertificateRequest:
        from asn1crypto import csr

        structure = csr.CertificationRequest.load(der, strict=True)
        info = structure["certification_request_info"]
        key = parse_public_key(info["subject_pk_info"].dump())
        algorithm = read_algorithm(structure["signature_algorithm"])
        attributes = {item["type"].native: item["values"] for item in info["attributes"]}
        return cls(
            der,
            Name.parse(info["subject"].dump()),
            key,
            extensions.read(attributes["extension_request"][0] if "extension_request" in attributes else ()),
            attributes["challenge_password"][0].native if "challenge_password" in attributes else None,
            algorithm is not None and algorithm.verify(key, info.dump(), structure["signature"].native),
        )

    def fingerprint(self, hash_name: str) -> bytes:
        """The hash over all octets, which the administrator of the CA compares; `hash_name` as in `suites.HASHES`."""
        return hashlib.new(hash_name, self.der).digest()

    def to_pem(self) -> bytes:
        """PEM, with a line feed behind each line."""
        return pem.encode(LABEL, self.der)


def build_request(
    subject: Name, key: SigningKey, hash_name: str, wanted: Extensions, challenge: str | None = None
) -> CertificateRequest:
    """Ask for a certificate of a key; raises CryptoError for a hash that the key cannot be used with."""
    from asn1crypto import csr, x509

    algorithm = SignatureAlgorithm(key.kind, hash_name)
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": x509.Name.load(subject.der),
            "subject_pk_info": x509.PublicKeyInfo.load(key.public.spki),
            "attributes": _attributes(wanted, challenge),
        }
    )
    structure = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": algorithm.structure(),
            "signature": key.sign(hash_name, info.dump()),
        }
    )
    return CertificateRequest.parse(structure.dump())


def _attributes(wanted: Extensions, challenge: str | None) -> list[dict[str, Any]]:
    from asn1crypto import core, x509

    found: list[dict[str, Any]] = []
    if challenge is not None:
        kind = core.PrintableString if challenge.isalnum() and challenge.isascii() else core.UTF8String
        name = "printable_string" if kind is core.PrintableString else "utf8_string"
        found.append({"type": "challenge_password", "values": [x509.DirectoryString(name, kind(challenge))]})
    structure = extensions.build(wanted)
    if structure is not None:
        found.append({"type": "extension_request", "values": [structure]})
    return found
