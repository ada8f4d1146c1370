"""Next Hop Resolution Protocol (RFC 2332) for IPv4 over IPv4, with the traffic indication that redirects a sender
(draft-detienne-dmvpn-01)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.wire.buffer import Reader
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError
from iosemu.wire.nhrp_parts import ClientEntry, Extension, pack_extensions, parse_extensions

ADDRESS_FAMILY_IPV4 = 1
PROTOCOL_TYPE_IPV4 = 0x0800
VERSION = 1
HOP_COUNT = 255
FIXED_LENGTH = 20
_FIXED = struct.Struct("!HH5sBHHHBBBB")
_CHECKSUM = slice(12, 14)


class Operation(IntEnum):
    """The kinds of packets; the last one is of no RFC: it tells a sender that there is a shorter way."""

    RESOLUTION_REQUEST = 1
    RESOLUTION_REPLY = 2
    REGISTRATION_REQUEST = 3
    REGISTRATION_REPLY = 4
    PURGE_REQUEST = 5
    PURGE_REPLY = 6
    ERROR_INDICATION = 7
    TRAFFIC_INDICATION = 8


INDICATIONS = (Operation.ERROR_INDICATION, Operation.TRAFFIC_INDICATION)


class Flag(IntEnum):
    """Bits of the flags: of resolutions, of registrations (UNIQUE_REGISTRATION) and of purges (NO_REPLY)."""

    ROUTER = 0x8000
    AUTHORITATIVE = 0x4000
    STABLE = 0x2000
    UNIQUE = 0x1000
    UNIQUE_REGISTRATION = 0x8000
    NO_REPLY = 0x8000
    NAT = 0x0002


class ErrorCode(IntEnum):
    """Why a packet is reported (RFC 2332 section 5.2.7)."""

    UNRECOGNIZED_EXTENSION = 1
    LOOP_DETECTED = 3
    PROTOCOL_ADDRESS_UNREACHABLE = 6
    PROTOCOL_ERROR = 7
    SDU_SIZE_EXCEEDED = 8
    INVALID_EXTENSION = 9
    INVALID_REPLY = 10
    AUTHENTICATION_FAILURE = 11
    HOP_COUNT_EXCEEDED = 15


@dataclass(frozen=True, slots=True)
class NhrpPacket:
    """One packet. `nbma` and `source` are the sender's addresses below and above, `destination` is what it asks about.

    Indications have an error code (0: a redirect), an offset into what they quote, and the quoted octets in `quoted`;
    all others have a request number, flags and client entries.
    """

    operation: Operation
    nbma: IPv4Address
    source: IPv4Address
    destination: IPv4Address
    request: int = 0
    flags: int = 0
    entries: tuple[ClientEntry, ...] = ()
    extensions: tuple[Extension, ...] = ()
    hops: int = HOP_COUNT
    error: int = 0
    offset: int = 0
    quoted: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> NhrpPacket:
        """Read a packet; raises WireError for a wrong version, length, checksum or address type."""
        reader = Reader(data)
        fixed = _FIXED.unpack(reader.take(FIXED_LENGTH))
        family, protocol, snap, hops, size, _, extensions_at, version, kind, address, subaddress = fixed
        if version != VERSION or (family, protocol, snap) != (ADDRESS_FAMILY_IPV4, PROTOCOL_TYPE_IPV4, bytes(5)):
            raise WireError(f"NHRP version {version}, addresses of family {family}, protocol 0x{protocol:04x}")
        if (address, subaddress) != (4, 0):
            raise WireError(f"NHRP source address of {address} octets")
        if size != len(data):
            raise WireError(f"NHRP packet of {len(data)} octets, {size} announced")
        if internet_checksum(data):
            raise WireError("NHRP checksum")
        if extensions_at and not FIXED_LENGTH <= extensions_at <= size:
            raise WireError(f"NHRP extensions at {extensions_at}")
        try:
            operation = Operation(kind)
        except ValueError:
            raise WireError(f"NHRP packet of type {kind}") from None
        end = extensions_at or size
        body = reader.sub(end - FIXED_LENGTH)
        extensions = parse_extensions(reader) if extensions_at else ()
        return replace(_mandatory(operation, body), extensions=extensions, hops=hops)

    def pack(self) -> bytes:
        """The octets with their checksum; without extensions there is no extensions part."""
        body = self._body()
        extensions = pack_extensions(self.extensions) if self.extensions else b""
        at = FIXED_LENGTH + len(body) if extensions else 0
        size = FIXED_LENGTH + len(body) + len(extensions)
        shape = self.hops, size, 0, at, VERSION, self.operation, 4, 0
        fixed = _FIXED.pack(ADDRESS_FAMILY_IPV4, PROTOCOL_TYPE_IPV4, bytes(5), *shape)
        data = bytearray(fixed + body + extensions)
        data[_CHECKSUM] = internet_checksum(bytes(data)).to_bytes(2, "big")
        return bytes(data)

    def _body(self) -> bytes:
        addresses = self.nbma.packed + self.source.packed + self.destination.packed
        if self.operation in INDICATIONS:
            return struct.pack("!BBHHH", 4, 4, 0, self.error, self.offset) + addresses + self.quoted
        head = struct.pack("!BBHI", 4, 4, self.flags, self.request)
        return head + addresses + b"".join(entry.pack() for entry in self.entries)


def _mandatory(operation: Operation, reader: Reader) -> NhrpPacket:
    """The mandatory part (RFC 2332 section 5.2)."""
    if (reader.u8(), reader.u8()) != (4, 4):
        raise WireError("NHRP protocol addresses that are not IPv4")
    flags = reader.u16()
    first, second = reader.u16(), reader.u16()
    nbma, source, destination = (IPv4Address(reader.take(4)) for _ in range(3))
    if operation in INDICATIONS:
        return NhrpPacket(operation, nbma, source, destination, error=first, offset=second, quoted=reader.rest())
    entries = []
    while reader.remaining:
        entries.append(ClientEntry.parse(reader))
    return NhrpPacket(operation, nbma, source, destination, first << 16 | second, flags, tuple(entries))
