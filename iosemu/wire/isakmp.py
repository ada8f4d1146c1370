"""The ISAKMP header and the chain of payloads behind it (RFC 2408 section 3); what is in them: isakmp_payloads.py."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError

ISAKMP_PORT = 500
HEADER_LENGTH = 28
VERSION_1_0 = 0x10
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
