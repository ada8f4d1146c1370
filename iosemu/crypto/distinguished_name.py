"""Names of X.500 in the notation of IOS: `hostname=KS1.lab,cn=KS1,o=Example`, the most specific part first.

In DER the order is the other way round, as RFC 4514 section 2.1 has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from iosemu.crypto.errors import CryptoError

# Keyword that IOS prints: object identifier.
KEYWORDS = {
    "cn": "2.5.4.3",
    "sn": "2.5.4.4",
    "serialNumber": "2.5.4.5",
    "c": "2.5.4.6",
    "l": "2.5.4.7",
    "st": "2.5.4.8",
    "street": "2.5.4.9",
    "o": "2.5.4.10",
    "ou": "2.5.4.11",
    "t": "2.5.4.12",
    "name": "2.5.4.41",
    "gn": "2.5.4.42",
    "i": "2.5.4.43",
    "dnq": "2.5.4.46",
    "uid": "0.9.2342.19200300.100.1.1",
    "dc": "0.9.2342.19200300.100.1.25",
    "e": "1.2.840.113549.1.9.1",
    "hostname": "1.2.840.113549.1.9.2",
    "ipaddress": "1.2.840.113549.1.9.8",
}
_SPOKEN = {
    "email": "e",
    "ea": "e",
    "emailaddress": "e",
    "unstructuredname": "hostname",
    "unstructuredaddress": "ipaddress",
    "s": "st",
    "title": "t",
}
_BY_WORD = {word.lower(): oid for word, oid in KEYWORDS.items()} | {
    word: KEYWORDS[keyword] for word, keyword in _SPOKEN.items()
}
_BY_OID = {oid: word for word, oid in KEYWORDS.items()}
_IA5 = {KEYWORDS["dc"], KEYWORDS["e"], KEYWORDS["hostname"]}
_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,9})){1,20}")
LONGEST = 4096


class Attribute(NamedTuple):
    """A type and its value; `oid` is dotted."""

    oid: str
    value: str

    @property
    def keyword(self) -> str:
        """The keyword of IOS, else the dotted identifier."""
        return _BY_OID.get(self.oid, self.oid)

    def __str__(self) -> str:
        return f"{self.keyword}={self.value}"


RelativeName = tuple[Attribute, ...]


@dataclass(frozen=True, eq=False)
class Name:
    """An X.500 name. `rdns` are in the order of DER, the least specific first. Names are equal as RFC 5280 section 7.1
    compares them: without regard to case and to the number of blanks."""

    rdns: tuple[RelativeName, ...]
    der: bytes

    @classmethod
    def of(cls, rdns: Iterable[RelativeName]) -> Name:
        """Encode a name."""
        parts = tuple(rdns)
        return cls(parts, _encode(parts))

    @classmethod
    def from_text(cls, text: str) -> Name:
        """Read the notation of `subject-name`: parts behind commas, `+` within a part of several, quotes and
        backslashes around what would separate; raises CryptoError where it is none."""
        if len(text) > LONGEST:
            raise CryptoError("the name is too long")
        parts = [tuple(_attribute(item) for item in _split(part, "+")) for part in _split(text, ",")]
        return cls.of(reversed(parts))

    @classmethod
    def parse(cls, der: bytes) -> Name:
        """Read DER; raises CryptoError."""
        from iosemu.crypto import asn1

        try:
            return cls(tuple(_read_part(part) for part in asn1.RdnSequence.load(der, strict=True)), der)
        except Exception as error:
            raise CryptoError("the octets are no name") from error

    @cached_property
    def _key(self) -> tuple[frozenset[tuple[str, str]], ...]:
        return tuple(
            frozenset((item.oid, " ".join(item.value.casefold().split())) for item in rdn) for rdn in self.rdns
        )

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Name) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return ",".join(self.lines())

    def lines(self) -> list[str]:
        """One text for each part, as `show crypto pki certificates` prints them below each other."""
        return ["+".join(str(item) for item in rdn) for rdn in reversed(self.rdns)]

    def values(self, keyword: str) -> list[str]:
        """The values of an attribute, the most specific first; `keyword` as in KEYWORDS."""
        oid = KEYWORDS[keyword]
        return [item.value for rdn in reversed(self.rdns) for item in rdn if item.oid == oid]


def router_name(
    subject: Name | None, *, fqdn: str | None = None, address: str | None = None, serial: str | None = None
) -> Name:
    """The subject that a router asks for: its `subject-name` with the names of the router itself in front, which are
    one part."""
    own = (("serialNumber", serial), ("ipaddress", address), ("hostname", fqdn))
    part = tuple(Attribute(KEYWORDS[keyword], value) for keyword, value in own if value)
    return Name.of([*(subject.rdns if subject else ()), *([part] if part else [])])


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators that are neither quoted nor behind a backslash; both stay in the parts."""
    parts, part, quoted, escaped = [], "", False, False
    for character in text:
        if character == separator and not quoted and not escaped:
            parts.append(part)
            part = ""
            continue
        quoted ^= character == '"' and not escaped
        escaped = character == "\\" and not escaped
        part += character
    if quoted:
        raise CryptoError("a quote is open")
    return [*parts, part]


def _attribute(text: str) -> Attribute:
    word, equals, value = text.partition("=")
    word, value = word.strip(), value.strip()
    oid = _BY_WORD.get(word.lower()) or (word if _OID.fullmatch(word) else None)
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    value = re.sub(r"\\(.)", r"\1", value)
    if not equals or oid is None or not value:
        raise CryptoError(f"not a part of a name: {text.strip()}")
    return Attribute(oid, value)


def _encode(rdns: tuple[RelativeName, ...]) -> bytes:
    from iosemu.crypto import asn1

    parts = [
        asn1.RelativeDistinguishedName([{"type": item.oid, "value": _encode_value(item)} for item in rdn])
        for rdn in rdns
    ]
    der: bytes = asn1.RdnSequence(parts).dump()
    return der


def _encode_value(item: Attribute) -> Any:
    """The kind of text that RFC 5280 appendix A and RFC 2985 section 5.4 want, UTF-8 where its characters do not
    suffice."""
    from asn1crypto import core

    if item.oid in _IA5 and item.value.isascii():
        return core.IA5String(item.value)
    return core.PrintableString(item.value) if _PRINTABLE.fullmatch(item.value) else core.UTF8String(item.value)


def _read_part(part: Any) -> RelativeName:
    found = tuple(Attribute(item["type"].dotted, item["value"].native) for item in part)
    if not found or not all(isinstance(item.value, str) for item in found):
        raise CryptoError("a part of a name that is not text")
    return found
