"""What SCEP names certificates by (RFC 8894 section 3.3): small structures in DER."""

from __future__ import annotations

from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError


def issuer_and_subject(issuer: Name, subject: Name) -> bytes:
    """Whose certificate is asked for, and by whom it should be."""
    return _sequence(issuer.der + subject.der)


def read_issuer_and_subject(data: bytes) -> tuple[Name, Name]:
    """Issuer and subject; raises CryptoError."""
    issuer, subject = _elements(data)
    return Name.parse(issuer), Name.parse(subject)


def issuer_and_serial(issuer: Name, serial: int) -> bytes:
    """Which certificate is asked for."""
    from asn1crypto import core

    return _sequence(issuer.der + core.Integer(serial).dump())


def read_issuer_and_serial(data: bytes) -> tuple[Name, int]:
    """Issuer and serial number; raises CryptoError."""
    from asn1crypto import core

    issuer, serial = _elements(data)
    try:
        number: int = core.Integer.load(serial, strict=True).native
    except ValueError as error:
        raise CryptoError("no serial number") from error
    return Name.parse(issuer), number


def _sequence(content: bytes) -> bytes:
    from asn1crypto import parser

    data: bytes = parser.emit(0, 1, 16, content)
    return data


def _elements(data: bytes) -> list[bytes]:
    """The two elements of a sequence."""
    from asn1crypto import parser

    from iosemu.crypto import asn1

    try:
        class_number, _, tag, _, content, _ = parser.parse(data, strict=True)
        found = asn1.elements(content)
    except ValueError as error:
        raise CryptoError("the octets are no pair") from error
    if (class_number, tag, len(found)) != (0, 16, 2):
        raise CryptoError("the octets are no pair")
    return found
