"""Certificate revocation lists (RFC 5280 section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from iosemu.crypto import pem
from iosemu.crypto.certificate import Issuer
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import PublicKey
from iosemu.crypto.signatures import SignatureAlgorithm, read_algorithm

LONGEST = 1 << 20
LABEL = "X509 CRL"


@dataclass(frozen=True, slots=True)
class Revocation:
    """One entry; `reason` is in the words of asn1crypto, None where none is given."""

    serial: int
    date: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Crl:
    """A list with its entries by serial number; `next_update` is None where the issuer promises none."""

    der: bytes = field(repr=False)
    issuer: Name = field(compare=False)
    this_update: datetime = field(compare=False)
    next_update: datetime | None = field(compare=False)
    number: int | None = field(compare=False)
    authority_key_id: bytes = field(compare=False)
    entries: dict[int, Revocation] = field(compare=False)
    algorithm: SignatureAlgorithm | None = field(compare=False)
    _signed: bytes = field(compare=False, repr=False)
    _signature: bytes = field(compare=False, repr=False)

    @classmethod
    def parse(cls, data: bytes) -> Crl:
        """Read DER, or PEM where somebody serves that; raises CryptoError."""
        if len(data) > LONGEST:
            raise CryptoError("the CRL is too long")
        if data.startswith(b"-----BEGIN"):
            data = next((block.data for block in pem.parse(data) if block.label == LABEL), b"")
        try:
            return cls._read(data)
        except Exception as error:
            raise CryptoError("the octets are no CRL") from error

    @classmethod
    def _read(cls, der: bytes) -> Crl:
        from asn1crypto import crl

        from iosemu.crypto import asn1

        structure = crl.CertificateList.load(der, strict=True)
        signed = structure["tbs_cert_list"]
        values = _extensions(signed["crl_extensions"], ("crl_number", "authority_key_identifier"))
        number, authority = values.get("crl_number"), values.get("authority_key_identifier")
        next_update = signed["next_update"]
        entries = [_read_entry(entry) for entry in signed["revoked_certificates"]]
        return cls(
            der,
            Name.parse(signed["issuer"].dump()),
            asn1.read_time(signed["this_update"]),
            asn1.read_time(next_update) if next_update.native is not None else None,
            number.native if number is not None else None,
            (authority["key_identifier"].native or b"") if authority is not None else b"",
            {entry.serial: entry for entry in entries},
            read_algorithm(structure["signature_algorithm"]),
            signed.dump(),
            structure["signature"].native,
        )

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is good."""
        return self.algorithm is not None and self.algorithm.verify(key, self._signed, self._signature)

    def is_current(self, now: datetime) -> bool:
        """Whether a time lies between the update and the next one."""
        return self.this_update <= now and (self.next_update is None or now <= self.next_update)


def build_crl(issuer: Issuer, number: int, validity: tuple[datetime, datetime], entries: Iterable[Revocation]) -> Crl:
    """Sign a list; `validity` is this update and the next one. Raises CryptoError for a hash that the key cannot be
    used with."""
    from asn1crypto import core, crl, x509

    from iosemu.crypto import asn1

    algorithm = SignatureAlgorithm(issuer.key.kind, issuer.hash_name)
    extensions = [{"extn_id": "crl_number", "extn_value": core.Integer(number)}]
    if issuer.key_id:
        identifier = x509.AuthorityKeyIdentifier({"key_identifier": issuer.key_id})
        extensions.append({"extn_id": "authority_key_identifier", "extn_value": identifier})
    revoked = [_entry(entry) for entry in entries]
    signed = crl.TbsCertList(
        {
            "version": "v2",
            "signature": algorithm.structure(),
            "issuer": x509.Name.load(issuer.name.der),
            "this_update": asn1.as_time(validity[0]),
            "next_update": asn1.as_time(validity[1]),
            # An empty list must be absent.
            **({"revoked_certificates": revoked} if revoked else {}),
            "crl_extensions": extensions,
        }
    )
    structure = crl.CertificateList(
        {
            "tbs_cert_list": signed,
            "signature_algorithm": algorithm.structure(),
            "signature": issuer.key.sign(issuer.hash_name, signed.dump()),
        }
    )
    return Crl.parse(structure.dump())


def _entry(entry: Revocation) -> dict[str, Any]:
    from iosemu.crypto import asn1

    found: dict[str, Any] = {"user_certificate": entry.serial, "revocation_date": asn1.as_time(entry.date)}
    if entry.reason is not None:
        found["crl_entry_extensions"] = [{"extn_id": "crl_reason", "extn_value": entry.reason}]
    return found


def _read_entry(entry: Any) -> Revocation:
    from iosemu.crypto import asn1

    reason = _extensions(entry["crl_entry_extensions"], ("crl_reason",)).get("crl_reason")
    date = asn1.read_time(entry["revocation_date"])
    return Revocation(entry["user_certificate"].native, date, reason.native if reason is not None else None)


def _extensions(structure: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """What is known of the extensions. Delta lists and lists of other issuers say so in critical ones: those are of no
    use here."""
    values: dict[str, Any] = {}
    for extension in structure:
        name = extension["extn_id"].native
        if name in known:
            values[name] = extension["extn_value"].parsed
        elif extension["critical"].native:
            raise CryptoError("the CRL has a critical extension of no use here")
    return values
