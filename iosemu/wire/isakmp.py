"""ISAKMP header, payload chain and phase 1 payloads (RFC 2408, RFC 2409)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from iosemu.wire.attributes import Attribute, pack_attributes, parse_attributes
from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

ISAKMP_PORT = 500
HEADER_LENGTH = 28
VERSION_1_0 = 0x10
PROTOCOL_ISAKMP = 1
KEY_IKE = 1
NO_COOKIE = bytes(8)
_HEADER = struct.Struct("!8s8sBBBBII")


class PayloadType(IntEnum):
    """Payload numbers (RFC 2408 section 3.1, RFC 6407 section 5)."""

    NONE = 0
    SA = 1
    PROPOSAL = 2
    TRANSFORM = 3
    KE = 4
    ID = 5
    CERT = 6
    CERT_REQUEST = 7
    HASH = 8
    SIG = 9
    NONCE = 10
    NOTIFY = 11
    DELETE = 12
    VENDOR_ID = 13
    SAK = 15
    SAT = 16
    KD = 17
    SEQ = 18
    POP = 19
    NAT_D = 20
    NAT_OA = 21
    GAP = 22
    COOP = 130
    FRAGMENT = 132


class ExchangeType(IntEnum):
    """Exchange numbers; 32 is quick mode (QUICK_MODE) under DOI 1 and GROUPKEY-PULL under DOI 2, COOP is private
    (docs/coop-protocol.md)."""

    MAIN_MODE = 2
    AGGRESSIVE = 4
    INFORMATIONAL = 5
    GROUPKEY_PULL = 32
    QUICK_MODE = 32
    GROUPKEY_PUSH = 33
    GROUPKEY_PUSH_ACK = 35
    COOP = 240


class Flag(IntEnum):
    """Bits of the flags octet."""

    ENCRYPTION = 1
    COMMIT = 2
    AUTHENTICATION_ONLY = 4


class Doi(IntEnum):
    """Domains of interpretation."""

    ISAKMP = 0
    IPSEC = 1
    GDOI = 2


class NotifyType(IntEnum):
    """Notification messages (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706)."""

    INVALID_PAYLOAD_TYPE = 1
    INVALID_SPI = 11
    NO_PROPOSAL_CHOSEN = 14
    PAYLOAD_MALFORMED = 16
    INVALID_ID_INFORMATION = 18
    INVALID_HASH_INFORMATION = 23
    AUTHENTICATION_FAILED = 24
    RESPONDER_LIFETIME = 24576
    INITIAL_CONTACT = 24578
    R_U_THERE = 36136
    R_U_THERE_ACK = 36137


class IdType(IntEnum):
    """Identification types (RFC 2407 section 4.6.2.1)."""

    IPV4_ADDR = 1
    FQDN = 2
    USER_FQDN = 3
    IPV4_ADDR_SUBNET = 4
    IPV6_ADDR = 5
    IPV6_ADDR_SUBNET = 6
    IPV4_ADDR_RANGE = 7
    IPV6_ADDR_RANGE = 8
    DER_ASN1_DN = 9
    DER_ASN1_GN = 10
    KEY_ID = 11


@dataclass(frozen=True, slots=True)
class Header:
    """The fixed header; `length` counts the whole message with encryption padding."""

    initiator_cookie: bytes
    responder_cookie: bytes
    next_payload: int
    exchange: int
    flags: int
    message_id: int
    length: int = HEADER_LENGTH
    version: int = VERSION_1_0

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read the header of a whole datagram; raises WireError when the length or version is not ours."""
        if len(data) < HEADER_LENGTH:
            raise WireError(f"ISAKMP message of {len(data)} octets")
        initiator, responder, following, version, exchange, flags, message_id, length = _HEADER.unpack_from(data)
        if version != VERSION_1_0:
            raise WireError(f"ISAKMP version {version >> 4}.{version & 15}")
        if length != len(data):
            raise WireError(f"ISAKMP length {length} in a datagram of {len(data)} octets")
        return cls(initiator, responder, following, exchange, flags, message_id, length, version)

    def pack(self) -> bytes:
        """The 28 octets."""
        return _HEADER.pack(
            self.initiator_cookie,
            self.responder_cookie,
            self.next_payload,
            self.version,
            self.exchange,
            self.flags,
            self.message_id,
            self.length,
        )

    @property
    def encrypted(self) -> bool:
        """Whether the payloads are encrypted."""
        return bool(self.flags & Flag.ENCRYPTION)

    @property
    def cookies(self) -> bytes:
        """Both cookies, initiator's first: the SPI of a phase 1 or rekey SA."""
        return self.initiator_cookie + self.responder_cookie


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload without its generic header."""

    kind: int
    body: bytes


def parse_payloads(first: int, data: bytes) -> tuple[Payload, ...]:
    """The payload chain at the front of `data`; padding behind it is ignored."""
    return parse_chain(first, data)[0]


def parse_chain(first: int, data: bytes) -> tuple[tuple[Payload, ...], int]:
    """The payload chain and the octets that it takes, padding excluded."""
    reader = Reader(data)
    found = []
    kind = first
    while kind != PayloadType.NONE:
        following = reader.u8()
        if reader.u8():
            raise WireError("reserved octet of a payload is not zero")
        length = reader.u16()
        found.append(Payload(kind, reader.take(length - 4)))
        kind = following
    return tuple(found), reader.offset


def pack_payloads(payloads: Iterable[Payload], last: int = PayloadType.NONE) -> bytes:
    """Payloads with their generic headers; `last` is the next-payload octet of the final one."""
    chain = list(payloads)
    following = [*(payload.kind for payload in chain), last][1:]
    return b"".join(
        bytes((kind, 0)) + (len(payload.body) + 4).to_bytes(2, "big") + payload.body
        for payload, kind in zip(chain, following, strict=True)
    )


def pack_message(header: Header, payloads: Iterable[Payload]) -> bytes:
    """A whole message in clear; its length is put into the header."""
    chain = pack_payloads(payloads)
    return replace(header, length=HEADER_LENGTH + len(chain)).pack() + chain


def find_payload(payloads: Iterable[Payload], kind: int) -> bytes:
    """The body of the only payload of a kind; raises WireError when there is none or more than one."""
    bodies = [payload.body for payload in payloads if payload.kind == kind]
    if len(bodies) != 1:
        raise WireError(f"{len(bodies)} payloads of type {kind} where one is needed")
    return bodies[0]


@dataclass(frozen=True, slots=True)
class Transform:
    """A transform of a proposal."""

    number: int
    transform_id: int
    attributes: tuple[Attribute, ...]

    @classmethod
    def parse(cls, body: bytes) -> Transform:
        """Read a transform payload's body."""
        reader = Reader(body)
        number, transform_id = reader.u8(), reader.u8()
        reader.u16()
        return cls(number, transform_id, parse_attributes(reader.rest()))

    def pack(self) -> bytes:
        """The body."""
        return bytes((self.number, self.transform_id, 0, 0)) + pack_attributes(self.attributes)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with its transforms in the sender's order of preference."""

    number: int
    protocol: int
    spi: bytes
    transforms: tuple[Transform, ...]

    @classmethod
    def parse(cls, body: bytes) -> Proposal:
        """Read a proposal payload's body."""
        reader = Reader(body)
        number, protocol, spi_size, count = reader.u8(), reader.u8(), reader.u8(), reader.u8()
        spi = reader.take(spi_size)
        payloads = parse_payloads(PayloadType.TRANSFORM if count else PayloadType.NONE, reader.rest())
        if len(payloads) != count or any(payload.kind != PayloadType.TRANSFORM for payload in payloads):
            raise WireError("number of transforms")
        return cls(number, protocol, spi, tuple(Transform.parse(payload.body) for payload in payloads))

    def pack(self) -> bytes:
        """The body."""
        head = bytes((self.number, self.protocol, len(self.spi), len(self.transforms))) + self.spi
        return head + pack_payloads(Payload(PayloadType.TRANSFORM, item.pack()) for item in self.transforms)


@dataclass(frozen=True, slots=True)
class SecurityAssociation:
    """The SA payload of phase 1 (not the GDOI form, see `iosemu.wire.gdoi`)."""

    doi: int
    situation: bytes
    proposals: tuple[Proposal, ...]

    @classmethod
    def parse(cls, body: bytes) -> SecurityAssociation:
        """Read an SA payload's body."""
        reader = Reader(body)
        doi, situation = reader.u32(), reader.take(4)
        payloads = parse_payloads(PayloadType.PROPOSAL, reader.rest())
        if any(payload.kind != PayloadType.PROPOSAL for payload in payloads):
            raise WireError("SA payload holds something other than proposals")
        return cls(doi, situation, tuple(Proposal.parse(payload.body) for payload in payloads))

    def pack(self) -> bytes:
        """The body."""
        chain = pack_payloads(Payload(PayloadType.PROPOSAL, item.pack()) for item in self.proposals)
        return self.doi.to_bytes(4, "big") + self.situation + chain


@dataclass(frozen=True, slots=True)
class Identity:
    """The ID payload (RFC 2407 section 4.6.2)."""

    kind: int
    data: bytes
    protocol: int = 0
    port: int = 0

    @classmethod
    def parse(cls, body: bytes) -> Identity:
        """Read an ID payload's body; an address must have its length."""
        reader = Reader(body)
        kind, protocol, port = reader.u8(), reader.u8(), reader.u16()
        data = reader.rest()
        if kind == IdType.IPV4_ADDR and len(data) != 4:
            raise WireError("IPv4 identity without four octets")
        return cls(kind, data, protocol, port)

    def pack(self) -> bytes:
        """The body."""
        return bytes((self.kind, self.protocol)) + self.port.to_bytes(2, "big") + self.data


@dataclass(frozen=True, slots=True)
class Notification:
    """The notification payload (RFC 2408 section 3.14)."""

    doi: int
    protocol: int
    kind: int
    spi: bytes = b""
    data: bytes = b""

    @classmethod
    def parse(cls, body: bytes) -> Notification:
        """Read a notification payload's body."""
        reader = Reader(body)
        doi, protocol, spi_size, kind = reader.u32(), reader.u8(), reader.u8(), reader.u16()
        return cls(doi, protocol, kind, reader.take(spi_size), reader.rest())

    def pack(self) -> bytes:
        """The body."""
        head = self.doi.to_bytes(4, "big") + bytes((self.protocol, len(self.spi)))
        return head + self.kind.to_bytes(2, "big") + self.spi + self.data


@dataclass(frozen=True, slots=True)
class Delete:
    """The delete payload (RFC 2408 section 3.15, RFC 6407 section 5.9)."""

    doi: int
    protocol: int
    spis: tuple[bytes, ...]

    @classmethod
    def parse(cls, body: bytes) -> Delete:
        """Read a delete payload's body."""
        reader = Reader(body)
        doi, protocol, spi_size, count = reader.u32(), reader.u8(), reader.u8(), reader.u16()
        if count * spi_size != reader.remaining:
            raise WireError("number of SPIs in a delete payload")
        return cls(doi, protocol, tuple(reader.take(spi_size) for _ in range(count)))

    def pack(self) -> bytes:
        """The body; all SPIs have one size."""
        size = len(self.spis[0]) if self.spis else 0
        head = self.doi.to_bytes(4, "big") + bytes((self.protocol, size))
        return head + len(self.spis).to_bytes(2, "big") + b"".join(self.spis)
