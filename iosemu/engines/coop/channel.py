"""Messages of key servers under their phase 1 SA: protected as informational exchanges are, in parts when they are
large (docs/coop-protocol.md section 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.ike import informational
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.coop import MAXIMUM_MESSAGE
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import ExchangeType, Header, Payload, PayloadType, find_payload

# Octets of a message in one datagram: with all headers it stays below what every path carries.
PART_SIZE = 1100
MAXIMUM_PARTS = -(-MAXIMUM_MESSAGE // PART_SIZE)
# Messages of one peer of which parts are missing still.
MAXIMUM_OPEN = 8
_HEAD = struct.Struct("!IBB")


def seal(sa: IsakmpSa, number: int, message: bytes, random: RandomBytes) -> list[bytes]:
    """The datagrams of a message; `number` tells it apart from the sender's others."""
    pieces = [message[start : start + PART_SIZE] for start in range(0, max(1, len(message)), PART_SIZE)]
    return [
        informational.protect(
            sa, Payload(PayloadType.COOP, _HEAD.pack(number, index, len(pieces)) + piece), random, ExchangeType.COOP
        )
        for index, piece in enumerate(pieces)
    ]


@dataclass(slots=True)
class _Parts:
    total: int
    pieces: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Inbox:
    """Opens datagrams and puts the parts of messages together, for all peers."""

    _open: dict[tuple[bytes, int], _Parts] = field(default_factory=dict)

    def open(self, sa: IsakmpSa, header: Header, data: bytes) -> bytes | None:
        """The message that a datagram completes, None while parts are missing; raises WireError for a datagram that
        is forged, repeated or malformed."""
        body = find_payload(informational.unprotect(sa, header, data), PayloadType.COOP)
        if len(body) < _HEAD.size:
            raise WireError("part of a message without its head")
        number, index, total = _HEAD.unpack_from(body)
        if not index < total <= MAXIMUM_PARTS:
            raise WireError(f"part {index} of {total}")
        key = sa.cookies, number
        parts = self._open.setdefault(key, _Parts(total))
        if parts.total != total:
            raise WireError("parts of one message disagree on their number")
        parts.pieces[index] = body[_HEAD.size :]
        if len(parts.pieces) == total:
            del self._open[key]
            return b"".join(parts.pieces[place] for place in range(total))
        self._limit(sa.cookies)
        return None

    def forget(self, sa: IsakmpSa) -> None:
        """An SA is gone."""
        for key in [key for key in self._open if key[0] == sa.cookies]:
            del self._open[key]

    def _limit(self, cookies: bytes) -> None:
        """The oldest of a peer gives way when parts are lost."""
        open_now = [key for key in self._open if key[0] == cookies]
        if len(open_now) > MAXIMUM_OPEN:
            del self._open[open_now[0]]
