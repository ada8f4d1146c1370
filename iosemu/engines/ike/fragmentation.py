"""IKE fragments: a message in several datagrams, for paths that lose IP fragments.

Payload 132, one per datagram: fragment ID (2 octets), number from 1 (1), flags (1; 1 marks the last), data. All
fragments joined are the message with its own header.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.engines.common import Endpoint
from iosemu.wire.buffer import Reader
from iosemu.wire.isakmp import HEADER_LENGTH, Header, Payload, PayloadType, pack_payloads, parse_payloads

# Octets of a message that still goes in one datagram.
FRAGMENT_SIZE = 1280
_LAST = 1
_HEADERS = HEADER_LENGTH + 8
_MAXIMUM_FRAGMENTS = 64
_MAXIMUM_MESSAGES = 64


def split(message: bytes, fragment_id: int) -> list[bytes]:
    """The datagrams of a message; itself when it is small enough."""
    if len(message) <= FRAGMENT_SIZE:
        return [message]
    header = Header.parse(message)
    size = FRAGMENT_SIZE - _HEADERS
    pieces = [message[start : start + size] for start in range(0, len(message), size)]
    return [
        _fragment(header, fragment_id, number, _LAST if number == len(pieces) else 0, piece)
        for number, piece in enumerate(pieces, start=1)
    ]


def _fragment(header: Header, fragment_id: int, number: int, flags: int, data: bytes) -> bytes:
    body = fragment_id.to_bytes(2, "big") + bytes((number, flags)) + data
    chain = pack_payloads([Payload(PayloadType.FRAGMENT, body)])
    outer = Header(
        header.initiator_cookie,
        header.responder_cookie,
        PayloadType.FRAGMENT,
        header.exchange,
        0,
        header.message_id,
        HEADER_LENGTH + len(chain),
    )
    return outer.pack() + chain


@dataclass(slots=True)
class Reassembly:
    """Messages in the making, one per peer and cookie pair; the oldest gives way when there are too many."""

    _parts: dict[tuple[Endpoint, bytes, int], dict[int, tuple[bool, bytes]]] = field(default_factory=dict)

    def add(self, source: Endpoint, header: Header, data: bytes) -> bytes | None:
        """Take a fragment; the whole message when it was the missing one. Raises WireError."""
        reader = Reader(parse_payloads(header.next_payload, data[HEADER_LENGTH:])[0].body)
        fragment_id, number, flags = reader.u16(), reader.u8(), reader.u8()
        key = source, header.cookies, fragment_id
        parts = self._parts.setdefault(key, {})
        if 1 <= number <= _MAXIMUM_FRAGMENTS:
            parts[number] = bool(flags & _LAST), reader.rest()
        if len(self._parts) > _MAXIMUM_MESSAGES:
            del self._parts[next(iter(self._parts))]
        last = next((number for number, (is_last, _) in parts.items() if is_last), 0)
        if not last or any(number not in parts for number in range(1, last + 1)):
            return None
        del self._parts[key]
        return b"".join(parts[number][1] for number in range(1, last + 1))
