"""Informational exchanges under a phase 1 SA (RFC 2409 section 5.7), and private ones protected like them."""

from __future__ import annotations

import hmac

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Doi, ExchangeType, Header, Payload, PayloadType, pack_message, pack_payloads
from iosemu.wire.isakmp_payloads import PROTOCOL_ISAKMP, Delete, Notification


def fresh_message_id(sa: IsakmpSa, random: RandomBytes) -> int:
    """A message ID that this SA has not seen, never zero."""
    while True:
        message_id = int.from_bytes(random(4), "big")
        if message_id and message_id not in sa.message_ids:
            sa.message_ids.add(message_id)
            return message_id


def protect(sa: IsakmpSa, payload: Payload, random: RandomBytes, exchange: int = ExchangeType.INFORMATIONAL) -> bytes:
    """HDR*, HASH(1), payload."""
    message_id = fresh_message_id(sa, random)
    digest = sa.prf_a(message_id.to_bytes(4, "big") + pack_payloads([payload]))
    payloads = [Payload(PayloadType.HASH, digest), payload]
    return sa.exchange_cipher(message_id).seal(exchange, message_id, payloads)


def unprotect(sa: IsakmpSa, header: Header, data: bytes) -> tuple[Payload, ...]:
    """The payloads behind HASH(1); raises WireError when it does not verify or its message ID was used before."""
    if header.message_id in sa.message_ids:
        raise WireError("message ID was used before")
    payloads, octets = sa.exchange_cipher(header.message_id).open(header, data)
    if not payloads or payloads[0].kind != PayloadType.HASH:
        raise WireError("message without HASH(1)")
    covered = octets[4 + len(payloads[0].body) :]
    if not hmac.compare_digest(payloads[0].body, sa.prf_a(header.message_id.to_bytes(4, "big") + covered)):
        raise WireError("HASH(1) is wrong")
    sa.message_ids.add(header.message_id)
    return payloads[1:]


def clear_notification(sa: IsakmpSa, kind: int) -> bytes:
    """A notification outside any SA; the receiver may only take it as a hint."""
    body = Notification(Doi.IPSEC, PROTOCOL_ISAKMP, kind).pack()
    header = Header(sa.initiator_cookie, sa.responder_cookie, PayloadType.NOTIFY, ExchangeType.INFORMATIONAL, 0, 0)
    return pack_message(header, [Payload(PayloadType.NOTIFY, body)])


def delete_payload(sa: IsakmpSa) -> Payload:
    """A delete of the SA itself."""
    return Payload(PayloadType.DELETE, Delete(Doi.IPSEC, PROTOCOL_ISAKMP, (sa.cookies,)).pack())
