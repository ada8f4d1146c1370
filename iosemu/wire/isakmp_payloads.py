"""Payloads of ISAKMP: proposals, identities, notifications, deletions (RFC 2408 section 3, RFC 2407 section 4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.wire.attributes import Attribute, pack_attributes, parse_attributes
from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Payload, PayloadType, pack_payloads, parse_payloads

PROTOCOL_ISAKMP = 1
KEY_IKE = 1


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
