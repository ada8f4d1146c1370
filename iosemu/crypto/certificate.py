"""X.509 certificates (RFC 5280): read once, as a whole, so that nothing of a hostile one can fail later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from iosemu.crypto import extensions, pem
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import CERTIFICATE_SIGN, Extensions
from iosemu.crypto.keys import PublicKey, SigningKey, parse_public_key
from iosemu.crypto.signatures import SignatureAlgorithm, read_algorithm

LONGEST = 65536
LABEL = "CERTIFICATE"
LONGEST_SERIAL = 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """Times are in UTC; `algorithm` is None for a signature of no use here. Certificates are equal when their octets
    are."""

    der: bytes = field(repr=False)
    subject: Name = field(compare=False)
    issuer: Name = field(compare=False)
    serial: int = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    public_key: PublicKey = field(compare=False, repr=False)
    extensions: Extensions = field(compare=False)
    algorithm: SignatureAlgorithm | None = field(compare=False)
    _signed: bytes = field(compare=False, repr=False)
    _signature: bytes = field(compare=False, repr=False)

    @classmethod
    def parse(cls, der: bytes) -> Certificate:
        """Read DER; raises CryptoError."""
        if len(der) > LONGEST:
            raise CryptoError("the certificate is too long")
        try:
            return cls._read(der)
        except Exception as error:
            raise CryptoError("the octets are no certificate of use") from error

    @classmethod
    def parse_pem(cls, text: bytes) -> Certificate:
        """Read the first certificate of a PEM text; raises CryptoError."""
        for block in pem.parse(text):
            if block.label in (LABEL, "X509 CERTIFICATE"):
                return cls.parse(block.data)
        raise CryptoError("no certificate in the text")

    @classmethod
    def _read(cls, der: bytes) -> Certificate:
        from asn1crypto import x509

        from iosemu.crypto import asn1

        structure = x509.Certificate.load(der, strict=True)
        signed = structure["tbs_certificate"]
        return cls(
            der,
            Name.parse(signed["subject"].dump()),
            Name.parse(signed["issuer"].dump()),
            signed["serial_number"].native,
            asn1.read_time(signed["validity"]["not_before"]),
            asn1.read_time(signed["validity"]["not_after"]),
            parse_public_key(signed["subject_public_key_info"].dump()),
            extensions.read(signed["extensions"]),
            read_algorithm(structure["signature_algorithm"]),
            signed.dump(),
            structure["signature_value"].native,
        )

    def to_pem(self) -> bytes:
        """PEM, with a line feed behind each line."""
        return pem.encode(LABEL, self.der)

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer."""
        return self.subject == self.issuer

    def fingerprint(self, hash_name: str) -> bytes:
        """The hash over all octets; `hash_name` as in `suites.HASHES`."""
        return hashlib.new(hash_name, self.der).digest()

    def is_valid_at(self, now: datetime) -> bool:
        """Whether a time lies within the validity, both ends included."""
        return self.not_before <= now <= self.not_after

    def may_sign(self, usage: str = CERTIFICATE_SIGN) -> bool:
        """Whether its key may sign certificates, or CRLs when `usage` says so."""
        if self.extensions.key_usage and usage not in self.extensions.key_usage:
            return False
        return self.extensions.is_ca

    def names_issuer(self, issuer: Certificate) -> bool:
        """Whether the issuer's name, and its key identifier where both tell it, are those of another certificate."""
        ours, theirs = self.extensions.authority_key_id, issuer.extensions.subject_key_id
        return self.issuer == issuer.subject and (not ours or not theirs or ours == theirs)

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is good."""
        return self.algorithm is not None and self.algorithm.verify(key, self._signed, self._signature)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: a name, its key, the hash of its signatures, and the identifier of its key in its certificate."""

    name: Name
    key: SigningKey = field(repr=False)
    hash_name: str = "sha256"
    key_id: bytes = b""

    @classmethod
    def of(cls, certificate: Certificate, key: SigningKey, hash_name: str = "sha256") -> Issuer:
        """The owner of a CA certificate."""
        return cls(certificate.subject, key, hash_name, certificate.extensions.subject_key_id)


def issue(
    issuer: Issuer,
    subject: Name,
    public_key: PublicKey,
    serial: int,
    validity: tuple[datetime, datetime],
    wanted: Extensions,
) -> Certificate:
    """Sign a certificate. The key identifiers of `wanted` are filled in; raises CryptoError for a hash that the key
    cannot be used with, or a name that does not fit."""
    from asn1crypto import x509

    from iosemu.crypto import asn1

    algorithm = SignatureAlgorithm(issuer.key.kind, issuer.hash_name)
    complete = replace(
        wanted,
        subject_key_id=extensions.key_id(public_key.spki),
        authority_key_id=issuer.key_id or extensions.key_id(issuer.key.public.spki),
    )
    signed = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": serial,
            "signature": algorithm.structure(),
            "issuer": x509.Name.load(issuer.name.der),
            "validity": {"not_before": asn1.as_time(validity[0]), "not_after": asn1.as_time(validity[1])},
            "subject": x509.Name.load(subject.der),
            "subject_public_key_info": x509.PublicKeyInfo.load(public_key.spki),
            "extensions": extensions.build(complete),
        }
    )
    structure = x509.Certificate(
        {
            "tbs_certificate": signed,
            "signature_algorithm": algorithm.structure(),
            "signature_value": issuer.key.sign(issuer.hash_name, signed.dump()),
        }
    )
    return Certificate.parse(structure.dump())


def self_sign(
    subject: Name, key: SigningKey, serial: int, validity: tuple[datetime, datetime], wanted: Extensions, hash_name: str
) -> Certificate:
    """A certificate whose owner is its issuer: that of a root CA, or the self-signed one of a router."""
    return issue(Issuer(subject, key, hash_name), subject, key.public, serial, validity, wanted)


def new_serial(random: bytes) -> int:
    """A positive serial number that fits in what RFC 5280 section 4.1.2.2 allows, from random octets."""
    return int.from_bytes(random[:LONGEST_SERIAL], "big") >> 1 | 1
