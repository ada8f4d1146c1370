"""Structures that asn1crypto has not, or has in a stricter form. Importing this takes time: do so inside functions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from asn1crypto import core, parser, x509

from iosemu.crypto.errors import CryptoError

LAST_UTC_YEAR = 2049


class AttributeTypeAndValue(core.Sequence):  # type: ignore[misc]
    """A part of a name with whatever kind of text the issuer chose."""

    _fields = [("type", core.ObjectIdentifier), ("value", core.Any)]


class RelativeDistinguishedName(core.SetOf):  # type: ignore[misc]
    """Parts of one rank."""

    _child_spec = AttributeTypeAndValue


class RdnSequence(core.SequenceOf):  # type: ignore[misc]
    """A name."""

    _child_spec = RelativeDistinguishedName


def elements(content: bytes) -> list[bytes]:
    """The elements that stand one after the other; raises ValueError."""
    found = []
    while content:
        header, body, trailer = parser.parse(content)[3:6]
        size = len(header) + len(body) + len(trailer)
        found.append(content[:size])
        content = content[size:]
    return found


def octets(element: bytes) -> bytes:
    """The octets of an OCTET STRING that may stand in pieces, as BER allows; raises ValueError."""
    _, constructed, _, _, content, _ = parser.parse(element, strict=True)
    return b"".join(parser.parse(piece)[4] for piece in elements(content)) if constructed else bytes(content)


def as_time(when: datetime) -> Any:
    """UTCTime up to 2049, GeneralizedTime later (RFC 5280 section 4.1.2.5), both to the second."""
    whole = when.astimezone(timezone.utc).replace(microsecond=0)
    if whole.year <= LAST_UTC_YEAR:
        return x509.Time("utc_time", core.UTCTime(whole))
    return x509.Time("general_time", core.GeneralizedTime(whole))


def read_time(value: Any) -> datetime:
    """A point in time with its zone."""
    when = value.native
    if not isinstance(when, datetime):
        raise CryptoError("not a point in time")
    return when.astimezone(timezone.utc) if when.tzinfo else when.replace(tzinfo=timezone.utc)
