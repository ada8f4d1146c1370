"""Extensions of certificates and of requests (RFC 5280 section 4.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Any

from iosemu.crypto.errors import CryptoError

# In the words of asn1crypto.
DIGITAL_SIGNATURE = "digital_signature"
KEY_ENCIPHERMENT = "key_encipherment"
CERTIFICATE_SIGN = "key_cert_sign"
CRL_SIGN = "crl_sign"
CA_USAGE = (DIGITAL_SIGNATURE, CERTIFICATE_SIGN, CRL_SIGN)
IDENTITY_USAGE = (DIGITAL_SIGNATURE, KEY_ENCIPHERMENT)
# Keyword of `eku`: object identifier.
EXTENDED_USAGES = {
    "server-auth": "1.3.6.1.5.5.7.3.1",
    "client-auth": "1.3.6.1.5.5.7.3.2",
    "code-signing": "1.3.6.1.5.5.7.3.3",
    "email-protection": "1.3.6.1.5.5.7.3.4",
    "ipsec-end-system": "1.3.6.1.5.5.7.3.5",
    "ipsec-tunnel": "1.3.6.1.5.5.7.3.6",
    "ipsec-user": "1.3.6.1.5.5.7.3.7",
    "time-stamping": "1.3.6.1.5.5.7.3.8",
    "ocsp-signing": "1.3.6.1.5.5.7.3.9",
    "cs-server": "1.3.6.1.5.5.7.3.28",
    "ssh-server": "1.3.6.1.5.5.7.3.22",
    "ssh-client": "1.3.6.1.5.5.7.3.21",
}
# What this program looks at: others that are critical make a certificate unfit (RFC 5280 section 4.2).
_KNOWN = {"basic_constraints", "key_usage", "extended_key_usage", "subject_alt_name", "certificate_policies"}
MOST_NAMES = 64
# Tags of GeneralName.
_EMAIL, _DNS, _URI = 1, 2, 6


@dataclass(frozen=True, slots=True)
class Extensions:
    """What a certificate says besides name and key.

    `key_usage` and `extended_key_usage` (dotted) are empty where the extension is absent. `path_length` counts the CAs
    that may follow. `unknown_critical` are identifiers of critical extensions that are not understood.
    """

    is_ca: bool = False
    path_length: int | None = None
    key_usage: tuple[str, ...] = ()
    extended_key_usage: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[IPv4Address, ...] = ()
    crl_urls: tuple[str, ...] = ()
    subject_key_id: bytes = b""
    authority_key_id: bytes = b""
    unknown_critical: tuple[str, ...] = ()


def key_id(spki: bytes) -> bytes:
    """SHA-1 over the bits of the public key (RFC 5280 section 4.2.1.2, method 1)."""
    from asn1crypto import keys

    bits: bytes = keys.PublicKeyInfo.load(spki)["public_key"].contents[1:]
    return hashlib.sha1(bits).digest()


def build(wanted: Extensions) -> Any:
    """The structure that says this; None where there is nothing to say."""
    from asn1crypto import x509

    found = [{"extn_id": name, "critical": critical, "extn_value": value} for name, critical, value in _values(wanted)]
    return x509.Extensions(found) if found else None


def _values(wanted: Extensions) -> Iterable[tuple[str, bool, Any]]:
    from asn1crypto import core, x509

    if wanted.is_ca:
        constraints = {"ca": True} | ({} if wanted.path_length is None else {"path_len_constraint": wanted.path_length})
        yield "basic_constraints", True, x509.BasicConstraints(constraints)
    if wanted.key_usage:
        yield "key_usage", True, x509.KeyUsage(set(wanted.key_usage))
    if wanted.extended_key_usage:
        yield "extended_key_usage", False, x509.ExtKeyUsageSyntax(list(wanted.extended_key_usage))
    names = [_general_name(_DNS, name) for name in wanted.dns_names]
    names += [_general_name(_EMAIL, name) for name in wanted.emails]
    names += [x509.GeneralName("ip_address", x509.IPAddress(str(address))) for address in wanted.addresses]
    if names:
        yield "subject_alt_name", False, x509.GeneralNames(names)
    if wanted.crl_urls:
        points = [_distribution_point(url) for url in wanted.crl_urls]
        yield "crl_distribution_points", False, x509.CRLDistributionPoints(points)
    if wanted.authority_key_id:
        identifier = {"key_identifier": wanted.authority_key_id}
        yield "authority_key_identifier", False, x509.AuthorityKeyIdentifier(identifier)
    if wanted.subject_key_id:
        yield "key_identifier", False, core.OctetString(wanted.subject_key_id)


def _distribution_point(url: str) -> Any:
    from asn1crypto import x509

    names = x509.GeneralNames([_general_name(_URI, url)])
    return x509.DistributionPoint({"distribution_point": x509.DistributionPointName("full_name", names)})


def _general_name(tag: int, text: str) -> Any:
    """A name as it is: asn1crypto's own classes rewrite some."""
    from asn1crypto import core, x509

    try:
        return x509.GeneralName.load(core.IA5String(text, implicit=tag).dump())
    except UnicodeEncodeError as error:
        raise CryptoError(f"not ASCII: {text}") from error


def read(structure: Any) -> Extensions:
    """What the extensions of a certificate or a request say; raises CryptoError, or whatever a malformed structure
    makes asn1crypto raise."""
    values: dict[str, Any] = {}
    unknown = []
    for extension in structure:
        name = extension["extn_id"].native
        if name in values:
            raise CryptoError("an extension stands there twice")
        values[name] = extension["extn_value"].parsed
        if extension["critical"].native and name not in _KNOWN:
            unknown.append(extension["extn_id"].dotted)
    constraints = values.get("basic_constraints")
    names = list(values.get("subject_alt_name", ()))[:MOST_NAMES]
    return Extensions(
        is_ca=constraints is not None and bool(constraints["ca"].native),
        path_length=constraints["path_len_constraint"].native if constraints is not None else None,
        key_usage=tuple(sorted(values["key_usage"].native)) if "key_usage" in values else (),
        extended_key_usage=tuple(item.dotted for item in values.get("extended_key_usage", ())),
        dns_names=_texts(names, "dns_name"),
        emails=_texts(names, "rfc822_name"),
        addresses=tuple(_addresses(names)),
        crl_urls=tuple(_crl_urls(values.get("crl_distribution_points", ()))),
        subject_key_id=values["key_identifier"].native if "key_identifier" in values else b"",
        authority_key_id=_authority_key_id(values.get("authority_key_identifier")),
        unknown_critical=tuple(unknown),
    )


def _texts(names: list[Any], kind: str) -> tuple[str, ...]:
    return tuple(item.chosen.contents.decode("ascii") for item in names if item.name == kind)


def _addresses(names: list[Any]) -> Iterable[IPv4Address]:
    for item in names:
        if item.name == "ip_address" and len(item.chosen.contents) == 4:
            address = ip_address(item.chosen.contents)
            assert isinstance(address, IPv4Address)
            yield address


def _crl_urls(points: Any) -> Iterable[str]:
    for point in list(points)[:MOST_NAMES]:
        name = point["distribution_point"]
        if name.native is not None and name.name == "full_name":
            yield from _texts(list(name.chosen)[:MOST_NAMES], "uniform_resource_identifier")


def _authority_key_id(identifier: Any) -> bytes:
    found = identifier["key_identifier"].native if identifier is not None else None
    return found or b""
