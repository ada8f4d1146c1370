"""GROUPKEY-PUSH-ACK (RFC 8263)."""

from __future__ import annotations

import hmac
from ipaddress import IPv4Address

from iosemu.crypto.suites import HASHES
from iosemu.engines.gdoi.keys import Kek
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import pack_sequence, parse_sequence
from iosemu.wire.isakmp import ExchangeType, Header, Payload, PayloadType, find_payload, pack_payloads, parse_payloads
from iosemu.wire.isakmp_payloads import Identity, IdType

_LABEL = b"GROUPKEY-PUSH ACK\x00"
# The RFC calls L the bits of the key derived, and in the next sentence gives the block size. We send the latter.
_LENGTHS = (512, 256)


def build(kek: Kek, sequence: int, address: IPv4Address) -> bytes:
    """HDR, HASH, SEQ, ID; `address` is the source of the member's last registration."""
    covered = pack_payloads(_covered(sequence, address))
    digest = HASHES["sha256"].hmac(_ack_key(kek, _LENGTHS[0]), covered)
    chain = pack_payloads([Payload(PayloadType.HASH, digest), *_covered(sequence, address)])
    header = Header(kek.spi[:8], kek.spi[8:], PayloadType.HASH, ExchangeType.GROUPKEY_PUSH_ACK, 0, 0, 28 + len(chain))
    return header.pack() + chain


def verify(kek: Kek, header: Header, data: bytes) -> tuple[int, IPv4Address]:
    """Sequence number and member of an acknowledgement; raises WireError when it is not genuine."""
    if header.flags or header.message_id:
        raise WireError("flags or message ID of an acknowledgement")
    payloads = parse_payloads(header.next_payload, data[28:])
    if [payload.kind for payload in payloads] != [PayloadType.HASH, PayloadType.SEQ, PayloadType.ID]:
        raise WireError("payloads of an acknowledgement")
    sequence = parse_sequence(find_payload(payloads, PayloadType.SEQ))
    identity = Identity.parse(payloads[2].body)
    if identity.kind != IdType.IPV4_ADDR:
        raise WireError("identity of an acknowledgement")
    covered = data[28 + 4 + len(payloads[0].body) :]
    expected = [HASHES["sha256"].hmac(_ack_key(kek, length), covered) for length in _LENGTHS]
    if not any(hmac.compare_digest(payloads[0].body, digest) for digest in expected):
        raise WireError("HASH of an acknowledgement is wrong")
    return sequence, IPv4Address(identity.data)


def _covered(sequence: int, address: IPv4Address) -> list[Payload]:
    return [
        Payload(PayloadType.SEQ, pack_sequence(sequence)),
        Payload(PayloadType.ID, Identity(IdType.IPV4_ADDR, address.packed).pack()),
    ]


def _ack_key(kek: Kek, length: int) -> bytes:
    return HASHES["sha256"].hmac(kek.key, _LABEL + kek.spi + length.to_bytes(2, "big"))
