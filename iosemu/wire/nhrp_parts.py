"""What NHRP packets carry many of: client information entries and extensions (RFC 2332 sections 5.2.0.1 and 5.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

_ENTRY = struct.Struct("!BBHHHBBBB")
COMPULSORY = 0x8000
_TYPE = 0x3FFF
# The cleartext form of the authentication extension: an SPI of 1 in front of the string.
CLEARTEXT = 1


class Code(IntEnum):
    """What a reply says of an entry (RFC 2332 section 5.2.0.1)."""

    SUCCESS = 0
    ADMINISTRATIVELY_PROHIBITED = 4
    INSUFFICIENT_RESOURCES = 5
    NO_BINDING = 12
    NOT_UNIQUE = 13
    ALREADY_REGISTERED = 14


class ExtensionType(IntEnum):
    """Kinds of extensions."""

    END = 0
    RESPONDER_ADDRESS = 3
    FORWARD_TRANSIT = 4
    REVERSE_TRANSIT = 5
    AUTHENTICATION = 7
    VENDOR = 8
    NAT_ADDRESS = 9


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """One entry; what is absent has length 0. `prefix` is a length in bits (255: of the whole address), `holding` is
    in seconds."""

    code: int = Code.SUCCESS
    prefix: int = 0
    mtu: int = 0
    holding: int = 0
    nbma: IPv4Address | None = None
    protocol: IPv4Address | None = None
    preference: int = 0

    @classmethod
    def parse(cls, reader: Reader) -> ClientEntry:
        """Read an entry; raises WireError for addresses that are not IPv4."""
        fields = _ENTRY.unpack(reader.take(_ENTRY.size))
        code, prefix, _, mtu, holding, nbma_length, subaddress, protocol_length, preference = fields
        if nbma_length not in (0, 4) or subaddress or protocol_length not in (0, 4):
            raise WireError(f"NHRP client of {nbma_length}, {subaddress} and {protocol_length} octets")
        nbma = IPv4Address(reader.take(4)) if nbma_length else None
        protocol = IPv4Address(reader.take(4)) if protocol_length else None
        return cls(code, prefix, mtu, holding, nbma, protocol, preference)

    def pack(self) -> bytes:
        """The octets of the entry."""
        nbma = self.nbma.packed if self.nbma is not None else b""
        protocol = self.protocol.packed if self.protocol is not None else b""
        lengths = len(nbma), 0, len(protocol)
        head = _ENTRY.pack(self.code, self.prefix, 0, self.mtu, self.holding, *lengths, self.preference)
        return head + nbma + protocol


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension; `compulsory` tells that who does not know it must refuse the packet."""

    kind: int
    value: bytes = b""
    compulsory: bool = True

    @property
    def entries(self) -> tuple[ClientEntry, ...]:
        """The client entries of a value; raises WireError."""
        reader = Reader(self.value)
        found = []
        while reader.remaining:
            found.append(ClientEntry.parse(reader))
        return tuple(found)


def parse_extensions(reader: Reader) -> tuple[Extension, ...]:
    """All extensions up to the end, which must be there and be the last; it is left out."""
    found: list[Extension] = []
    while True:
        word, length = reader.u16(), reader.u16()
        kind = word & _TYPE
        if kind == ExtensionType.END:
            if length or reader.remaining:
                raise WireError("NHRP extensions go on behind their end")
            return tuple(found)
        found.append(Extension(kind, reader.take(length), bool(word & COMPULSORY)))


def pack_extensions(extensions: tuple[Extension, ...]) -> bytes:
    """The octets of some extensions and their end."""
    return b"".join(_pack(item) for item in (*extensions, Extension(ExtensionType.END)))


def _pack(extension: Extension) -> bytes:
    word = extension.kind | (COMPULSORY if extension.compulsory else 0)
    return struct.pack("!HH", word, len(extension.value)) + extension.value


def authentication(secret: str) -> Extension:
    """A string that all stations of a network share, in clear."""
    return Extension(ExtensionType.AUTHENTICATION, CLEARTEXT.to_bytes(4, "big") + secret.encode())
